"""What the cheapest transfer saves on generated problems, beside serving one city after another."""

from __future__ import annotations

import time

import numpy as np

from tradewind.ml.evaluation import Score
from tradewind.ml.transfer.generate import generate
from tradewind.ml.transfer.problem import Problem
from tradewind.ml.transfer.solve import solve

NAME = "transfer"
NEAREST = "cheapest warehouse that has pieces left, one city after another"


def on_generated(seeds: int = 5) -> list[Score]:
    """Cost per piece over several problems of 5 warehouses, 40 cities and 50 SKUs."""
    ours, theirs, seconds = [], [], []
    for seed in range(seeds):
        problem = generate(warehouses=5, cities=40, skus=50, seed=seed, tightness=0.8)
        started = time.perf_counter()
        plan = solve(problem)
        seconds.append(time.perf_counter() - started)
        pieces = plan.quantity.sum()
        ours.append(plan.cost / pieces)
        theirs.append(one_after_another(problem) / pieces)
    title = f"{seeds} generated problems, 5 x 40 x 50"
    baseline = float(np.mean(theirs))
    note = f"slowest {max(seconds):.2f} s"
    return [
        Score(NAME, title, "cost per piece", float(np.mean(ours)), NEAREST, baseline, baseline, note=note)
    ]


def one_after_another(problem: Problem) -> float:
    """The cost of serving cities in order, each SKU from the cheapest warehouse that still has it.

    What is left over in the end is sent from wherever there is stock, whatever the capacity or lead time, so
    that this rule never looks more expensive than it is.
    """
    stock, capacity = problem.stock.copy(), problem.capacity.copy()
    total = 0.0
    for city in range(len(problem.cities)):
        near = [at for at in np.argsort(problem.cost[:, city]) if problem.is_near[at, city]]
        for sku in np.flatnonzero(problem.needed[city] > 0):
            missing = problem.needed[city, sku]
            for at in near:
                sent = min(missing, stock[at, sku], capacity[at])
                stock[at, sku] -= sent
                capacity[at] -= sent
                missing -= sent
                total += sent * problem.cost[at, city]
            total += missing * problem.cost[:, city].min()
    return float(total)
