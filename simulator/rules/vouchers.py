"""Vouchers: whether one applies to an order, which one a buyer uses, and what it takes off the goods."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator import parameters
from simulator.randomness import Bools, Ints
from simulator.rules import money

TYPES = tuple(parameters.VOUCHER_TYPE_WEIGHTS)
PERCENTAGE, FIXED_AMOUNT, FREE_SHIPPING = range(len(TYPES))
NONE = -1


@dataclass(frozen=True)
class VoucherTerms:
    """The voucher of each order: its type (NONE without one), value and cap; money in hundredths.

    The value of a percentage voucher is in hundredths of a percent; the cap is NONE without one.
    """

    kind: Ints
    value: Ints
    max_discount: Ints


def no_vouchers(count: int) -> VoucherTerms:
    """Terms of orders without vouchers."""
    none = np.full(count, NONE)
    return VoucherTerms(none, none, none)


def applies(
    moment: Ints, starts: Ints | int, ends: Ints | int, subtotal: Ints, min_order_amount: Ints | int
) -> Bools:
    """Whether a voucher of the order's currency is valid then and the order is large enough."""
    is_valid: Bools = (starts <= moment) & (moment < ends) & (subtotal >= min_order_amount)
    return is_valid


def preference(ends: float, voucher_id: int) -> tuple[float, int]:
    """Sort key of the vouchers that apply: a buyer uses the one that ends first."""
    return ends, voucher_id


def goods_discount(voucher: VoucherTerms, subtotal: Ints, unit: Ints) -> Ints:
    """What the voucher takes off the goods: rounded half up, within its cap and the subtotal."""
    share = money.ratio(subtotal, voucher.value, 10_000, unit)
    fixed = money.ratio(voucher.value, 1, 1, unit)
    discount = np.select([voucher.kind == PERCENTAGE, voucher.kind == FIXED_AMOUNT], [share, fixed], 0)
    cap = np.where(voucher.max_discount >= 0, voucher.max_discount // unit * unit, subtotal)
    return np.asarray(np.minimum(discount, np.minimum(cap, subtotal)), dtype=np.int64)
