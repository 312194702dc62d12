"""How long the whole way takes, what a build costs when nothing changed, and how fast ODS merges.

Everything is the product's own: the demo as a subprocess in a home of its own, then builds in that home.

    python -m benchmarks.batch --data DIR [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.report import Result, show
from connectors.bronze.progress import wait_until_captured
from tradewind.settings import PROJECT_ROOT

REPEATS = 3
WITHOUT_UNIT_TESTS = ("--exclude-resource-type", "unit_test")
MERGED_TABLE = "geolocations"


class Home:
    """A running stack in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.environment = os.environ | {"TRADEWIND_HOME": str(folder / "home")}

    def tradewind(self, *arguments: str) -> str:
        """Run a command; a failure raises with its output."""
        return self._run(sys.executable, "-m", "application.cli", *arguments)

    def dbt(self, *arguments: str) -> str:
        """Run dbt as a person would after `tradewind env`."""
        return self._run(str(Path(sys.executable).with_name("dbt")), *arguments)

    def _run(self, *command: str) -> str:
        done = subprocess.run(command, cwd=PROJECT_ROOT, env=self.environment, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}:\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def enter(self) -> None:
        """Take over what `tradewind env` prints."""
        script = f'eval "$({sys.executable} -m application.cli env)" && {sys.executable} -c '
        script += "'import json, os; print(json.dumps(dict(os.environ)))'"
        done = subprocess.run(
            ["sh", "-c", script],
            cwd=PROJECT_ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        self.environment = json.loads(done.stdout)


@contextmanager
def new_home() -> Iterator[Home]:
    """A home in which nothing has been started; nothing runs in it afterwards."""
    with tempfile.TemporaryDirectory(prefix="tradewind-bench-") as folder:
        Path(folder).chmod(0o711)
        home = Home(Path(folder))
        try:
            yield home
        finally:
            home.tradewind("down")


def measure(data: Path) -> dict[str, Result]:
    """Seconds and rates, by measurement."""
    with new_home() as home:
        words = ("demo", "--data", str(data), "--keep", "--json")
        seconds = json.loads(home.tradewind(*words))["seconds"]
        home.enter()
        measured = {"nothing_changed": nothing_changed(home), "ods_merge": merge_rate(home)}
        seconds["stop"] = _seconds(lambda: home.tradewind("down"))
        seconds["with_stop"] = seconds["total"] + seconds["stop"]
        return {"demo": {f"{name}_s": value for name, value in seconds.items()}, **measured}


def nothing_changed(home: Home) -> Result:
    """A build with no new change: through Dagster, and dbt alone; the difference is Dagster's overhead."""
    through_dagster = [_seconds(lambda: home.tradewind("build")) for _ in range(REPEATS)]
    dbt_alone = [_seconds(lambda: home.dbt("build", "--quiet", *WITHOUT_UNIT_TESTS)) for _ in range(REPEATS)]
    parse = [_seconds(lambda: home.dbt("ls", "--quiet")) for _ in range(REPEATS)]
    whole, alone = statistics.median(through_dagster), statistics.median(dbt_alone)
    return {
        "tradewind_build_s": whole,
        "dbt_build_s": alone,
        "dagster_overhead_s": whole - alone,
        "dbt_start_s": statistics.median(parse),
    }


def merge_rate(home: Home) -> Result:
    """Rows per second from bronze into ODS, dbt's start not counted: one table changed as a whole."""
    with psycopg.connect(home.environment["DATABASE_URL"], autocommit=True) as shop:
        changed = shop.execute(f"update {MERGED_TABLE} set city = city || ''").rowcount
    wait_until_captured(home.environment["DATABASE_URL"], home.environment["CLICKHOUSE_WRITER_URL"], 300)
    home.dbt("run", "--quiet", "--select", f"ods_{MERGED_TABLE}")
    results = json.loads((Path(home.environment["DBT_TARGET_PATH"]) / "run_results.json").read_text())[
        "results"
    ]
    seconds = sum(
        result["execution_time"] for result in results if result["unique_id"].endswith(MERGED_TABLE)
    )
    return {"rows": changed, "rows_per_second": changed / seconds, "model_s": seconds}


def _seconds(work: Any) -> float:
    started = time.monotonic()
    work()
    return time.monotonic() - started


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.batch", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder with the Olist files")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    show(measure(arguments.data), arguments.json)


if __name__ == "__main__":
    main()
