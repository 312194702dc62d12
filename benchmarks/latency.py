"""How long a change takes from its commit in PostgreSQL until a client sees it in `rt_order_metrics`.

Every part is the product's own process on this machine, the two clients included: one polls bronze, the other
the mart, each every 10 ms over HTTP. An order is two rows: itself and its line.

    python -m benchmarks.latency [--json] [--seconds N] [--only NAME,...]
"""

from __future__ import annotations

import argparse
import json
import statistics
import threading
import time
from dataclasses import dataclass, field

from benchmarks.orders_writer import Load, OrdersWriter
from benchmarks.report import Result, machine, show
from connectors.bronze.warehouse_http import WarehouseHttp
from tests.fixtures.live_stack import LiveStack, live_stack
from tradewind.settings import Endpoint

POLL_SECONDS = 0.01
WARM_UP = Load(200, 1, 10)
LOADS = {
    "10 commits/s": Load(10, 1, 20),
    "100 commits/s": Load(100, 1, 20),
    "1000 commits/s": Load(1_000, 1, 20),
    "5000 rows/s": Load(500, 5, 20),
    "10000 rows/s": Load(1_000, 5, 20),
    "as fast as it goes": Load(20_000, 10, 1),
}
"""The last one is more than can be written: it shows what all of it, the writer included, gets through."""
BRONZE = "select count() from bronze.orders"
MART = (
    "select coalesce(sum(order_count), 0) from rt.rt_order_metrics where minute >= toDateTime({since}, 'UTC')"
)


@dataclass
class Poller:
    """A client that counts what is visible, and when it saw how much."""

    client: WarehouseHttp
    query: str
    seen: list[tuple[float, int]] = field(default_factory=list)
    queries: int = 0
    busy_seconds: float = 0.0
    pause_seconds: float = POLL_SECONDS
    _stopping: threading.Event = field(default_factory=threading.Event)

    def count(self) -> int:
        """Ask once."""
        return int(self.client.run(self.query) or 0)

    def run(self, total: int) -> None:
        """Ask until so much is visible, or told to stop."""
        while not self._stopping.is_set():
            asked = time.time()
            count = self.count()
            now = time.time()
            self.queries += 1
            self.busy_seconds += now - asked
            if not self.seen or self.seen[-1][1] != count:
                self.seen.append((now, count))
            if count >= total:
                return
            time.sleep(max(0.0, asked + self.pause_seconds - now))

    def stop(self) -> None:
        """Let it end."""
        self._stopping.set()

    def delays(self, committed: list[float], per_commit: int, base: int) -> list[float]:
        """Milliseconds from each commit until all its orders were visible."""
        delays: list[float] = []
        for moment, count in self.seen:
            visible = (count - base) // per_commit
            delays.extend((moment - at) * 1000 for at in committed[len(delays) : visible])
        return delays


