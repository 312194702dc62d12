"""Rules about orders that need no training."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tradewind.ml.fraud.features import Features
from tradewind.ml.panel import Floats

Hits = NDArray[np.bool_]
RULES: dict[str, Callable[[Features], Hits]] = {
    "many orders from the device": lambda f: _at_least(f, "device_orders_1h", 4),
    "several accounts on the device": lambda f: _at_least(f, "device_user_changes_1d", 2),
    "card of another country": lambda f: _at_least(f, "is_card_foreign", 1),
    "cards tried one after another": lambda f: _at_least(f, "user_failures_1h", 2),
    "new network and a large amount": lambda f: (
        _at_least(f, "amount_against_mean", 4) & (_of(f, "user_network_part") < 0.4)
    ),
    "device, card or account of a known fraud": lambda f: (
        (_of(f, "device_frauds_180d") + _of(f, "card_frauds_180d") + _of(f, "user_frauds_180d")) > 0
    ),
    "sends nearly everything back": lambda f: (
        _at_least(f, "user_returns_180d", 2)
        & (_of(f, "user_returns_180d") >= 0.6 * _of(f, "user_orders_180d"))
    ),
}
"""Name -> whether it fires, per row of the features."""


def fired(features: Features) -> Hits:
    """Rows x rules."""
    return np.column_stack([rule(features) for rule in RULES.values()])


def _of(features: Features, name: str) -> Floats:
    values: Floats = features[name].to_numpy(dtype=float)
    return values


def _at_least(features: Features, name: str, least: float) -> Hits:
    found: Hits = _of(features, name) >= least
    return found
