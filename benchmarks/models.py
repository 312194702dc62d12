"""How long models take: 3,000 demand series trained and forecast, and the largest transfer problem.

python -m benchmarks.models [--json]
"""

from __future__ import annotations

import argparse
import time

from application import simulated_shop
from benchmarks.report import Result, show
from tradewind.ml.demand import model
from tradewind.ml.transfer.generate import generate
from tradewind.ml.transfer.solve import solve

TRANSFER = {"warehouses": 5, "cities": 200, "skus": 1_000}


def measure(arguments: list[str]) -> dict[str, Result]:
    """Both measurements."""
    return {"demand, 3,000 series": demand(), "transfer, 5 x 200 x 1,000": transfer()}


def demand() -> Result:
    """Training on the small simulated shop's 600 SKUs in 5 warehouses, and its forecast with quantiles."""
    panel = simulated_shop.panel("small")
    started = time.perf_counter()
    fitted = model.fit(panel)
    trained = time.perf_counter()
    fitted.predict(panel).quantiles()
    done = time.perf_counter()
    return {
        "series": panel.count, "train_s": trained - started, "forecast_s": done - trained,
        "total_s": done - started,
    }  # fmt: skip


def transfer() -> Result:
    """The cheapest plan where stock and capacity bind."""
    problem = generate(**TRANSFER, seed=1)
    started = time.perf_counter()
    plan = solve(problem)
    return {"total_s": time.perf_counter() - started, "flows": len(plan.quantity)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.models", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON")
    show(measure([]), parser.parse_args().json)


if __name__ == "__main__":
    main()
