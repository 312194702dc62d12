"""How soon a running home tells of an incident: an order that nobody moves, and a capture that has stopped.

The home's stack runs (`tradewind up`). Its alerts are stopped meanwhile; a process with the same rules sends
its messages to a receiver here. Each incident is planted in the shop's database and taken away again.

    python -m benchmarks.incidents [--json] [--incidents N]
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import psycopg
import requests

from benchmarks.report import Result, machine, show
from tradewind.settings import PROJECT_ROOT, home_folder, load_settings
from tradewind.stack import supervisor

INCIDENTS = 10
RULE = "order_is_stuck"
PATIENCE_SECONDS = 120.0
STUCK_ORDER = """
with placed as (
    insert into orders (
        customer_id, user_id, channel, status, currency, subtotal_amount, total_amount,
        ship_to_country, ordered_at, status_changed_at
    )
    select
        customer_id, user_id, channel, 'pending', currency, 10, 10,
        ship_to_country, now() - interval '40 minutes', now() - interval '40 minutes'
    from orders where not is_test order by order_id limit 1
    returning order_id
)
insert into order_items (order_id, line_number, product_id, sku_id, seller_id, quantity, unit_price)
select placed.order_id, 1, sold.product_id, sold.sku_id, sold.seller_id, 1, 10
from placed cross join (select product_id, sku_id, seller_id from order_items limit 1) as sold
returning order_id
"""


class Receiver:
    """Takes messages, and counts for each order how often it was told that it is stuck."""

    def __init__(self) -> None:
        self.told: dict[str, int] = {}
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver.take(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def take(self, message: dict[str, Any]) -> None:
        """Count the orders of a message."""
        if (message["rule"], message["state"]) == (RULE, "firing"):
            for alert in message["alerts"]:
                self.told[alert["subject"]] = self.told.get(alert["subject"], 0) + 1

    def close(self) -> None:
        """Take no more."""
        self._server.shutdown()
        self._server.server_close()


@contextlib.contextmanager
def without(service: str) -> Iterator[None]:
    """The stack's service stopped, and started again."""
    control = supervisor.connect(home_folder())
    if control is None:
        raise SystemExit("the stack does not run: `tradewind up`")
    control.stop(service)
    try:
        yield
    finally:
        control.start(service)


@contextlib.contextmanager
def alerts_sent_to(receiver: Receiver) -> Iterator[None]:
    """The alerts of the home with the rules and the pace that it has, and this receiver."""
    environment = os.environ | {"TRADEWIND_ALERT_WEBHOOK_URL": receiver.url}
    with without("alerts"):
        process = subprocess.Popen(
            [sys.executable, "-m", "application.alerts"], cwd=PROJECT_ROOT, env=environment
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait()


def wait_until(is_so: Callable[[], bool]) -> float:
    """Seconds until it is so."""
    started = time.monotonic()
    while not is_so():
        if time.monotonic() - started > PATIENCE_SECONDS:
            raise SystemExit(f"nothing has happened for {PATIENCE_SECONDS:.0f} seconds")
        time.sleep(0.02)
    return time.monotonic() - started


def stuck_orders(count: int) -> Result:
    """From the commit of an order that has been stuck to its message, one after the other."""
    receiver, delays, orders = Receiver(), [], []
    with alerts_sent_to(receiver), psycopg.connect(load_settings().database_url, autocommit=True) as shop:
        for number in range(count):
            time.sleep(number % 10)  # not always at the same moment of a round
            row = shop.execute(STUCK_ORDER).fetchone()
            if row is None:
                raise SystemExit("the shop has no order to copy: `tradewind source seed`")
            orders.append(str(row[0]))
            try:
                delays.append(wait_until(lambda: orders[-1] in receiver.told))
            finally:
                shop.execute("delete from orders where order_id = %s", row)
    receiver.close()
    repeated = sum(receiver.told.get(order, 0) - 1 for order in orders)
    return {
        "least_s": min(delays), "median_s": sorted(delays)[count // 2], "most_s": max(delays),
        "told_again": float(repeated),
    }  # fmt: skip


def stopped_capture() -> Result:
    """From the end of the capture until the API's answers say that they are stale, and back."""
    settings = load_settings()
    address = f"{settings.required('api_url')}/api/v1/kpi/summary"
    headers = {"Authorization": f"Bearer {settings.required('api_key')}"}

    def is_stale() -> bool:
        return bool(requests.get(address, headers=headers, timeout=30).json()["is_stale"])

    wait_until(lambda: not is_stale())
    with without("capture"):
        stale = wait_until(is_stale)
    return {"stale_s": stale, "fresh_again_s": wait_until(lambda: not is_stale())}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.incidents", description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--incidents", type=int, default=INCIDENTS)
    arguments = parser.parse_args()
    results = {"stopped capture": stopped_capture(), "stuck orders": stuck_orders(arguments.incidents)}
    show(results, arguments.json)
    if not arguments.json:
        print(machine())


if __name__ == "__main__":
    main()