class Latency:
    """Measurements on one stack, each with orders of its own."""

    def __init__(self, stack: LiveStack) -> None:
        self.stack = stack
        self.next_order = 1
        self.marks: dict[str, list[tuple[float, float]]] = {}

    def client(self) -> WarehouseHttp:
        """A client of the warehouse, as the administrator."""
        return WarehouseHttp(Endpoint(self.stack.warehouse.admin_url), threading.Event(), 60)

    def run(self, load: Load, drain_seconds: float = 120) -> dict[str, Result]:
        """Distribution of the delays per stage, and what the engine did meanwhile."""
        writer = OrdersWriter(self._superuser_url, load, self.next_order)
        self.next_order += load.orders
        since = int(time.time()) // 60 * 60
        pollers = {
            "bronze": Poller(self.client(), BRONZE),
            "mart": Poller(self.client(), MART.format(since=since)),
        }
        bases = {name: poller.count() for name, poller in pollers.items()}
        before = self._engine()
        threads = [
            threading.Thread(target=poller.run, args=(bases[name] + load.orders,))
            for name, poller in pollers.items()
        ]
        writer.go()
        began = time.time()
        for thread in threads:
            thread.start()
        writer.wait()
        written = time.time()
        for thread in threads:
            thread.join(max(1.0, written + drain_seconds - time.time()))
        for poller in pollers.values():
            poller.stop()
        seconds = time.time() - began
        committed = list(writer.committed)
        after = self._engine()
        results = {
            name: distribution(poller.delays(committed, load.orders_per_commit, bases[name]))
            for name, poller in pollers.items()
        }
        results["capture"] = distribution(self._capture_delays(committed, load))
        last_seen = pollers["mart"].seen[-1][0]
        results["drained"] = {"s": max(0.0, last_seen - committed[-1])}
        results["visible"] = {"rows_per_second": 2 * load.orders / (last_seen - began)}
        results["query"] = {"mean_ms": pollers["mart"].busy_seconds / pollers["mart"].queries * 1000}
        results["offered"] = {"rows_per_second": 2 * load.orders / (committed[-1] - began)}
        results["engine"] = {name: (after[name] - before[name]) / seconds for name in before}
        return results

    @property
    def _superuser_url(self) -> str:
        return self.stack.capture.superuser_url

    def _capture_delays(self, committed: list[float], load: Load) -> list[float]:
        """From commits until the capture handed them over; it writes down when it did."""
        first = self.next_order - load.orders
        answer = self.client().run(
            "select JSONExtractInt(payload, 'after', 'order_id') as order_id, "
            "toUnixTimestamp64Milli(_timestamp) "
            f"from bronze.orders where order_id >= {first} format TabSeparated"
        )
        rows = (line.split("\t") for line in answer.decode().splitlines())
        return [
            int(handed) - committed[(int(order) - first) // load.orders_per_commit] * 1000
            for order, handed in rows
        ]

    def _engine(self) -> dict[str, float]:
        """What the engine has done since it was started: inserts, parts made by them, merges."""
        answer = self.client().run(
            "select event, value from system.events "
            "where event in ('InsertQuery', 'MergeTreeDataWriterBlocks', 'Merge') format TabSeparated"
        )
        found = dict(line.split("\t") for line in answer.decode().splitlines())
        names = {"InsertQuery": "inserts_per_second", "MergeTreeDataWriterBlocks": "parts_per_second"}
        names["Merge"] = "merges_per_second"
        return {name: float(found.get(event, 0)) for event, name in names.items()}


def distribution(values: list[float]) -> Result:
    """Percentiles of milliseconds."""
    cuts = statistics.quantiles(values, n=100)
    return {
        "n": len(values),
        "p50_ms": cuts[49],
        "p95_ms": cuts[94],
        "p99_ms": cuts[98],
        "max_ms": max(values),
    }


def measure(only: list[str], seconds: float | None = None) -> dict[str, Result]:
    """Every load, one after the other on one stack."""
    results: dict[str, Result] = {}
    with live_stack() as stack:
        latency = Latency(stack)
        _add(results, "warm-up", latency.run(WARM_UP))
        for name, load in LOADS.items():
            if not only or name.startswith(tuple(only)):
                chosen = Load(load.commits_per_second, load.orders_per_commit, seconds or load.seconds)
                _add(results, name, latency.run(chosen))
    return results


def _add(results: dict[str, Result], name: str, measured: dict[str, Result]) -> None:
    found = {f"{name}: {stage}": result for stage, result in measured.items()}
    show(found, as_json=False)
    results |= found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.latency", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object too")
    parser.add_argument("--seconds", type=float, help="how long each load lasts")
    parser.add_argument("--only", default="", help="names of loads or their beginnings, comma-separated")
    arguments = parser.parse_args()
    print(machine())
    results = measure([name for name in arguments.only.split(",") if name], arguments.seconds)
    if arguments.json:
        print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
