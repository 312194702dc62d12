"""How fast prepared events land in bronze over HTTP, without and with the near-real-time marts.

python -m benchmarks.landing [--json] [--events N]
"""

from __future__ import annotations

import argparse
import json
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.report import Result, machine, show
from connectors.bronze.warehouse_http import WarehouseHttp
from connectors.bronze.writer import Batch, BronzeWriter
from tests.fixtures.live_stack import LiveStack
from tradewind.settings import Endpoint
from tradewind.source.naming import TableName

EVENTS = 1_000_000
BATCH = 32_768


def batches(table: str, events: int, first: int) -> Iterator[Batch]:
    """Events of new rows, as Debezium delivers them."""
    began = datetime.now(UTC) - timedelta(hours=1)
    make = {"orders": _order, "user_events": _event}[table]
    for start in range(first, first + events, BATCH):
        numbers = range(start, min(start + BATCH, first + events))
        payloads = [
            json.dumps(
                {
                    "before": None,
                    "after": make(number, began + timedelta(milliseconds=number % 3_600_000)),
                    "source": _source(table, number),
                    "transaction": None,
                    "op": "c",
                    "ts_ms": 1_790_000_000_000 + number,
                },
                separators=(",", ":"),
            ).encode()
            for number in numbers
        ]
        keys = [b'{"id":%d}' % number for number in numbers]
        yield Batch(keys, payloads)


def _source(table: str, number: int) -> dict[str, object]:
    place = 10_000_000_000 + number * 100
    return {
        "version": "3.7.0.Final", "connector": "postgresql", "name": "ecomm",
        "ts_ms": 1_790_000_000_000 + number,
        "snapshot": "false", "db": "ecomm", "sequence": f'["{place - 60}","{place}"]',
        "ts_us": (1_790_000_000_000 + number) * 1000, "ts_ns": (1_790_000_000_000 + number) * 1_000_000,
        "schema": "public", "table": table, "txId": number, "lsn": place, "xmin": None,
    }  # fmt: skip


def _order(number: int, at: datetime) -> dict[str, object]:
    time_text = at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return {
        "order_id": number, "external_id": None, "customer_id": number % 5000, "user_id": number % 5000,
        "campaign_id": None, "channel": "website", "status": "pending", "currency": "THB",
        "subtotal_amount": "1234.50", "discount_amount": "0.00", "shipping_amount": "40.00",
        "tax_amount": "86.42", "total_amount": "1360.92", "ship_to_city": "Bangkok", "ship_to_state": None,
        "ship_to_postal_code": "10110", "ship_to_country": "TH", "session_id": f"s-{number}",
        "device_fingerprint": f"{number % 999:032x}", "ip_address": "203.0.113.9", "cancel_reason": None,
        "is_test": False, "ordered_at": time_text, "status_changed_at": time_text, "paid_at": None,
        "shipped_at": None, "delivered_at": None, "cancelled_at": None, "returned_at": None,
        "estimated_delivery_at": None, "created_at": time_text, "updated_at": time_text,
    }  # fmt: skip


def _event(number: int, at: datetime) -> dict[str, object]:
    time_text = at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return {
        "event_id": number, "external_id": None, "event_type": "product_view",
        "session_id": f"s-{number // 8}",
        "user_id": number % 5000, "product_id": number % 2000, "category_id": number % 50, "order_id": None,
        "campaign_id": None, "platform": "web", "device": "desktop",
        "device_fingerprint": f"{number % 999:032x}",
        "ip_address": "203.0.113.9", "duration_ms": 1234, "search_query": None, "filters": None,
        "scroll_depth_rate": "0.5000", "click_count": 3, "country": "TH", "city": "Bangkok", "referrer": None,
        "is_bot": False, "occurred_at": time_text, "created_at": time_text,
    }  # fmt: skip


def land(stack: LiveStack, table: str, events: int, first: int) -> Result:
    """Events per second through the bronze writer; they are prepared before."""
    prepared = list(batches(table, events, first))
    warehouse = WarehouseHttp(Endpoint(stack.warehouse.writer_url), threading.Event(), 60)
    writer = BronzeWriter(warehouse)
    writer.logs.prepare([TableName("public", table)])
    size = sum(len(payload) for batch in prepared for payload in batch.payloads)
    started = time.perf_counter()
    for batch in prepared:
        writer.write(batch)
    seconds = time.perf_counter() - started
    return {"events_per_second": events / seconds, "mb_per_second": size / 1e6 / seconds}


def measure(events: int = EVENTS) -> dict[str, Result]:
    """Both tables, first without the marts, then with them."""
    results: dict[str, Result] = {}
    with tempfile.TemporaryDirectory(prefix="tradewind-landing-") as folder:
        stack = LiveStack(Path(folder))
        try:
            stack.start_warehouse()
            for number, table in enumerate(("orders", "user_events")):
                results[f"{table}, without marts"] = land(stack, table, events, number * events)
                stack.warehouse.client().command(f"drop table bronze.{table} sync")
            stack.deploy()
            for number, table in enumerate(("orders", "user_events")):
                results[f"{table}, with marts"] = land(stack, table, events, number * events)
            return results
        finally:
            stack.stop()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.landing", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--events", type=int, default=EVENTS)
    arguments = parser.parse_args()
    results = measure(arguments.events)
    if arguments.json:
        print(json.dumps(results, indent=2))
        return
    print(machine())
    show(results, as_json=False)


if __name__ == "__main__":
    main()
