"""Shipping: what the buyer pays, and what a parcel costs the shop."""

from __future__ import annotations

import numpy as np

from simulator.randomness import Ints
from simulator.rules import money


def fee(subtotal_after_discount: Ints, shipping_fee: Ints, free_shipping_from: Ints) -> Ints:
    """The buyer's shipping charge of each order; free from a subtotal after discount on."""
    return np.where(subtotal_after_discount >= free_shipping_from, 0, shipping_fee)


def parcel_cost(shipping_fee: Ints, percent: Ints, unit: Ints) -> Ints:
    """What a parcel costs the shop: a percentage of the fee that buyers in its country pay."""
    return money.ratio(shipping_fee, percent, 100, unit)
