"""How well the rules on figures find incidents that were planted into the last month of a simulated shop.

python -m benchmarks.alerts [--json] [--size medium]

The shop's minutes are made in memory. Every hour of day is as likely for an incident as any other, also those
in which a shop sells too little for a rule to say anything.
"""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from benchmarks.report import Result, show
from simulator.history.clickstream import clickstream, order_origins
from simulator.history.generate import History, generate_history
from simulator.history.returns import STATUSES
from simulator.parameters import CLICKSTREAM_DAYS
from simulator.plan import make_plan
from simulator.randomness import Ints
from tradewind.serving.alerts import rules
from tradewind.serving.alerts.backtest import Incident, Minutes, replay, score

UNTIL = dt.date(2025, 10, 1)
DAYS, TESTED_DAYS = 60, 30
SIZE, SEED = "medium", 1
ZONE = ZoneInfo("UTC")
INCIDENT_HOURS = 2
MINUTES = 24 * 60
"""Of a day."""
WEEKS_KNOWN = dt.timedelta(weeks=3)
"""A rule that compares needs so much history."""

Series = npt.NDArray[np.float64]
ORDERS, REVENUE = "rt.rt_order_metrics", "rt.rt_revenue_per_minute"
EVENTS, FUNNEL = "rt.rt_events_per_minute", "rt.rt_funnel_metrics"


@dataclass(frozen=True)
class Kind:
    """What goes wrong: the factor on columns of marts, and the rules that should notice."""

    name: str
    factors: dict[tuple[str, str], float]
    rules: frozenset[str]


KINDS = (
    Kind(
        "the site is down",
        {
            (ORDERS, "order_count"): 0, (REVENUE, "revenue"): 0, (EVENTS, "event_count"): 0,
            (FUNNEL, "views"): 0, (FUNNEL, "purchases"): 0,
        },
        frozenset({"no_purchases", "revenue_is_unusual", "traffic_is_unusual"}),
    ),
    Kind(
        "the checkout is broken",
        {(ORDERS, "order_count"): 0, (REVENUE, "revenue"): 0, (FUNNEL, "purchases"): 0},
        frozenset({"no_purchases", "revenue_is_unusual", "conversion_is_low"}),
    ),
    Kind("payments fail", {(REVENUE, "revenue"): 0}, frozenset({"revenue_is_unusual"})),
    Kind(
        "a wrong price sells out",
        {(ORDERS, "order_count"): 5, (REVENUE, "revenue"): 5, (FUNNEL, "purchases"): 5},
        frozenset({"revenue_is_unusual"}),
    ),
    Kind("bots flood the site", {(EVENTS, "event_count"): 4}, frozenset({"traffic_is_unusual"})),
)  # fmt: skip


def measure(size: str = SIZE) -> dict[str, Result]:
    """Per rule: incidents, alerts, recall, precision, and how long it took."""
    today = dt.datetime.now(dt.UTC).date()
    history = generate_history(make_plan(size, SEED, DAYS, UNTIL, today))
    series = minutes(history)
    end = moment(history.plan.end)
    start = end - dt.timedelta(days=TESTED_DAYS)
    incidents = plant(history, series, start)
    marts = {
        table: Minutes(moment(history.plan.start), {c: s for (t, c), s in series.items() if t == table})
        for table in {table for table, _ in series}
    }
    clicks_known = end - dt.timedelta(days=CLICKSTREAM_DAYS) + WEEKS_KNOWN
    results = {}
    for rule in rules.read():
        if rule.figure is None:
            continue
        # The shop keeps a month of visits, so traffic is compared in its last days.
        first = clicks_known if rule.figure.table in (EVENTS, FUNNEL) else start
        fired = replay(rule, marts, first, end, ZONE)
        within = [incident for incident in incidents if incident.start >= first]
        results[f"{rule.name}, {size}"] = figures(rule, fired, within)
    return results


def figures(rule: rules.Rule, fired: Sequence[dt.datetime], incidents: Sequence[Incident]) -> Result:
    """A rule's score; what cannot be said is left out."""
    found = score(rule, fired, incidents)
    shares = {"recall_percent": found.recall, "precision_percent": found.precision}
    result: Result = {"incidents": found.incidents, "found": found.found, "alerts": found.alerts}
    result |= {name: 100 * share for name, share in shares.items() if share is not None}
    if found.median_seconds is not None:
        result |= {"median_s": found.median_seconds, "longest_s": max(found.seconds)}
    return result


