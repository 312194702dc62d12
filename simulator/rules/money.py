"""Exact money in integer hundredths: rounding half up to the smallest unit, conversion, proportions."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import numpy as np

from simulator import parameters
from simulator.randomness import Ints

CENT, WHOLE_UNIT = 1, 100
_CENTS = Decimal(100)
_INT64_SAFE = 2.0**61


def smallest_unit(currency: str) -> int:
    """The smallest amount of a currency, in hundredths."""
    return WHOLE_UNIT if currency in parameters.WHOLE_UNIT_CURRENCIES else CENT


def smallest_units(currencies: Sequence[str]) -> Ints:
    """The smallest amount of each currency, in hundredths."""
    return np.array([smallest_unit(currency) for currency in currencies], dtype=np.int64)


def hundredths(amount: Decimal) -> int:
    """A decimal amount in hundredths, rounded half up."""
    return int((amount * _CENTS).quantize(Decimal(1), "ROUND_HALF_UP"))


def decimal(amount: int) -> Decimal:
    """Hundredths as a decimal with two places."""
    return Decimal(int(amount)).scaleb(-2)


def ratio(amount: Ints, numerator: Ints | int, denominator: Ints | int, unit: Ints | int) -> Ints:
    """amount x numerator / denominator, rounded half up to multiples of the smallest unit."""
    scaled = _product(2 * np.asarray(amount), numerator)
    divisor = 2 * np.asarray(denominator) * unit
    rounded = (scaled + np.asarray(denominator) * unit) // divisor * unit
    return np.asarray(rounded, dtype=np.int64)


def convert(amount: Ints, from_rate: Ints | int, to_rate: Ints | int, unit: Ints | int) -> Ints:
    """Prices in another currency, at least one smallest unit; rates are per unit of a common currency."""
    return np.maximum(ratio(amount, from_rate, to_rate, unit), unit)


def spread(total: Ints, weight: Ints, first: Ints, unit: Ints) -> Ints:
    """Each order's total over its lines in proportion to their weights, adding up exactly.

    Parts are rounded down to the smallest unit; the rest goes to the line with the largest weight, the first
    of equal ones. No part exceeds its weight where the total is at most the sum of weights: what would goes
    to the next largest. `first` is the position of each order's first line; `total` and `unit` are per order.
    """
    order = np.repeat(np.arange(len(first)), np.diff(np.append(first, len(weight))))
    weights = np.add.reduceat(weight, first)
    exact = _product(total[order] // unit[order], weight) // np.maximum(weights[order], 1) * unit[order]
    parts = np.asarray(exact, dtype=np.int64)
    position = np.where(
        weight == np.maximum.reduceat(weight, first)[order], np.arange(len(weight)), len(weight)
    )
    largest = np.minimum.reduceat(position, first)
    parts[largest] += total - np.add.reduceat(parts, first)
    for each in np.flatnonzero((parts[largest] > weight[largest]) & (total <= weights)).tolist():
        _hand_on_excess(parts, weight, np.flatnonzero(order == each))
    return parts


def _hand_on_excess(parts: Ints, weight: Ints, lines: Ints) -> None:
    """Move what exceeds a line's weight to the next largest line of the order."""
    excess = 0
    for line in lines[np.argsort(-weight[lines], kind="stable")].tolist():
        whole = int(parts[line]) + excess
        parts[line] = min(whole, int(weight[line]))
        excess = whole - int(parts[line])


def _product(left: Ints, right: Ints | int) -> Ints:
    """left x right; in Python integers where int64 could overflow."""
    largest = float(np.max(np.abs(left), initial=0)) * float(np.max(np.abs(np.asarray(right)), initial=0))
    if largest > _INT64_SAFE:
        left = left.astype(object)
    product: Ints = left * right
    return product
