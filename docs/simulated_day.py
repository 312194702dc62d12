"""Draw the pictures of docs/simulated-day.md from a simulated shop.

A PostgreSQL of its own is started, seeded with a history, and lives through a flash sale and an attack.

    make pictures
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import psycopg
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator import parameters, seed
from simulator.live.decisions.engine import Plan
from simulator.live.run import Run
from simulator.live.scenarios import SCENARIOS, parse_schedule
from simulator.plan import make_plan
from tests.fixtures.postgres import RunningPostgres, free_port
from tradewind.marketplace import schema
from tradewind.settings import PROJECT_ROOT
from tradewind.stack import postgres as server

PICTURES = PROJECT_ROOT / "docs" / "pictures"
SEED = 1
LIVE_RATE = 300
SALE_BEGINS, SALE_LASTS, RUN_LASTS = 60, 60, 180
ATTACK_LASTS, ATTACK_PEOPLE = 120, 1_500
BANGKOK_HOURS = 7
COLOURS = ("#1f4e79", "#2e86ab", "#59a5d8", "#8fd3c1", "#f6ae2d", "#f26419", "#86608e")
INK, GREY, RED = "#22303c", "#b8c1c9", "#c8313c"
ATTACK_COLOURS = dict(
    zip(parameters.ATTACK_KINDS, ("#c8313c", "#f26419", "#f6ae2d", "#86608e", "#2e86ab"), strict=True)
)
Rows = list[tuple[Any, ...]]


def draw_all(shop: RunningPostgres) -> None:
    """Every picture; the shop's history first, then its live runs."""
    history = _Shop(shop)
    traffic(history)
    funnel(history)
    order_values(history)
    slots = parse_schedule(f"FlashSale@{SALE_BEGINS}s+{SALE_LASTS}s", RUN_LASTS)
    _live(shop, Plan(SCENARIOS["NormalDay"], LIVE_RATE, SEED, duration=RUN_LASTS, slots=slots))
    flash_sale(_Shop(shop))
    begun = dt.datetime.now(dt.UTC)
    _live(shop, Plan(SCENARIOS["FraudAttack"], LIVE_RATE, SEED, users=ATTACK_PEOPLE, duration=ATTACK_LASTS))
    attack(_Shop(shop), begun)


class _Shop:
    """Questions to the shop's database."""

    def __init__(self, shop: RunningPostgres) -> None:
        self._url = shop.owner_url

    def ask(self, query: str, **values: object) -> Rows:
        with psycopg.connect(self._url) as connection:
            connection.execute("set timezone = 'UTC'")
            return connection.execute(query.encode(), values).fetchall()


def traffic(shop: _Shop) -> None:
    """Events by hour and country, the mean of the clickstream's days."""
    rows = shop.ask(
        "select extract(hour from occurred_at)::int, country, count(*) "
        "from user_events where not is_bot group by 1, 2"
    )
    days = parameters.CLICKSTREAM_DAYS
    per_hour = {country: [0.0] * 24 for country in parameters.COUNTRIES}
    for hour, country, events in rows:
        if country in per_hour:
            per_hour[country][hour] += events / days
    figure, axes = _canvas("Events per hour and country: lunch and the late evening, wherever people live")
    axes.stackplot(range(24), list(per_hour.values()), labels=list(per_hour), colors=COLOURS)
    axes.set(xlim=(0, 23), xlabel="hour of the day in UTC (above: in Bangkok)", ylabel="events per hour")
    axes.set_xticks(range(0, 24, 3))
    above = axes.secondary_xaxis("top")
    above.set_xticks(range(0, 24, 3), [f"{(hour + BANGKOK_HOURS) % 24}" for hour in range(0, 24, 3)])
    axes.legend(loc="upper right", ncols=2, frameon=False)
    _save(figure, "simulated-traffic")


