"""How much live traffic the simulator writes: the stated rate, a flash sale, and as much as goes.

PostgreSQL (or MariaDB) is started here on a free port, seeded with the small shop, and written by the
application's role. Nothing is left out where it is late: the rate is what was written by the time that took.

    python -m benchmarks.live [--mariadb] [--json]
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from benchmarks.report import Result, show
from simulator import seed
from simulator.live.decisions.engine import Plan
from simulator.live.run import Run
from simulator.live.scenarios import SCENARIOS
from simulator.plan import make_plan
from tests.fixtures.mariadb import RunningMariadb
from tests.fixtures.postgres import RunningPostgres, free_port
from tradewind.marketplace import schema
from tradewind.source.mysql.connection import connect, rows
from tradewind.stack import postgres as server

OFFERED = 2_500
"""Events per second: somewhat more than what shall be sustained."""
TOO_MANY = 12_000
SECONDS, SHORT_SECONDS = 40, 10
PEOPLE = 20_000


@dataclass(frozen=True)
class SeededShop:
    """Where a shop is written, and how many rows in it break a rule."""

    app_url: str
    broken: Callable[[], int]


def run(shop: SeededShop, scenario: str, rate: float, seconds: float) -> Result:
    """One run's figures; every rule must hold afterwards."""
    plan = Plan(SCENARIOS[scenario], rate, seed=1, users=PEOPLE, duration=seconds)
    status = Run(plan, shop.app_url).run()
    if broken := shop.broken():
        raise RuntimeError(f"{scenario} at {rate} events/s left {broken} rows that break a rule")
    return {
        "events_per_second": status.events_per_second,
        "orders_per_second": status.orders / status.elapsed_seconds,
        "transactions_per_second": status.transactions / status.elapsed_seconds,
        "most_behind_s": status.max_lag_seconds,
        "slowest_order_ms": status.max_order_lag_seconds * 1000,
    }


def measure(on_mariadb: bool = False) -> dict[str, Result]:
    """All measurements, one after another on one shop."""
    with _mariadb() if on_mariadb else _postgresql() as shop:
        return {
            f"live NormalDay at {OFFERED} events/s": run(shop, "NormalDay", OFFERED, SECONDS),
            f"live FlashSale at {OFFERED} events/s": run(shop, "FlashSale", OFFERED, SECONDS),
            "live NormalDay, more than it can": run(shop, "NormalDay", TOO_MANY, SHORT_SECONDS),
        }


@contextmanager
def _postgresql() -> Iterator[SeededShop]:
    with _scratch() as scratch:
        running = RunningPostgres(scratch / "postgres", free_port())
        server.prepare(running.data, running.passwords)
        running.start()
        try:
            _fill(running.owner_url)
            yield SeededShop(running.app_url, lambda: _violations_on_postgresql(running.owner_url))
        finally:
            running.stop()


@contextmanager
def _mariadb() -> Iterator[SeededShop]:
    with _scratch() as scratch:
        running = RunningMariadb(scratch)
        running.start()
        try:
            _fill(running.url("owner"))
            yield SeededShop(running.url("app"), lambda: _violations_on_mariadb(running.url("owner")))
        finally:
            running.stop()


@contextmanager
def _scratch() -> Iterator[Path]:
    """A folder that other users may pass through."""
    with tempfile.TemporaryDirectory(prefix="tradewind-bench-") as scratch:
        Path(scratch).chmod(0o711)
        yield Path(scratch)


def _fill(owner_url: str) -> None:
    schema.init(owner_url)
    seed.seed(owner_url, make_plan("small", 1, None, None, dt.datetime.now(dt.UTC).date()))


def _violations_on_postgresql(owner_url: str) -> int:
    with psycopg.connect(owner_url) as connection:
        return len(connection.execute("select * from rules.violations()").fetchall())


def _violations_on_mariadb(owner_url: str) -> int:
    with connect(owner_url) as connection:
        return len(rows(connection, "select * from violations"))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--mariadb", action="store_true", help="on MariaDB in place of PostgreSQL")
    arguments = parser.parse_args()
    show(measure(arguments.mariadb), arguments.json)


if __name__ == "__main__":
    main()
