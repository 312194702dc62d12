"""Delivery: which warehouse ships what, how long it takes, what is promised, and what counts as late."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from simulator import parameters
from simulator.randomness import Ints, Quantiles

HOUR, DAY = 3_600, 86_400
TRANSIT = Quantiles(parameters.TRANSIT_QUANTILES_PER_MILLE)
DELAYS = tuple(parameters.RATING_WEIGHTS_BY_DELAY)
"""Classes of delay, from on time on."""
_TRANSIT_SECONDS = np.array(parameters.TRANSIT_HOURS, dtype=np.int64) * HOUR


def mean_transit_seconds(warehouse: int, zone: int) -> int:
    """Mean time from pick-up to delivery."""
    return int(_TRANSIT_SECONDS[warehouse, zone])


def warehouses_by_distance(zone: int) -> list[int]:
    """The warehouses' positions, shortest transit to the zone first."""
    return sorted(range(len(_TRANSIT_SECONDS)), key=lambda at: (_TRANSIT_SECONDS[at, zone], at))


def choose_warehouses(
    lines: Sequence[int], by_distance: Sequence[int], has_stock: Callable[[int, int], bool]
) -> list[int] | None:
    """The warehouse of each line: the nearest one that has all lines, or else the nearest for each line.

    None if some line is in stock nowhere. `has_stock` tells whether a warehouse has all pieces of a line.
    """
    for warehouse in by_distance:
        if all(has_stock(line, warehouse) for line in lines):
            return [warehouse] * len(lines)
    chosen = []
    for line in lines:
        nearest = next((each for each in by_distance if has_stock(line, each)), None)
        if nearest is None:
            return None
        chosen.append(nearest)
    return chosen


def transit_seconds(mean_seconds: Ints, quantile_per_mille: Ints) -> Ints:
    """Time from pick-up to delivery; a parcel's quantile is drawn from TRANSIT."""
    return mean_seconds * quantile_per_mille // 1_000


def promised_seconds(mean_seconds: Ints) -> Ints:
    """Time from the order to the promised delivery, from the slowest of its warehouses."""
    allowance = sum(parameters.HANDLING_HOURS) + parameters.PAYMENT_ALLOWANCE_HOURS
    return mean_seconds * round(parameters.PROMISED_TRANSIT_RATE * 100) // 100 + allowance * HOUR


def delay_class(delay_seconds: Ints) -> Ints:
    """Position in DELAYS, from the seconds after the promise (negative: before it)."""
    little, very = (days * DAY for days in parameters.DELAY_LIMITS_DAYS)
    return (delay_seconds > little).astype(np.int64) + (delay_seconds > very)