def funnel(shop: _Shop) -> None:
    """Human sessions by how far they get."""
    steps = {
        "visit": "true",
        "look at a product": "bool_or(event_type = 'product_view')",
        "fill a cart": "bool_or(event_type = 'add_to_cart')",
        "check out": "bool_or(event_type = 'checkout_start')",
        "buy": "bool_or(event_type = 'purchase')",
    }
    asked = ", ".join(f"count(*) filter (where step_{number})" for number in range(len(steps)))
    kept = ", ".join(f"{step} as step_{number}" for number, step in enumerate(steps.values()))
    (counts,) = shop.ask(
        f"select {asked} from (select {kept} from user_events where not is_bot group by session_id) as visits"  # noqa: S608
    )
    figure, axes = _canvas(f"How far {counts[0]:,} visits get")
    bars = axes.barh(list(steps)[::-1], counts[::-1], color=COLOURS[1], height=0.62)
    shares = [f"{count:,}   {count / counts[0]:.1%}" for count in counts[::-1]]
    axes.bar_label(bars, shares, padding=6, color=INK)
    axes.set(xlim=(0, counts[0] * 1.2))
    axes.xaxis.set_visible(False)
    axes.spines["bottom"].set_visible(False)
    _save(figure, "simulated-funnel")


def order_values(shop: _Shop) -> None:
    """Values of orders in US dollars, on a logarithmic axis."""
    rows = shop.ask(
        "select rules.in_reporting_currency(total_amount, currency, ordered_at)::float8 "
        "from orders where not is_test"
    )
    values = sorted(value for (value,) in rows if value > 0)
    middle, mean = values[len(values) // 2], sum(values) / len(values)
    edges = [10 ** (exponent / 12) for exponent in range(0, 37)]
    figure, axes = _canvas(
        f"Values of {len(values):,} orders: half are below {middle:.0f} USD, the mean is {mean:.0f}"
    )
    axes.hist(values, bins=edges, color=COLOURS[2], edgecolor="white", linewidth=0.6)
    axes.set_xscale("log")
    axes.set_xticks([1, 3, 10, 30, 100, 300, 1000], ["1", "3", "10", "30", "100", "300", "1,000"])
    axes.minorticks_off()
    for value, label, side in ((middle, "median", "right"), (mean, "mean", "left")):
        axes.axvline(value, color=RED, linewidth=1.2)
        shift = 5 if side == "left" else -5
        top = (value, axes.get_ylim()[1])
        axes.annotate(label, top, (shift, -12), textcoords="offset points", color=RED, ha=side)
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.set(xlabel="order value in USD", ylabel="orders")
    _save(figure, "simulated-order-values")


def flash_sale(shop: _Shop) -> None:
    """A SKU's stock and the shop's orders through a flash sale."""
    ((sku, price, sale_price, quota, sold, begun, ended),) = shop.ask(
        "select sku_id, price, sale_price, quota, sold_count, starts_at, ends_at "
        "from flash_sales join product_skus using (sku_id) "
        "where starts_at > now() - interval '1 hour' order by sold_count desc, sku_id limit 1"
    )
    start = begun - dt.timedelta(seconds=SALE_BEGINS)
    moves = shop.ask(
        "select extract(epoch from moved_at - %(start)s)::float8, "
        "sum(quantity_change) over (order by moved_at, log_id) "
        "from inventory_log where sku_id = %(sku)s order by moved_at, log_id",
        start=start,
        sku=sku,
    )
    orders = shop.ask(
        "select extract(epoch from ordered_at - %(start)s)::float8 from orders where ordered_at >= %(start)s",
        start=start,
    )
    figure, (stock, rate) = _canvas(
        f"A flash sale: a SKU at {sale_price:,.0f} THB, not {price:,.0f}; {sold} of {quota} pieces go",
        rows=2,
    )
    before = [pieces for moment, pieces in moves if moment <= 0] or [0]
    inside = [(moment, pieces) for moment, pieces in moves if 0 < moment <= RUN_LASTS]
    times, pieces = [0.0, *(at for at, _ in inside), RUN_LASTS], [before[-1], *(each for _, each in inside)]
    stock.step(times, [*pieces, pieces[-1]], where="post", color=COLOURS[0], linewidth=1.8)
    stock.set(ylabel="pieces in stock", ylim=(0, max(pieces) * 1.12))
    rate.hist(
        [at for (at,) in orders],
        bins=range(0, RUN_LASTS + 1, 5),
        weights=[0.2] * len(orders),
        color=COLOURS[2],
        edgecolor="white",
    )
    rate.set(xlabel="seconds", ylabel="orders per second", xlim=(0, RUN_LASTS))
    length = (ended - begun).total_seconds()
    for axes in (stock, rate):
        axes.axvspan(SALE_BEGINS, SALE_BEGINS + length, color=COLOURS[4], alpha=0.18, linewidth=0)
    stock.annotate(
        "flash sale", (SALE_BEGINS, stock.get_ylim()[1]), (5, -13), textcoords="offset points", color=INK
    )
    _save(figure, "simulated-flash-sale")


def attack(shop: _Shop, begun: dt.datetime) -> None:
    """Orders of a run by account, those of attacks in colour."""
    rows = shop.ask(
        "select extract(epoch from ordered_at - %(begun)s)::float8, "
        "rules.in_reporting_currency(total_amount, currency, ordered_at)::float8, attack_kind "
        "from orders left join labels.fraud_labels using (order_id) "
        "left join labels.attacks using (attack_id) "
        "where ordered_at >= %(begun)s and orders.session_id is not null order by ordered_at",
        begun=begun,
    )
    marked = sum(kind is not None for _, _, kind in rows)
    figure, axes = _canvas(f"Attacks among ordinary orders: {marked} of {len(rows)} orders carry a label")
    _points(axes, [row for row in rows if row[2] is None], GREY, "ordinary")
    for kind, colour in ATTACK_COLOURS.items():
        _points(axes, [row for row in rows if row[2] == kind], colour, kind.replace("_", " "))
    axes.set_yscale("log")
    axes.set_yticks([1, 10, 100, 1000], ["1", "10", "100", "1,000"])
    axes.minorticks_off()
    axes.set(xlabel="seconds", ylabel="order value in USD", xlim=(0, ATTACK_LASTS))
    axes.legend(
        loc="upper center",
        bbox_to_anchor=(0.5, -0.16),
        ncols=6,
        frameon=False,
        handletextpad=0.2,
        columnspacing=1.2,
    )
    _save(figure, "simulated-attack")


def _points(axes: Axes, rows: Rows, colour: str, label: str) -> None:
    size = 16 if label == "ordinary" else 42
    axes.scatter(
        [row[0] for row in rows], [row[1] for row in rows], s=size, color=colour, label=label, linewidths=0
    )


def _canvas(title: str, rows: int = 1) -> tuple[Figure, Any]:
    figure, axes = plt.subplots(
        rows, 1, figsize=(9, 4.2 + (rows - 1) * 1.4), sharex=rows > 1, layout="constrained"
    )
    figure.suptitle(title, x=0.01, ha="left", color=INK, fontsize=12, fontweight="bold")
    return figure, axes


def _save(figure: Figure, name: str) -> None:
    figure.savefig(PICTURES / f"{name}.png", dpi=110)
    plt.close(figure)


def _live(shop: RunningPostgres, plan: Plan) -> None:
    Run(plan, shop.app_url).run()


@contextmanager
def _shop(size: str) -> Iterator[RunningPostgres]:
    with tempfile.TemporaryDirectory(prefix="tradewind-pictures-") as scratch:
        Path(scratch).chmod(0o711)
        shop = RunningPostgres(Path(scratch) / "postgres", free_port())
        server.prepare(shop.data, shop.passwords)
        shop.start()
        try:
            schema.init(shop.owner_url)
            seed.seed(shop.owner_url, make_plan(size, SEED, None, None, dt.datetime.now(dt.UTC).date()))
            yield shop
        finally:
            shop.stop()


def main() -> None:
    """Draw everything into docs/pictures/."""
    parser = argparse.ArgumentParser(prog="python -m docs.simulated_day", description=__doc__)
    parser.add_argument("--size", choices=parameters.SIZES, default="medium", help="how large a shop")
    mpl.use("agg")
    plt.rcParams.update(
        {
            "font.size": 10,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.edgecolor": GREY,
            "axes.labelcolor": INK,
            "xtick.color": INK,
            "ytick.color": INK,
        }
    )
    with _shop(parser.parse_args().size) as shop:
        draw_all(shop)


if __name__ == "__main__":
    main()
