"""How fast real data loads and files are taken in: each data set into an empty shop, a file into bronze.

PostgreSQL and the warehouse are started here on free ports. A load is all of it: reading strictly, writing,
checking every rule over every row.

    python -m benchmarks.loads --data DIR [--json]      # DIR holds the data sets' folders
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import psycopg

from benchmarks.report import Result, show
from connectors.feeds.change_log import prepare_feeds
from connectors.feeds.drops import ingest
from connectors.feeds.samples import write_samples
from tests.fixtures.postgres import RunningPostgres, free_port
from tests.fixtures.warehouse import RunningWarehouse
from tradewind.marketplace import schema
from tradewind.marketplace.loaders import demand, olist, retailrocket
from tradewind.marketplace.loaders.report import LoadReport
from tradewind.settings import PROJECT_ROOT
from tradewind.stack import postgres as server
from tradewind.warehouse.access import prepare_databases

LOADERS: dict[str, Callable[[str, Path], LoadReport]] = {
    "olist_sample_8k": olist.load,
    "retailrocket_sample": retailrocket.load,
    "store_item_demand": demand.load,
}
MONTHS = 24


def loads(data: Path) -> dict[str, Result]:
    """Each data set into a database of its own."""
    results: dict[str, Result] = {}
    with _postgres() as running:
        for number, (name, load) in enumerate(LOADERS.items()):
            url = _empty_shop(running, f"load_{number}")
            started = time.monotonic()
            report = load(url, data / name)
            seconds = time.monotonic() - started
            rows = sum(file.loaded for file in report.files) + sum(item.rows for item in report.derived)
            results[f"load {report.data_set}"] = {
                "rows": rows,
                "s": seconds,
                "rows_per_second": rows / seconds,
            }
    return results


def feeds() -> dict[str, Result]:
    """Two years of sample files, one month's pair at a time."""
    with tempfile.TemporaryDirectory(prefix="tradewind-bench-") as scratch:
        warehouse = RunningWarehouse(Path(scratch) / "warehouse")
        warehouse.start()
        try:
            client = warehouse.client("admin")
            prepare_databases(client)
            prepare_feeds(client)
            taken: list[float] = []
            for month in range(MONTHS):
                write_samples(Path(scratch), date(2025 + month // 12, month % 12 + 1, 1), seed=1)
                started = time.monotonic()
                files = len(ingest(Path(scratch), client))
                taken.append((time.monotonic() - started) * 1000 / files)
        finally:
            warehouse.stop()
    return {"take in a file of a feed": {"p50_ms": statistics.median(taken), "slowest_ms": max(taken)}}


def measure(data: Path) -> dict[str, Result]:
    """All measurements."""
    return loads(data) | feeds()


@contextmanager
def _postgres() -> Iterator[RunningPostgres]:
    """A cluster in a folder that other users may pass through."""
    with tempfile.TemporaryDirectory(prefix="tradewind-bench-") as scratch:
        Path(scratch).chmod(0o711)
        running = RunningPostgres(Path(scratch) / "postgres", free_port())
        server.prepare(running.data, running.passwords)
        running.start()
        try:
            yield running
        finally:
            running.stop()


def _empty_shop(running: RunningPostgres, database: str) -> str:
    with psycopg.connect(running.superuser_url, autocommit=True) as connection:
        connection.execute(f"create database {database} owner {server.OWNER}".encode())
    url = running.owner_url.replace("/ecomm", f"/{database}")
    schema.init(url)
    return url


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.loads", description=__doc__)
    default = Path(os.environ.get("TRADEWIND_DATA") or PROJECT_ROOT.parent / "shared" / "data")
    parser.add_argument("--data", type=Path, default=default, help="the folder with the data sets' folders")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    show(measure(arguments.data), arguments.json)


if __name__ == "__main__":
    main()