def minutes(history: History) -> dict[tuple[str, str], Series]:
    """The columns that rules read, by table and name, of every minute of the plan."""
    orders = history.orders
    placed = orders.moment[~orders.is_test]
    return {
        (ORDERS, "order_count"): per_minute(history, placed),
        (REVENUE, "revenue"): received(history) - refunded(history),
        **clicks(history),
    }


def received(history: History) -> Series:
    """Captured payments in the reporting currency."""
    rows = history.payment_rows
    used = (rows.captured >= 0) & ~history.orders.is_test[rows.order]
    order, at = rows.order[used], rows.captured[used]
    return per_minute(history, at, reported(history, history.amounts.total[order], order, at))


def refunded(history: History) -> Series:
    """Refunds in the reporting currency."""
    rows = history.return_rows
    used = (rows.status == STATUSES.index("refunded")) & ~history.orders.is_test[rows.order]
    order, at = rows.order[used], rows.refunded[used]
    return per_minute(history, at, reported(history, rows.refund[used], order, at))


def reported(history: History, hundredths: Ints, order: Ints, at: Ints) -> Series:
    """Amounts of orders in the reporting currency, at the rates of a moment."""
    rates, country = history.world.rates, history.orders.country[order]
    return rates.reported(hundredths, country, at).astype(np.float64) / 100


def clicks(history: History) -> dict[tuple[str, str], Series]:
    """Events, views and purchases of the clickstream; bots are among the events alone."""
    empty = np.zeros(history.plan.days * MINUTES)
    found = {(EVENTS, "event_count"): empty, (FUNNEL, "views"): empty, (FUNNEL, "purchases"): empty}
    for name, table in clickstream(history, order_origins(history), workers=1):
        if name != "user_events":
            continue
        at = table["occurred_at"].cast("int64").to_numpy()
        kind, of_people = np.array(table["event_type"]), ~np.array(table["is_bot"])
        wanted = {
            "event_count": np.full(len(at), True),
            "views": of_people & (kind == "product_view"),
            "purchases": of_people & (kind == "purchase"),
        }
        for mart, column in found:
            found[mart, column] = found[mart, column] + per_minute(history, at[wanted[column]])
    return found


def per_minute(history: History, seconds: Ints, amounts: Series | None = None) -> Series:
    """The number of moments in each minute of the plan, or the sum of their amounts."""
    plan = history.plan
    length = plan.days * MINUTES
    place = (seconds - plan.start) // 60
    inside = (place >= 0) & (place < length)
    weights = None if amounts is None else amounts[inside]
    return np.bincount(place[inside], weights, minlength=length).astype(np.float64)


def plant(history: History, series: dict[tuple[str, str], Series], start: dt.datetime) -> list[Incident]:
    """Change the series by one incident a day, of all kinds in turn, each at a random time."""
    drawn = np.random.default_rng(SEED)
    incidents = []
    for day in range(TESTED_DAYS):
        kind = KINDS[day % len(KINDS)]
        begin = start + dt.timedelta(days=day, minutes=int(drawn.integers(0, (24 - INCIDENT_HOURS) * 60)))
        first = (int(begin.timestamp()) - history.plan.start) // 60
        for key, factor in kind.factors.items():
            if key[0] == EVENTS and begin < start + WEEKS_KNOWN:
                continue  # what is usual must be known before something is not
            series[key][first : first + INCIDENT_HOURS * 60] *= factor
        over = begin + dt.timedelta(hours=INCIDENT_HOURS)
        incidents.append(Incident(f"{kind.name}, day {day + 1}", begin, over, kind.rules))
    return incidents


def moment(seconds: int) -> dt.datetime:
    """Seconds since 1970 as a time."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.alerts", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--size", default=SIZE, choices=("medium", "large"), help="of the simulated shop")
    arguments = parser.parse_args()
    show(measure(arguments.size), arguments.json)


if __name__ == "__main__":
    main()
