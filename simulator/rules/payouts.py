"""Payouts: what a gateway, a marketplace or the platform pays for, what it keeps, and when it pays."""

from __future__ import annotations

import numpy as np

from simulator import parameters
from simulator.randomness import Bools, Ints, per_million
from simulator.rules import money

GATEWAY, MARKETPLACE, PLATFORM = PAYER_TYPES = ("gateway", "marketplace", "platform")
SALE, REFUND, CHARGEBACK = LINE_TYPES = ("sale", "refund", "chargeback")
PERIOD_DAYS = {
    GATEWAY: 1,
    MARKETPLACE: parameters.MARKETPLACE_PERIOD_DAYS,
    PLATFORM: parameters.SELLER_PERIOD_DAYS,
}
"""Length of the time that one payout settles."""
_MILLION, _MYRIAD = 1_000_000, 10_000


def days_to_payout(payer_type: str, payer: str) -> int:
    """Days from the end of a period to the transfer."""
    if payer_type == GATEWAY:
        return parameters.GATEWAY_PAYOUT_DAYS.get(payer, max(parameters.GATEWAY_PAYOUT_DAYS.values()))
    if payer_type == MARKETPLACE:
        return parameters.MARKETPLACE_PAYOUT_DAYS
    return parameters.SELLER_PAYOUT_DAYS


def gateway_fee(stated_fee: Ints, is_wrong: Bools, unit: Ints | int) -> Ints:
    """What a gateway keeps of a payment: the stated fee, or in error another one."""
    wrong = money.ratio(stated_fee, parameters.PAYOUT_FEE_ERROR_PERCENT, 100, unit)
    return np.where(is_wrong, wrong, stated_fee)


def marketplace_fee(total: Ints, marketplace: str, unit: Ints | int) -> Ints:
    """What a marketplace keeps of an order's total."""
    return money.ratio(total, per_million(parameters.MARKETPLACE_FEE_RATE[marketplace]), _MILLION, unit)


def seller_gross(amount: Ints, goods_discount: Ints, is_seller_funded: Bools) -> Ints:
    """What a line is worth to its seller: its goods, less the discount if the seller funds it."""
    return amount - np.where(is_seller_funded, goods_discount, 0)


def commission(gross: Ints, rate_per_myriad: Ints | int, unit: Ints | int) -> Ints:
    """What the platform keeps of a line, at the seller's rate at order time."""
    return money.ratio(gross, rate_per_myriad, _MYRIAD, unit)
