"""Loyalty: the points a delivered order earns, and the tier that spend and points give."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from simulator import parameters
from simulator.randomness import Ints
from simulator.rules import money

TIERS = tuple(name for name, _, _ in parameters.LOYALTY_TIERS)
RATE_UNITS = 10**8
"""Exchange rates as integers: units of the reporting currency for one unit, times this."""


def points(reported_cents: Ints) -> Ints:
    """Points of orders, from their totals in hundredths of the reporting currency; fractions are dropped."""
    return reported_cents // 100 * parameters.LOYALTY_POINTS_PER_USD


def points_of(total_amount: Decimal, rate: Decimal) -> int:
    """Points of one order, from its total and the exchange rate of its currency."""
    amount, units = np.array([money.hundredths(total_amount)]), int(rate * RATE_UNITS)
    return int(points(money.ratio(amount, units, RATE_UNITS, money.CENT))[0])


def tiers(spend_cents: Ints, points: Ints) -> Ints:
    """Positions in TIERS: the highest one whose spend or points threshold is reached."""
    tier = np.zeros(len(spend_cents), dtype=np.int64)
    for number, (_, least_spend, least_points) in enumerate(parameters.LOYALTY_TIERS):
        tier[(spend_cents >= least_spend * 100) | (points >= least_points)] = number
    return tier
