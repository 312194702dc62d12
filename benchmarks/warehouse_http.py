"""What the HTTP interface of the embedded warehouse costs over the engine itself.

One run measures `SELECT 1` in this process and over HTTP, alternating, and how many MB/s go in and out.

    python -m benchmarks.warehouse_http [--json] [--rounds N]
"""

from __future__ import annotations

import argparse
import http.client
import statistics
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import chdb

from benchmarks.report import Result, machine, show
from tests.fixtures.warehouse import RunningWarehouse
from tradewind.warehouse.access import prepare_databases

ROUNDS = 500
PIECE = b"".join(b"%d\t%s\n" % (number, b"x" * 40) for number in range(20_000))
PIECES = 200


def milliseconds(call: Callable[[], object]) -> float:
    """How long one call takes."""
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000


def spread(times: list[float]) -> Result:
    """Median and tail of a list of times in milliseconds."""
    cuts = statistics.quantiles(times, n=100)
    return {"p50_ms": cuts[49], "p95_ms": cuts[94], "p99_ms": cuts[98]}


class Client:
    """One kept-alive HTTP connection, nothing else, so that the client's own cost stays out."""

    def __init__(self, server: RunningWarehouse, role: str = "admin") -> None:
        user = server.users[role]
        credentials = b64encode(f"{user.name}:{user.password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {credentials}"}
        self._connection = http.client.HTTPConnection(server.host, server.port)

    def ask(self, text: bytes) -> int:
        """Send a statement, read the whole answer; its size in bytes."""
        self._connection.request("POST", "/", body=text, headers=self._headers)
        response = self._connection.getresponse()
        size = 0
        while piece := response.read(1 << 20):
            size += len(piece)
        if response.status != 200:
            raise RuntimeError(f"HTTP {response.status}")
        return size


def latencies(server: RunningWarehouse, rounds: int) -> dict[str, Result]:
    """`SELECT 1` in process and over HTTP, alternating so that both see the same machine."""
    with tempfile.TemporaryDirectory() as folder:
        engine = chdb.connect(str(Path(folder) / "engine"))
        admin, reader = Client(server), Client(server, "bi")
        calls: dict[str, Callable[[], object]] = {
            "select 1, engine in process": lambda: engine.query("SELECT 1", "TSV").bytes(),
            "select 1, over HTTP": lambda: admin.ask(b"SELECT 1"),
            "select 1, over HTTP as bi": lambda: reader.ask(b"SELECT 1"),
        }
        times: dict[str, list[float]] = {name: [] for name in calls}
        for number in range(rounds + 20):
            for name, call in calls.items():
                took = milliseconds(call)
                if number >= 20:
                    times[name].append(took)
        engine.close()
    results = {name: spread(taken) for name, taken in times.items()}
    inside, outside = results["select 1, engine in process"], results["select 1, over HTTP"]
    results["added by HTTP"] = {name: outside[name] - inside[name] for name in inside}
    return results


def throughput(server: RunningWarehouse) -> dict[str, Result]:
    """Megabytes per second of bodies, in and out."""
    client = Client(server)
    client.ask(b"CREATE TABLE ops.bench (id UInt64, text String) ENGINE = MergeTree ORDER BY id")
    body = b"INSERT INTO ops.bench FORMAT TSV\n" + PIECE * PIECES
    took = milliseconds(lambda: client.ask(body)) / 1000
    results = {"insert, TSV into MergeTree": _rate(len(body), took, len(PIECE.splitlines()) * PIECES)}
    for output in ("TSV", "Native", "JSONEachRow", "JSON", "Parquet"):
        size = 0

        def read(output: str = output) -> None:
            nonlocal size
            size = client.ask(f"SELECT * FROM ops.bench FORMAT {output}".encode())

        took = milliseconds(read) / 1000
        results[f"read, {output}"] = _rate(size, took, len(PIECE.splitlines()) * PIECES)
    client.ask(b"DROP TABLE ops.bench SYNC")
    return results


def _rate(size: int, seconds: float, rows: int) -> Result:
    return {"body_mb": size / 1e6, "mb_per_second": size / 1e6 / seconds, "rows_per_second": rows / seconds}


def idle_memory(server: RunningWarehouse) -> Result:
    """Resident memory of the server before any work."""
    status = Path(f"/proc/{server.pid}/status").read_text()
    return {"resident_mb": int(status.split("VmRSS:")[1].split()[0]) / 1024}


def measure(rounds: int) -> dict[str, Result]:
    """Everything, on a server of its own."""
    with tempfile.TemporaryDirectory() as folder:
        server = RunningWarehouse(Path(folder))
        server.start()
        try:
            results = {"idle": idle_memory(server)}
            prepare_databases(server.client("admin"))
            return results | latencies(server, rounds) | throughput(server)
        finally:
            server.stop()


def main() -> None:
    """Measure and print, side by side."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.warehouse_http", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often SELECT 1 is asked")
    arguments = parser.parse_args()
    if not arguments.json:
        print(machine())
    show(measure(arguments.rounds), arguments.json)


if __name__ == "__main__":
    main()
