"""Payment cards: which card an account pays with, and whose card an attacker uses."""

from __future__ import annotations

import numpy as np

from simulator.randomness import Bools, Ints
from simulator.rules.payments import CREDIT_CARD

_CARDS_PER_ACCOUNT = 4
"""A credit and a debit card, twice."""


def card_number(accounts: Ints, methods: Ints, is_second: Bools) -> Ints:
    """The number of an account's card; accounts are numbered from 0, methods are positions in METHODS."""
    number: Ints = accounts * _CARDS_PER_ACCOUNT + 2 * (methods != CREDIT_CARD) + is_second.astype(np.int64)
    return number
