"""Every benchmark of the near-real-time marts in one run, as a page and a picture.

    python -m benchmarks.near_real_time [--write docs/benchmarks-near-real-time.md] [--only PART,...]

The parts are latency, landing, soak and reading; the picture of the latency is written beside the page.
A quick look, which runs everything and says little: `--seconds 3 --minutes 1 --share 0.01`.
"""

from __future__ import annotations

import argparse
import datetime
from collections.abc import Callable
from pathlib import Path

from benchmarks import landing, latency, reading, soak
from benchmarks.report import Result, machine, show

Results = dict[str, Result]
PICTURE = Path("pictures") / "latency.png"
STAGES = {"capture": "#8fd3c1", "bronze": "#2e86ab", "mart": "#1f4e79"}
PARTS: dict[str, Callable[[argparse.Namespace], Results]] = {
    "latency": lambda chosen: latency.measure(
        [load for load in chosen.loads.split(",") if load], chosen.seconds
    ),
    "landing": lambda chosen: landing.measure(int(landing.EVENTS * min(1, 10 * chosen.share))),
    "soak": lambda chosen: soak.measure(chosen.minutes),
    "reading": lambda chosen: reading.measure(
        int(reading.ORDERS * chosen.share), int(reading.EVENTS * chosen.share)
    ),
}
RATES = ("100 commits/s", "1000 commits/s")
MOST_ADDED_MS = {"p50_ms": 20, "p99_ms": 60}
"""What the way from bronze to the mart may add to the way from a commit to bronze, in the same run."""

INTRODUCTION = """\
# Benchmarks of the near-real-time marts

Written by `python -m benchmarks.near_real_time --write docs/benchmarks-near-real-time.md`. All processes, the
writer and the reading clients are on the same machine; the clients ask over HTTP every 10 ms. An order is two
rows. `capture` is from the commit until the capture hands the event over, `bronze` and `mart` until a client
sees it in `bronze.orders` and in `rt_order_metrics`. The warm-up is the first load after the start."""


def added(results: Results) -> list[str]:
    """Rows of a table: what the mart adds to bronze."""
    rows = []
    for rate in (rate for rate in RATES if f"{rate}: mart" in results):
        for figure, limit in MOST_ADDED_MS.items():
            value = results[f"{rate}: mart"][figure] - results[f"{rate}: bronze"][figure]
            verdict = "yes" if value <= limit else "**no**"
            rows.append(f"| {rate}, {figure[:3]} | {value:,.1f} ms | at most {limit} ms | {verdict} |")
    return rows


def page(results: Results) -> str:
    """The page in docs/."""
    lines = [INTRODUCTION, "", f"{datetime.datetime.now(datetime.UTC).date().isoformat()}, {machine()}.", ""]
    if any(f"{rate}: mart" in results for rate in RATES):
        lines += [f"![From a commit to a mart]({PICTURE})", ""]
        lines += ["| the mart adds to bronze, at | measured | bar | reached |", "|---|---|---|---|"]
        lines += [*added(results), ""]
    lines += ["| measurement | figures |", "|---|---|"]
    for name, result in results.items():
        figures = ", ".join(f"{figure} {value:,.1f}" for figure, value in result.items())
        lines.append(f"| {name} | {figures} |")
    return "\n".join(lines) + "\n"


def draw(results: Results, path: Path) -> None:
    """Median and 99th percentile per load and stage."""
    import matplotlib as mpl

    mpl.use("agg")
    import matplotlib.pyplot as plt

    loads = [name for name in latency.LOADS if f"{name}: mart" in results and name[0].isdigit()]
    figure, axes = plt.subplots(1, 2, figsize=(11, 3.6), layout="constrained")
    for axis, cut in zip(axes, ("p50_ms", "p99_ms"), strict=True):
        for number, (stage, colour) in enumerate(STAGES.items()):
            places = [place + (number - 1) * 0.27 for place in range(len(loads))]
            values = [results[f"{load}: {stage}"][cut] for load in loads]
            bars = axis.bar(places, values, 0.25, color=colour, label=f"commit to {stage}")
            axis.bar_label(bars, fmt="%.0f", fontsize=7, padding=1)
        axis.set_title("median" if cut == "p50_ms" else "99th percentile", loc="left", fontsize=10)
        axis.set_xticks(range(len(loads)), loads, fontsize=8)
        axis.set_ylabel("ms")
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].legend(frameon=False, fontsize=8, loc="upper left")
    figure.savefig(path, dpi=110)
    plt.close(figure)


def main() -> None:
    """Measure, print, and write the page if asked to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.near_real_time", description=__doc__)
    parser.add_argument("--write", type=Path, help="keep the figures in this Markdown file")
    parser.add_argument("--only", default=",".join(PARTS), help="names of parts, comma-separated")
    parser.add_argument("--seconds", type=float, help="how long each load of the latency lasts")
    parser.add_argument("--loads", default="", help="loads of the latency, or their beginnings; all without")
    parser.add_argument("--minutes", type=float, default=soak.MINUTES, help="how long the soak lasts")
    parser.add_argument(
        "--share", type=float, default=1, help="how much of the large shop is generated, 0 to 1"
    )
    arguments = parser.parse_args()
    print(machine())
    results: Results = {}
    for name in arguments.only.split(","):
        measured = PARTS[name](arguments)
        if name != "latency":  # it prints each load when it is done
            show(measured, as_json=False)
        results |= {key if name == "latency" else f"{name}: {key}": value for key, value in measured.items()}
    if arguments.write:
        arguments.write.write_text(page(results))
        if "latency" in arguments.only:
            draw(results, arguments.write.parent / PICTURE)


if __name__ == "__main__":
    main()
