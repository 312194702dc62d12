"""Ten minutes of steady load on the whole way of a change: are delay, memory and number of parts flat?

python -m benchmarks.soak [--json] [--minutes N] [--rate N]
"""

from __future__ import annotations

import argparse
import json
import threading
import time
from pathlib import Path

from benchmarks.latency import MART, Poller, distribution
from benchmarks.orders_writer import Load, OrdersWriter
from benchmarks.report import Result, machine, show
from connectors.bronze.warehouse_http import WarehouseHttp
from tests.fixtures.live_stack import LiveStack, live_stack
from tradewind.settings import Endpoint

MINUTES, RATE = 10, 1_000
"""Rows per second: half of them orders, half their lines, ten a commit."""

PARTS = (
    "select max(count) from (select count() as count from system.parts where active group by database, table)"
)


class Soak:
    """One run of steady load, looked at once a minute."""

    def __init__(self, stack: LiveStack, load: Load) -> None:
        self.stack, self.load = stack, load
        self.client = WarehouseHttp(Endpoint(stack.warehouse.admin_url), threading.Event(), 60)

    def run(self) -> dict[str, Result]:
        """What each minute looked like."""
        writer = OrdersWriter(self.stack.capture.superuser_url, self.load, 1)
        query = MART.format(since=int(time.time()) // 60 * 60)
        poller = Poller(WarehouseHttp(Endpoint(self.stack.warehouse.admin_url), threading.Event(), 60), query)
        poller.pause_seconds = 0.25
        base = poller.count()
        thread = threading.Thread(target=poller.run, args=(base + self.load.orders,))
        writer.go()
        thread.start()
        looks = []
        for _ in range(int(self.load.seconds // 60)):
            time.sleep(60)
            looks.append(self._look())
        writer.wait()
        thread.join(120)
        poller.stop()
        delays = poller.delays(list(writer.committed), self.load.orders_per_commit, base)
        per_minute = int(self.load.commits_per_second * 60)
        results = {
            f"minute {number + 1}": distribution(delays[number * per_minute : (number + 1) * per_minute])
            | look
            for number, look in enumerate(looks)
        }
        results["end"] = {"lost_orders": float(base + self.load.orders - poller.count())}
        return results

    def _look(self) -> Result:
        return {
            "warehouse_mb": _resident_mb(self.stack.warehouse.pid),
            "capture_mb": _resident_mb(self.stack.capture.process.pid if self.stack.capture.process else 0),
            "most_parts_of_a_table": float(self.client.run(PARTS)),
        }


def _resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def measure(minutes: float = MINUTES, rate: float = RATE) -> dict[str, Result]:
    """One run on a stack of its own."""
    with live_stack() as stack:
        return Soak(stack, Load(rate / 10, 5, minutes * 60)).run()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--rate", type=float, default=RATE, help="rows per second")
    arguments = parser.parse_args()
    results = measure(arguments.minutes, arguments.rate)
    if arguments.json:
        print(json.dumps(results, indent=2))
        return
    print(machine())
    show(results, as_json=False)


if __name__ == "__main__":
    main()
