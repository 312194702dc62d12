"""Every benchmark, one after another in one run, against the bars that the project sets itself.

make bench                                      # prints everything
make bench ARGS="--write docs/benchmarks.md"    # and keeps the figures with their date and machine
"""

from __future__ import annotations

import argparse
import datetime
import json
import operator
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks import batch, capture, idle, live, loads, models, simulator, warehouse_http
from benchmarks.report import Result, machine, show
from tradewind.settings import PROJECT_ROOT

Results = dict[str, Result]


@dataclass(frozen=True)
class Bar:
    """What a figure should reach: `reaches(measured, limit)` tells."""

    what: str
    measurement: str
    figure: str
    limit: float
    reaches: Callable[[float, float], bool]
    unit: str

    def row(self, results: Results) -> str:
        """One line of the table."""
        value = results[self.measurement][self.figure]
        sign = "under" if self.reaches is operator.lt else "at least"
        verdict = "yes" if self.reaches(value, self.limit) else "**no**"
        return f"| {self.what} | {value:,.1f} {self.unit} | {sign} {self.limit:,g} {self.unit} | {verdict} |"


BARS = [
    Bar("demo, wall time after set-up, until the summary", "demo", "total_s", 60, operator.lt, "s"),
    Bar(
        "demo, wall time after set-up, until everything has stopped",
        "demo",
        "with_stop_s",
        60,
        operator.lt,
        "s",
    ),
    Bar(
        "commit to bronze, p50 at 100 commits/s",
        "latency_100_commits_per_second",
        "p50_ms",
        40,
        operator.lt,
        "ms",
    ),
    Bar(
        "commit to bronze, p99 at 100 commits/s",
        "latency_100_commits_per_second",
        "p99_ms",
        150,
        operator.lt,
        "ms",
    ),
    Bar(
        "streamed into bronze",
        "stream_10000_rows_per_transaction",
        "rows_per_second",
        10_000,
        operator.ge,
        "rows/s",
    ),
    Bar("snapshot into bronze", "snapshot", "rows_per_second", 25_000, operator.ge, "rows/s"),
    Bar(
        "live events, simulated and written",
        f"live NormalDay at {live.OFFERED} events/s",
        "events_per_second",
        2_000,
        operator.ge,
        "events/s",
    ),
    Bar("seed small", "seed small", "total_s", 5, operator.lt, "s"),
    Bar("seed medium", "seed medium", "total_s", 60, operator.lt, "s"),
    Bar("seed large", "seed large", "total_s", 360, operator.lt, "s"),
    Bar("seed large, memory", "seed large", "peak_memory_mb", 2_000, operator.lt, "MB"),
    Bar("idle capture, of a core", "idle stack", "capture_percent", 3, operator.lt, "%"),
    Bar("idle stack, of a core", "idle stack", "total_percent", 10, operator.lt, "%"),
    Bar(
        "3,000 demand series, trained and forecast", "demand, 3,000 series", "total_s", 180, operator.lt, "s"
    ),
    Bar("largest transfer problem", "transfer, 5 x 200 x 1,000", "total_s", 30, operator.lt, "s"),
    Bar("added to `select 1` by the warehouse server", "added by HTTP", "p50_ms", 5, operator.lt, "ms"),
]


def measure(data: Path) -> Results:
    """All measurements, each printed once it is done; the demo first, while the machine is quiet."""
    parts: list[Callable[[], Results]] = [
        lambda: batch.measure(data),
        idle.measure,
        lambda: warehouse_http.measure(warehouse_http.ROUNDS),
        lambda: capture.measure([]),
        live.measure,
        lambda: simulator.measure([]),
        lambda: models.measure([]),
        lambda: loads.measure(data.parent),
    ]
    results: Results = {}
    for part in parts:
        measured = part()
        show(measured, as_json=False)
        results |= measured
    return results


INTRODUCTION = """\
# Benchmarks

Written by `make bench ARGS="--write docs/benchmarks.md"`: every figure of one run, one measurement after
the other, on the product's own processes, all of them and the clients on the same machine. Timings of one
machine say little about another; ratios say more. The demo is that of the Olist data; `with_stop_s` ends when
its last process is gone.
"""


def page(results: Results) -> str:
    """docs/benchmarks.md."""
    lines = [
        INTRODUCTION,
        f"{datetime.datetime.now(datetime.UTC).date().isoformat()}, {machine()}.",
        "",
        "| figure | measured | bar | reached |",
        "|---|---|---|---|",
        *(bar.row(results) for bar in BARS),
        "",
        "## Everything that was measured",
        "",
        "| measurement | figures |",
        "|---|---|",
    ]
    for name, result in results.items():
        figures = ", ".join(f"{figure} {value:,.1f}" for figure, value in result.items())
        lines.append(f"| {name} | {figures} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, print, and write the page if asked to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    default = (
        Path(os.environ.get("TRADEWIND_DATA") or PROJECT_ROOT.parent / "shared" / "data") / "olist_sample_8k"
    )
    parser.add_argument("--data", type=Path, default=default, help="the folder with the Olist files")
    parser.add_argument("--write", type=Path, help="keep the figures in this Markdown file")
    parser.add_argument("--json", type=Path, help="keep the figures in this JSON file")
    arguments = parser.parse_args()
    if not arguments.data.is_dir():
        parser.error(
            f"{arguments.data} is not a folder: name that of the Olist files with --data or TRADEWIND_DATA"
        )
    print(machine())
    results = measure(arguments.data)
    print("\n".join(bar.row(results) for bar in BARS))
    if arguments.write:
        arguments.write.write_text(page(results))
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
