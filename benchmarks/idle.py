"""What a stack costs while nothing happens, and how quick the capture is nevertheless, in one run.

python -m benchmarks.idle [--json]
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from pathlib import Path

import psutil

from benchmarks import capture
from benchmarks.batch import Home, new_home
from benchmarks.report import Result, show
from tradewind.stack import processes

SETTLING_SECONDS = 30
OBSERVED_SECONDS = 90
"""Three rounds of Dagster's sensors."""


def measure() -> dict[str, Result]:
    """Percent of a core per service of an idle stack, in a home with a small shop."""
    with new_home() as home:
        home.tradewind("up")
        home.tradewind("source", "seed", "--size", "small")
        home.tradewind("build")
        time.sleep(SETTLING_SECONDS)
        return {"idle stack": percent_of_a_core(home)}


def percent_of_a_core(home: Home) -> Result:
    """What each service takes with its children, and all of them together."""
    folder = Path(home.environment["TRADEWIND_HOME"])
    before, started = _seconds_used(folder), time.monotonic()
    time.sleep(OBSERVED_SECONDS)
    after, observed = _seconds_used(folder), time.monotonic() - started
    percent = {f"{name}_percent": 100 * (after[name] - before.get(name, 0)) / observed for name in after}
    return percent | {"total_percent": sum(percent.values())}


def _seconds_used(home: Path) -> dict[str, float]:
    """Processor time by service, of its running processes."""
    used: dict[str, float] = defaultdict(float)
    for pid, service in processes.of_home(home).items():
        try:
            times = psutil.Process(pid).cpu_times()
        except psutil.NoSuchProcess:
            continue
        # Children that have ended count too: a service's own time has theirs.
        used[service] += times.user + times.system + times.children_user + times.children_system
    return used


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.idle", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    as_json = parser.parse_args().json
    show(measure() | capture.measure(["latency"]), as_json)


if __name__ == "__main__":
    main()
