"""What an order costs: line amounts, discount, shipping and tax, for one order or all of a history."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator import parameters
from simulator.randomness import Ints
from simulator.rules import money, shipping, vouchers
from simulator.rules.vouchers import FREE_SHIPPING, VoucherTerms

_CHARM_STEP, _CHARM_ENDING, _LOWEST_CHARM_PRICE = 1_000, 900, 1_900
_MYRIAD = 10_000


@dataclass(frozen=True)
class OrderTerms:
    """What the destination and currency of each order mean for its amounts; money in hundredths."""

    unit: Ints
    """The currency's smallest unit."""
    shipping_fee: Ints
    free_shipping_from: Ints
    """Subtotal after discount from which shipping is free."""
    tax_rate: Ints
    """In ten-thousandths of goods after discount."""


@dataclass(frozen=True)
class OrderAmounts:
    """Amounts in hundredths of the order's currency; `line_*` per line, the others per order."""

    line_discount: Ints
    line_goods_discount: Ints
    """The discount without the part that pays for shipping."""
    line_shipping: Ints
    line_tax: Ints
    subtotal: Ints
    discount: Ints
    shipping: Ints
    tax: Ints
    total: Ints


def terms_of(country: str, currency: str) -> tuple[int, int, int, int]:
    """The fields of OrderTerms for one order; no fee and no tax for countries unknown here."""
    known = parameters.COUNTRIES.get(country)
    unit = money.smallest_unit(currency)
    if known is None or known.currency != currency:
        return unit, 0, 0, 0
    fee, free_from = round(known.shipping_fee * 100), round(known.free_shipping_from * 100)
    return unit, fee, free_from, round(known.tax_rate * _MYRIAD)


def order_terms(countries: list[tuple[str, str]]) -> OrderTerms:
    """The terms of orders, given the country and currency of each."""
    columns = np.array([terms_of(*each) for each in countries], dtype=np.int64).T
    return OrderTerms(*columns)


def order_amounts(amount: Ints, first: Ints, terms: OrderTerms, voucher: VoucherTerms) -> OrderAmounts:
    """All amounts of orders, from their line amounts (quantity x unit price) sorted by order.

    `first` is the position of each order's first line; `terms` and `voucher` are per order.
    """
    order = np.repeat(np.arange(len(first)), np.diff(np.append(first, len(amount))))
    subtotal: Ints = np.add.reduceat(amount, first)
    goods_discount = vouchers.goods_discount(voucher, subtotal, terms.unit)
    fee = shipping.fee(subtotal - goods_discount, terms.shipping_fee, terms.free_shipping_from)
    line_goods_discount = money.spread(goods_discount, amount, first, terms.unit)
    line_shipping = money.spread(fee, amount, first, terms.unit)
    pays_shipping = voucher.kind == FREE_SHIPPING
    line_discount = line_goods_discount + np.where(pays_shipping[order], line_shipping, 0)
    line_tax = money.ratio(amount - line_goods_discount, terms.tax_rate[order], _MYRIAD, terms.unit[order])
    discount, tax = (np.add.reduceat(each, first) for each in (line_discount, line_tax))
    return OrderAmounts(
        line_discount=line_discount,
        line_goods_discount=line_goods_discount,
        line_shipping=line_shipping,
        line_tax=line_tax,
        subtotal=subtotal,
        discount=discount,
        shipping=fee,
        tax=tax,
        total=subtotal - discount + fee + tax,
    )


def charm_price(amount: Ints) -> Ints:
    """A price in whole units that ends in 9, at least 19; rounded down to it."""
    return np.maximum(amount // _CHARM_STEP * _CHARM_STEP + _CHARM_ENDING, _LOWEST_CHARM_PRICE)


def changed_price(price: Ints, percent: Ints | int, unit: Ints | int) -> Ints:
    """A price after a change by some percent; a charm price stays one."""
    changed = money.ratio(price, 100 + np.asarray(percent), 100, unit)
    is_charm = price % _CHARM_STEP == _CHARM_ENDING
    return np.where(is_charm, charm_price(changed), np.maximum(changed, unit))


def sale_price(price: Ints, discount_percent: Ints | int, unit: Ints | int) -> Ints:
    """The price in a flash sale."""
    return money.ratio(price, 100 - np.asarray(discount_percent), 100, unit)
