"""Fraud cases and chargebacks: how likely an order has one, and how likely a case is decided as fraud.

Rates are in millionths, by position of the attack's kind in parameters.ATTACK_KINDS; -1, the last one, is an
order of an honest buyer.
"""

from __future__ import annotations

import numpy as np

from simulator import parameters
from simulator.randomness import Ints, per_million

HONEST = -1
FRAUD, LEGITIMATE = OUTCOMES = ("fraud", "legitimate")
_DAY = 86_400


def _rates(by_kind: dict[str, float], honest: float) -> Ints:
    rates = [by_kind[kind] for kind in parameters.ATTACK_KINDS]
    return np.array([per_million(rate) for rate in (*rates, honest)], dtype=np.int64)


CHARGEBACK = _rates(parameters.CHARGEBACK_RATE, parameters.HONEST_CHARGEBACK_RATE)
"""A captured card payment is charged back."""
CASE = _rates(parameters.CASE_RATE, parameters.FALSE_CASE_RATE)
"""The risk team opens a case by itself."""
DECIDED_AS_FRAUD = _rates(
    dict.fromkeys(parameters.ATTACK_KINDS, 1 - parameters.CASE_MISSED_RATE), parameters.CASE_WRONG_RATE
)
"""A case ends as fraud."""


def _seconds(days: tuple[int, int]) -> tuple[int, int]:
    return days[0] * _DAY, days[1] * _DAY


CHARGEBACK_SECONDS = _seconds(parameters.CHARGEBACK_DAYS)
"""From the capture of a payment to its chargeback, lowest and highest; a chargeback opens a case."""
OPENING_SECONDS = _seconds(parameters.CASE_OPENED_DAYS)
"""From the order to the opening of a case."""
DECISION_SECONDS = _seconds(parameters.CASE_DECIDED_DAYS)
"""From the opening of a case to its decision."""


def kind_position(attack_kind: str | None) -> int:
    """Position of an attack's kind in the rates; HONEST for none."""
    return HONEST if attack_kind is None else parameters.ATTACK_KINDS.index(attack_kind)
