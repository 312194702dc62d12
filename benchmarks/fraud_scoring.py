"""How long a purchase takes from its commit until its fraud score can be read, beside a running simulator.

A purchase is one commit of an order, its line and its first payment by card, of accounts and devices that
the shop knows. Everything is the product's own, in a home of its own: simulator, capture, near-real-time
states and the scoring service; the client that looks for scores asks every 10 ms over HTTP.

    python -m benchmarks.fraud_scoring [--json] [--rate PURCHASES_PER_SECOND] [--seconds N] [--size SIZE]
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import statistics
import threading
import time
from dataclasses import dataclass
from multiprocessing.sharedctypes import SynchronizedArray
from pathlib import Path

import psycopg

from benchmarks.batch import Home, new_home
from benchmarks.report import Result, machine, show
from connectors.bronze.warehouse_http import WarehouseHttp
from tradewind.ml.fraud.scoring import Status, read_status
from tradewind.settings import Endpoint

RATE, SECONDS, WARM_UP_SECONDS, POLL_SECONDS, PATIENCE_SECONDS = 30.0, 60.0, 10.0, 0.01, 120.0
FIRST_ORDER = 2_000_000_000
KNOWN = """
select order_id from orders join payments using (order_id)
where user_id is not null and device_fingerprint is not null and not is_test and orders.discount_amount = 0
    and sequence_number = 1 and card_fingerprint is not null and payments.status = 'captured'
    and not exists (
        select from order_items
        where order_items.order_id = orders.order_id and (flash_sale_id is not null or discount_amount > 0)
    )
order by order_id desc limit 2000
"""
"""Orders that are placed once more."""
PURCHASE = (
    """
    insert into orders (
        order_id, customer_id, user_id, channel, status, currency, subtotal_amount, shipping_amount,
        tax_amount, total_amount, ship_to_city, ship_to_country, device_fingerprint, ip_address, ordered_at,
        status_changed_at)
    select %(new)s, customer_id, user_id, channel, 'pending', currency, subtotal_amount, shipping_amount,
        tax_amount, total_amount, ship_to_city, ship_to_country, device_fingerprint, ip_address,
        date_trunc('second', now()), date_trunc('second', now())
    from orders where order_id = %(known)s
    """,
    """
    insert into order_items (
        order_id, line_number, sku_id, product_id, seller_id, quantity, unit_price, unit_cost,
        shipping_amount, tax_amount)
    select %(new)s, line_number, sku_id, product_id, seller_id, quantity, unit_price, unit_cost,
        shipping_amount, tax_amount
    from order_items where order_id = %(known)s
    """,
    """
    insert into payments (
        order_id, sequence_number, method, gateway, status, currency, amount, fee_amount, card_country,
        card_fingerprint, attempted_at, captured_at)
    select %(new)s, 1, method, gateway, 'captured', currency, amount, fee_amount, card_country,
        card_fingerprint, date_trunc('second', now()) + interval '1 millisecond', now() + interval '1 second'
    from payments where order_id = %(known)s and sequence_number = 1
    """,
)
NEXT = "select greatest(max(order_id) + 1, %s) from orders"
SEEN = """\
select order_id from ml.fraud_scores
where order_id >= {first} and toUnixTimestamp64Micro(judged_at) % 1000000 = 1000
    and made_at > now64(6, 'UTC') - interval 5 second
format TSV"""
"""The scores that know the payment: they are judged a millisecond later."""


@dataclass(frozen=True)
class Purchases:
    """What is committed; `committed[n]` is when the nth commit returned, in seconds since 1970."""

    url: str
    first: int
    """The first one's order."""
    rate: float
    count: int

    def write(self, committed: SynchronizedArray[float]) -> None:
        """Commit them, at the rate."""
        chosen = random.Random(1)
        with psycopg.connect(self.url) as shop:
            known = [order for (order,) in shop.execute(KNOWN).fetchall()]
            shop.commit()
            started = time.time()
            for number in range(self.count):
                time.sleep(max(0.0, started + number / self.rate - time.time()))
                names = {"new": self.first + number, "known": chosen.choice(known)}
                with shop.pipeline():
                    for statement in PURCHASE:
                        shop.execute(statement, names, prepare=True)
                shop.commit()
                committed[number] = time.time()


