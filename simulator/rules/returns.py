"""Returns: how likely a line comes back, what is refunded, and how long each step takes."""

from __future__ import annotations

import numpy as np

from simulator import parameters
from simulator.randomness import Choice, Ints, per_million

MILLION = 1_000_000
REASONS = tuple(parameters.RETURN_REASON_WEIGHTS)
REASON = Choice(list(parameters.RETURN_REASON_WEIGHTS.values()))
_DEPARTMENTS = tuple(parameters.DEPARTMENTS)
_ON_TIME = [per_million(each.return_rate) for each in parameters.DEPARTMENTS.values()]
_RATES = np.array([*_ON_TIME, per_million(parameters.UNKNOWN_DEPARTMENT_RETURN_RATE)], dtype=np.int64)
_LATE_PERCENT = round(parameters.LATE_RETURN_FACTOR * 100)


def department_position(department: str) -> int:
    """Position of a department's rate; one for all departments that the parameters do not know."""
    return _DEPARTMENTS.index(department) if department in _DEPARTMENTS else len(_DEPARTMENTS)


def return_rate(departments: Ints, is_late: bool) -> Ints:
    """Probability in millionths that a delivered line is returned, by position of its department."""
    rates: Ints = _RATES[departments]
    return np.minimum(rates * _LATE_PERCENT // 100, MILLION) if is_late else rates


def refund_amount(amount: Ints, goods_discount: Ints, tax: Ints) -> Ints:
    """What a buyer gets back for a line: its goods after discount with their tax, without shipping."""
    return amount - goods_discount + tax
