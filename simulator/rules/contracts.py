"""Sellers' contracts: tiers, their commission rates, and how a contract changes."""

from __future__ import annotations

import numpy as np

from simulator import parameters
from simulator.randomness import Bools, Ints

TIERS = ("silver", "gold", "platinum")
COMMISSION_PER_MYRIAD = np.array((1_200, 1_000, 800))
"""Commission rate by tier, in ten-thousandths."""
STANDARD_COMMISSION_PER_MYRIAD = 1_000
"""Where a seller's contract names no rate."""
_WEIGHTS = parameters.SELLER_CONTRACT_CHANGE_WEIGHTS
CHANGES_PER_YEAR = sum(count * weight for count, weight in enumerate(_WEIGHTS)) / sum(_WEIGHTS)
"""Of one seller, on average."""


def neighbouring_tier(tiers: Ints, is_up: Bools) -> Ints:
    """The next tier up or down, as positions in TIERS; at either end the only one there is."""
    wanted = tiers + np.where(is_up, 1, -1)
    is_possible = (wanted >= 0) & (wanted < len(TIERS))
    return np.where(is_possible, wanted, 2 * tiers - wanted)