class Watcher:
    """Looks for scores, and remembers when each was seen first."""

    def __init__(self, url: str, first: int) -> None:
        """first: the order from which on they are looked for."""
        endpoint = Endpoint(url)
        self._first = first
        self._stopping = threading.Event()
        self._client = WarehouseHttp(endpoint, self._stopping, PATIENCE_SECONDS)
        self.seen: dict[int, float] = {}
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._stopping.is_set():
            asked = time.time()
            found = self._client.run(SEEN.format(first=self._first))
            now = time.time()
            for line in found.split():
                self.seen.setdefault(int(line) - self._first, now)
            self._stopping.wait(max(0.0, asked + POLL_SECONDS - time.time()))

    def stop(self) -> None:
        """Look no more."""
        self._stopping.set()
        self._thread.join()


def measure(rate: float = RATE, seconds: float = SECONDS, size: str = "medium") -> dict[str, Result]:
    """From a new shop to the figures."""
    with new_home() as home:
        home.tradewind("up")
        home.tradewind("source", "seed", "--size", size)
        home.tradewind("build")
        home.tradewind("ml", "train", "fraud")
        home.tradewind("up", "--simulate", "NormalDay", "--rate", "50")
        home.enter()
        return measure_running(home, rate, seconds)


def measure_running(home: Home, rate: float, seconds: float) -> dict[str, Result]:
    """The figures of a stack that runs, with a champion and a simulator."""
    folder = Path(home.environment["TRADEWIND_HOME"]) / "fraud-scoring"
    wait_until_scoring(folder)
    count = int(rate * (seconds + WARM_UP_SECONDS))
    context = multiprocessing.get_context("spawn")
    committed: SynchronizedArray[float] = context.Array("d", count)
    url = home.environment["DATABASE_URL"]
    with psycopg.connect(url) as shop:
        [(order,)] = shop.execute(NEXT, (FIRST_ORDER,)).fetchall()
    purchases = Purchases(url, order, rate, count)
    watcher = Watcher(home.environment["CLICKHOUSE_WRITER_URL"], order)
    try:
        writer = context.Process(target=purchases.write, args=(committed,))
        writer.start()
        writer.join()
        if writer.exitcode:
            raise RuntimeError("the writer failed; its error is above")
        end = time.monotonic() + PATIENCE_SECONDS
        while len(watcher.seen) < count and time.monotonic() < end:
            time.sleep(0.1)
    finally:
        watcher.stop()
    first = int(rate * WARM_UP_SECONDS)
    took = [1_000 * (watcher.seen[n] - committed[n]) for n in range(first, count) if n in watcher.seen]
    status = wait_until_scoring(folder)
    return {
        f"{rate:g} purchases/s: commit to score": spread(took)
        | {"purchases": float(count - first), "without_score": float(count - first - len(took))},
        f"{rate:g} purchases/s: scoring step": {"p50_ms": status.step_median_ms, "p99_ms": status.step_ms},
    }


def wait_until_scoring(folder: Path) -> Status:
    """The service's status, once it scores and has nothing left over."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        status = read_status(folder)
        if status is not None and status.state == "scoring" and status.waiting == 0:
            return status
        time.sleep(0.5)
    raise RuntimeError(f"the service does not score: {read_status(folder)}")


def spread(times: list[float]) -> Result:
    """Median and tail of times in milliseconds."""
    cuts = statistics.quantiles(times, n=100)
    return {"p50_ms": cuts[49], "p95_ms": cuts[94], "p99_ms": cuts[98], "max_ms": max(times)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fraud_scoring", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rate", type=float, default=RATE, help="purchases per second")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="how long, after the warm-up")
    parser.add_argument("--size", default="medium", help="of the shop's history")
    arguments = parser.parse_args()
    if not arguments.json:
        print(machine())
    show(measure(arguments.rate, arguments.seconds, arguments.size), arguments.json)


if __name__ == "__main__":
    main()
