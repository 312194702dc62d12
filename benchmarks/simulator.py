"""How long a history takes: generating and writing each size into an empty PostgreSQL, and what it needs.

The command a person runs, as a process of its own, into a server started here.

    python -m benchmarks.simulator [--json] [--only small,medium]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psutil
import psycopg

from benchmarks.report import Result, show
from simulator.parameters import SIZES
from tests.fixtures.postgres import RunningPostgres, free_port
from tradewind.marketplace import schema
from tradewind.stack import postgres as server

UNTIL = "2026-01-10"


def measure(only: list[str]) -> dict[str, Result]:
    """Seconds, CPU seconds and memory of each size asked for (all unless named)."""
    with tempfile.TemporaryDirectory(prefix="tradewind-bench-") as folder:
        Path(folder).chmod(0o711)
        running = RunningPostgres(Path(folder) / "data", free_port())
        server.prepare(running.data, running.passwords)
        running.start()
        try:
            return {f"seed {size}": seed(running, size) for size in SIZES if not only or size in only}
        finally:
            running.stop()


def seed(running: RunningPostgres, size: str) -> Result:
    """One seed into a database of its own."""
    url = new_shop(running, f"bench_{size}")
    server_before, started = server_cpu_seconds(running), time.monotonic()
    words = ["source", "seed", "--size", size, "--until", UNTIL, "--url", url, "--json"]
    process = subprocess.Popen([sys.executable, "-m", "application.cli", *words], stdout=subprocess.PIPE)
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - started
    if status:
        raise RuntimeError(f"seeding {size} failed with status {status}")
    rows = sum(json.loads(output)["rows"].values())
    return {
        "total_s": seconds,
        "client_cpu_s": usage.ru_utime + usage.ru_stime,
        "server_cpu_s": server_cpu_seconds(running) - server_before,
        "peak_memory_mb": usage.ru_maxrss / 1024,
        "rows": rows,
        "rows_per_second": rows / seconds,
    }


def new_shop(running: RunningPostgres, name: str) -> str:
    """An empty shop; its address as the owner."""
    with psycopg.connect(running.superuser_url, autocommit=True) as connection:
        connection.execute(f"create database {name} owner {server.OWNER}".encode())
    url = urlunsplit(urlsplit(running.owner_url)._replace(path=f"/{name}"))
    schema.init(url)
    return url


def server_cpu_seconds(running: RunningPostgres) -> float:
    """What the server's processes have used, those that have ended included."""
    postmaster = psutil.Process(running.pid)
    seconds = 0.0
    for child in postmaster.children(recursive=True):
        # One that has ended meanwhile is in the postmaster's sum.
        with suppress(psutil.NoSuchProcess):
            times = child.cpu_times()
            seconds += times.user + times.system
    ended = postmaster.cpu_times()
    return float(seconds + ended.user + ended.system + ended.children_user + ended.children_system)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.simulator", description=__doc__)
    parser.add_argument("--only", default="", help="sizes, separated by commas")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    show(measure([size for size in arguments.only.split(",") if size]), arguments.json)


if __name__ == "__main__":
    main()
