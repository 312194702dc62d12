"""How fast change data comes through Kafka: latency by rate, a burst, landing of prepared messages, memory.

Every part is the product's own process, started here on free ports: PostgreSQL, broker, Connect, landing and
warehouse.

    python -m benchmarks.kafka [--json] [--only latency,burst,landing] [--messages 1000000]

With TRADEWIND_CLICKHOUSE_SINK set, prepared messages are landed by the sink connector too.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
from confluent_kafka import Producer

from benchmarks.capture import NEW_ORDERS, ORDERS
from benchmarks.report import Result, show
from connectors.bronze.warehouse_http import WarehouseHttp
from connectors.kafka import jars
from connectors.kafka.intake import close_intake
from tests.fixtures.capture import source_for_capture
from tests.fixtures.kafka import DATABASE, RunningKafka, postgres_urls, wait_for
from tests.fixtures.postgres import RunningPostgres, free_port
from tests.fixtures.warehouse import RunningWarehouse
from tradewind.settings import Endpoint
from tradewind.stack import postgres as server
from tradewind.warehouse.access import prepare_databases

RATES = (10, 100, 1_000, 5_000)
SECONDS = 15
BURST_ROWS = 100_000
POLL_SECONDS = 0.01
TABLES = 30
NEWEST_ORDER = "select max(JSONExtractUInt(ifNull(_key, ''), 'order_id')) from bronze.orders"
COUNT = "select count() from bronze.orders"


class Bench:
    """A captured database with one table of orders, beside as many others as a shop has."""

    def __init__(self, folder: Path) -> None:
        jars.fetch([jars.BROKER, "debezium-postgres"])
        self.postgres = RunningPostgres(folder / "postgres", free_port())
        server.prepare(self.postgres.data, self.postgres.passwords)
        self.postgres.start()
        self.warehouse = RunningWarehouse(folder / "warehouse")
        self.warehouse.start()
        prepare_databases(self.warehouse.client("admin"))
        source_for_capture(self.postgres, DATABASE)
        self.kafka = RunningKafka(folder / "home", postgres_urls(self.postgres, DATABASE), self.warehouse)
        self.source = psycopg.connect(self.kafka.urls["DATABASE_URL"], autocommit=True)
        self.source.execute(ORDERS)
        for number in range(TABLES - 3):
            self.source.execute(f"create table other_{number} (id bigint primary key)".encode())
        self.kafka.start("broker", "connect", "landing")
        self.kafka.connectors.apply()
        self.next_order = 1

    def insert(self, rows: int) -> None:
        """One transaction of so many orders."""
        self.source.execute(NEW_ORDERS, (self.next_order, self.next_order + rows - 1))
        self.next_order += rows

    def close(self) -> None:
        """Stop everything."""
        self.source.close()
        self.kafka.stop_all()
        self.warehouse.stop()
        self.postgres.stop()


@contextmanager
def bench() -> Iterator[Bench]:
    """A running bench, its folder removed afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        running = Bench(Path(folder))
        try:
            yield running
        finally:
            running.close()


def latency(running: Bench, rate: int) -> Result:
    """Commit to visible in bronze, at so many rows a second, in at most 100 commits a second."""
    commits = min(rate, 100)
    rows, interval = rate // commits, 1 / commits
    client = running.kafka.client()
    waiting: list[tuple[int, float]] = []
    delays: list[float] = []
    begun = time.monotonic()
    due, end = begun, begun + SECONDS
    while waiting or due < end:
        now = time.monotonic()
        if due < end and now >= due:
            running.insert(rows)
            waiting.append((running.next_order - 1, time.monotonic()))
            due += interval
        elif now > end + 60:
            break
        seen = int(client.command(NEWEST_ORDER))
        arrived = time.monotonic()
        delays += [arrived - at for number, at in waiting if number <= seen]
        waiting = [(number, at) for number, at in waiting if number > seen]
        time.sleep(POLL_SECONDS)
    delays.sort()
    quantiles = statistics.quantiles(delays, n=100)
    return {
        "p50_ms": quantiles[49] * 1000,
        "p95_ms": quantiles[94] * 1000,
        "p99_ms": quantiles[98] * 1000,
        "lost_commits": float(len(waiting)),
        "rows_per_second": rows * commits,
    }


