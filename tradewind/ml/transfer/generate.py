"""Transfer problems of any size, from a seed."""

from __future__ import annotations

import numpy as np

from tradewind.ml.transfer.problem import Problem


def generate(
    *, warehouses: int, cities: int, skus: int, seed: int, tightness: float = 0.9, lead_time: float = 6
) -> Problem:
    """Places on a map, cost and lead time by distance; `tightness` is the part of all stock that is needed.

    Whole pieces everywhere. Each warehouse can send as much as its share of the stock, a tenth more.
    """
    generator = np.random.default_rng(seed)
    at, to = generator.random((warehouses, 2)), generator.random((cities, 2))
    distance = np.linalg.norm(at[:, None, :] - to[None, :, :], axis=2)
    demand = generator.poisson(3.0, (cities, skus)).astype(float)
    share = generator.dirichlet(np.full(warehouses, 5.0), skus).T
    stock = np.ceil(demand.sum(axis=0)[None, :] * share / tightness)
    capacity = np.ceil(stock.sum(axis=1) * 1.1 * tightness)
    return Problem(
        [f"W{number + 1}" for number in range(warehouses)],
        [f"C{number + 1}" for number in range(cities)],
        [f"S{number + 1}" for number in range(skus)],
        demand,
        stock,
        capacity,
        np.round(20 + 100 * distance, 2),
        np.ceil(1 + 4 * distance),
        lead_time,
    )
