"""How fast the capture is: snapshot and streaming rates into bronze, and commit -> bronze latency.

Every part is the product's own process, started here on free ports: PostgreSQL, the warehouse server,
the capture. The reader polls the warehouse over HTTP, as any client would.

    python -m benchmarks.capture [--json] [--only snapshot,stream,latency]
"""

from __future__ import annotations

import argparse
import json
import secrets
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from connectors.bronze.progress import wait_until_captured
from connectors.bronze.warehouse_http import WarehouseHttp
from tests.fixtures.capture import RunningCapture, source_for_capture
from tests.fixtures.postgres import RunningPostgres, free_port
from tests.fixtures.warehouse import RunningWarehouse
from tradewind.settings import Endpoint
from tradewind.stack import postgres as server
from tradewind.warehouse.access import prepare_databases

SNAPSHOT_ROWS = 500_000
STREAM_ROWS = 300_000
LATENCY_SECONDS = 15
POLL_SECONDS = 0.01

ORDERS = """
create table orders (
    order_id bigint primary key, buyer_id bigint not null, status text not null,
    total_amount numeric(18, 2) not null, city text, channel text,
    ordered_at timestamptz not null default now(), updated_at timestamptz not null default now());
alter table orders replica identity full;
"""
NEW_ORDERS = """
insert into orders (order_id, buyer_id, status, total_amount, city, channel)
select n, n %% 5000, 'pending', n %% 500 + 0.25, 'Bangkok', 'website'
from generate_series(%s::bigint, %s) as n
"""

Result = dict[str, float]


class Bench:
    """A source with one table of orders, a warehouse, and a capture between them."""

    def __init__(self, source: RunningPostgres, warehouse: RunningWarehouse, folder: Path) -> None:
        self.database = f"bench_{secrets.token_hex(4)}"
        source_for_capture(source, self.database)
        self.capture = RunningCapture(folder / self.database, source, warehouse.writer_url, self.database)
        self.warehouse = WarehouseHttp(Endpoint(warehouse.admin_url), threading.Event(), 60)
        self.warehouse.run("drop database if exists bronze sync")
        prepare_databases(warehouse.client())
        self.connection = psycopg.connect(self.capture.owner_url, autocommit=True)
        self.connection.execute(ORDERS)

    def insert(self, first: int, last: int) -> None:
        """One transaction that inserts these orders."""
        self.connection.execute(NEW_ORDERS, (first, last))

    def captured(self) -> None:
        """Wait until bronze holds all of it."""
        wait_until_captured(self.capture.owner_url, self.capture.warehouse_url, 600)

    def close(self) -> None:
        """Stop the capture and drop its slot."""
        self.connection.close()
        self.capture.remove()


def snapshot(bench: Bench) -> Result:
    """Rows per second of a first snapshot, from the process's start, and without that start."""
    bench.insert(1, SNAPSHOT_ROWS)
    started = time.monotonic()
    bench.capture.spawn()
    bench.capture.wait_for(lambda status: status.state == "snapshot")
    reading = time.monotonic()
    bench.capture.wait_for(lambda status: status.state == "streaming", 600)
    ended = time.monotonic()
    return {
        "rows": SNAPSHOT_ROWS,
        "rows_per_second": SNAPSHOT_ROWS / (ended - reading),
        "start_seconds": reading - started,
    }


def stream(bench: Bench, rows_per_transaction: int) -> Result:
    """Rows per second from the first commit until bronze holds the last row."""
    bench.capture.start()
    bench.insert(1, 20_000)
    bench.captured()
    started = time.monotonic()
    for first in range(20_001, STREAM_ROWS + 20_001, rows_per_transaction):
        bench.insert(first, first + rows_per_transaction - 1)
    offered = time.monotonic()
    bench.captured()
    ended = time.monotonic()
    return {
        "rows": STREAM_ROWS,
        "rows_per_second": STREAM_ROWS / (ended - started),
        "offered_rows_per_second": STREAM_ROWS / (offered - started),
    }


def latency(bench: Bench, commits_per_second: int) -> Result:
    """Milliseconds from a commit's return until a client, asking every 10 ms, counts its row in bronze."""
    bench.capture.start()
    bench.insert(1, 5_000)
    bench.captured()
    query = "select count() from bronze.orders"
    before = int(bench.warehouse.run(query))
    first = 1_000_001
    total = commits_per_second * LATENCY_SECONDS
    committed: list[float] = []
    writer = threading.Thread(
        target=_commit_steadily, args=(bench, first, total, commits_per_second, committed)
    )
    writer.start()
    delays: list[float] = []
    while len(delays) < total:
        asked = time.perf_counter()
        seen = int(bench.warehouse.run(query)) - before
        now = time.perf_counter()
        delays.extend(max(0.0, now - moment) * 1000 for moment in committed[len(delays) : seen])
        time.sleep(max(0.0, asked + POLL_SECONDS - now))
    writer.join()
    return _distribution(delays)


def _commit_steadily(bench: Bench, first: int, total: int, rate: int, committed: list[float]) -> None:
    started = time.perf_counter()
    for number in range(total):
        time.sleep(max(0.0, started + number / rate - time.perf_counter()))
        bench.insert(first + number, first + number)
        committed.append(time.perf_counter())


def _distribution(values: list[float]) -> Result:
    cuts = statistics.quantiles(values, n=100)
    return {"p50_ms": cuts[49], "p95_ms": cuts[94], "p99_ms": cuts[98], "max_ms": max(values)}


MEASUREMENTS = {
    "snapshot": snapshot,
    "stream_10000_rows_per_transaction": lambda bench: stream(bench, 10_000),
    "stream_10_rows_per_transaction": lambda bench: stream(bench, 10),
    "latency_100_commits_per_second": lambda bench: latency(bench, 100),
    "latency_1000_commits_per_second": lambda bench: latency(bench, 1000),
}


def measure(only: list[str]) -> dict[str, Result]:
    """The measurements whose names begin with one of `only` (all, if it is empty), each on a fresh source."""
    chosen = {name: run for name, run in MEASUREMENTS.items() if not only or name.startswith(tuple(only))}
    results: dict[str, Result] = {}
    with (
        tempfile.TemporaryDirectory(prefix="tradewind-bench-") as scratch,
        _servers(Path(scratch)) as servers,
    ):
        for name, run in chosen.items():
            bench = Bench(*servers, Path(scratch))
            try:
                results[name] = run(bench)
            finally:
                bench.close()
    return results


@contextmanager
def _servers(folder: Path) -> Iterator[tuple[RunningPostgres, RunningWarehouse]]:
    """A source and a warehouse; the folder may be passed through, as PostgreSQL may run as another user."""
    folder.chmod(0o711)
    source = RunningPostgres(folder / "postgres", free_port())
    server.prepare(source.data, source.passwords)
    warehouse = RunningWarehouse(folder / "warehouse")
    source.start()
    try:
        warehouse.start()
        yield source, warehouse
    finally:
        source.stop()
        if warehouse.process is not None:
            warehouse.stop()


def main() -> None:
    """Measure and print, side by side."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.capture", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--only", default="", help="names or their beginnings, comma-separated")
    arguments = parser.parse_args()
    results = measure([name for name in arguments.only.split(",") if name])
    if arguments.json:
        print(json.dumps(results, indent=2))
        return
    for name, result in results.items():
        print(f"{name:36}" + "".join(f"{key} {value:>12,.1f}   " for key, value in result.items()))


if __name__ == "__main__":
    main()