def burst(running: Bench) -> Result:
    """How long a burst takes from its commit until all of it is in bronze."""
    running.insert(BURST_ROWS)
    begun = time.monotonic()
    running.kafka.wait_until_captured(600)
    seconds = time.monotonic() - begun
    return {"drain_s": seconds, "rows_per_second": BURST_ROWS / seconds}


def landing(running: Bench, messages: int, way: str) -> Result:
    """How fast prepared messages of one topic are landed."""
    kafka = running.kafka
    kafka.stop("landing")
    close_intake(WarehouseHttp(Endpoint(kafka.urls["CLICKHOUSE_URL"]), threading.Event(), 60))
    produce(running, messages)
    client = kafka.client()
    before = int(client.command(COUNT))
    os.environ["TRADEWIND_LANDING"] = way
    begun = time.monotonic()
    kafka.start("landing")
    if way == "sink":
        begun = time.monotonic()
        kafka.connectors.apply()
    wait_for(lambda: int(client.command(COUNT)) - before > 0, "the first rows", 120)
    first = time.monotonic()
    count = int(client.command(COUNT))
    wait_for(lambda: int(client.command(COUNT)) - before >= messages, "all rows", 600)
    seconds = time.monotonic() - first
    os.environ.pop("TRADEWIND_LANDING")
    return {
        "messages_per_second": (before + messages - count) / max(seconds, 0.001),
        "first_row_s": first - begun,
    }


def produce(running: Bench, messages: int) -> None:
    """Events as Debezium writes them, into the orders' topic."""
    producer = Producer(
        {
            "bootstrap.servers": running.kafka.bootstrap,
            "compression.type": "snappy",
            "linger.ms": 20,
            "queue.buffering.max.messages": 200_000,
        }
    )
    for number in range(messages):
        order = 10_000_000 + running.next_order + number
        row = {
            "order_id": order, "buyer_id": order % 5000, "status": "pending", "total_amount": "12.25",
            "city": "Bangkok", "channel": "website", "ordered_at": "2026-01-01T00:00:00.000000Z",
            "updated_at": "2026-01-01T00:00:00.000000Z",
        }  # fmt: skip
        source = {
            "version": "3.7.0.Final", "connector": "postgresql", "name": "ecomm", "ts_ms": 1767225600000,
            "snapshot": "false", "db": DATABASE, "sequence": f'["{order}","{order}"]', "schema": "public",
            "table": "orders", "txId": 1, "lsn": order, "xmin": None,
        }  # fmt: skip
        event = {"before": None, "after": row, "source": source, "op": "c", "ts_ms": 1767225600001}
        while True:
            try:
                producer.produce("ecomm.cdc.orders", json.dumps(event), json.dumps({"order_id": order}))
                break
            except BufferError:
                producer.poll(0.1)
    producer.flush()
    running.next_order += messages


def memory(running: Bench) -> Result:
    """Resident memory of each process."""
    processes = {name: process.pid for name, process in running.kafka.processes.items()}
    processes |= {"warehouse": running.warehouse.pid}
    return {f"{name}_mb": psutil.Process(pid).memory_info().rss / 2**20 for name, pid in processes.items()}


def main() -> None:
    """Run what is asked for and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", default="latency,burst,landing")
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--rates", default=",".join(map(str, RATES)))
    arguments = parser.parse_args()
    results: dict[str, Result] = {}
    with bench() as running:
        if "latency" in arguments.only:
            for rate in map(int, arguments.rates.split(",")):
                results[f"kafka_latency_{rate}_rows_per_second"] = latency(running, rate)
        if "burst" in arguments.only:
            results["kafka_burst"] = burst(running)
        if "landing" in arguments.only:
            results["kafka_landing_engine"] = landing(running, arguments.messages, "kafka-engine")
            if os.environ.get("TRADEWIND_CLICKHOUSE_SINK"):
                results["kafka_landing_sink"] = landing(running, arguments.messages, "sink")
        results["kafka_memory"] = memory(running)
    show(results, arguments.json)


if __name__ == "__main__":
    main()
