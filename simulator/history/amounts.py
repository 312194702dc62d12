"""What an order costs: vouchers and their limits, shipping, tax; every sum exact in whole hundredths."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator import columns, parameters
from simulator.history.attacks import Attacks
from simulator.history.order_lines import OrderLines
from simulator.history.orders import Orders
from simulator.plan import Plan
from simulator.randomness import Ints, Stream
from simulator.world.promotions import FREE_SHIPPING, PERCENTAGE, Vouchers
from simulator.world.rates import CURRENCIES

_MILLION = 1_000_000
_COUNTRIES = tuple(parameters.COUNTRIES.values())
_FEE = np.array([round(country.shipping_fee * 100) for country in _COUNTRIES])
_FREE_FROM = np.array([round(country.free_shipping_from * 100) for country in _COUNTRIES])
_TAX_PER_MYRIAD = np.array([round(country.tax_rate * 10_000) for country in _COUNTRIES])
_COIN = np.array([100 if currency in parameters.WHOLE_UNIT_CURRENCIES else 1 for currency in CURRENCIES])


@dataclass(frozen=True)
class OrderAmounts:
    """Amounts in hundredths of the order's currency; `line_*` per line, the others per order."""

    line_discount: Ints
    line_goods_discount: Ints
    """Without the part that pays for shipping."""
    line_shipping: Ints
    line_tax: Ints
    subtotal: Ints
    discount: Ints
    shipping: Ints
    tax: Ints
    total: Ints
    voucher: Ints
    """The voucher used, -1 for none."""


def compute_amounts(
    plan: Plan, orders: Orders, order_lines: OrderLines, vouchers: Vouchers, attacks: Attacks
) -> OrderAmounts:
    """All bills."""
    subtotal = order_lines.per_order(order_lines.amount)
    voucher = _vouchers(Stream(plan.seed, "vouchers-used"), orders, subtotal, vouchers, attacks)
    goods_discount = _goods_discounts(orders, subtotal, voucher, vouchers)
    fee = np.where(subtotal - goods_discount >= _FREE_FROM[orders.country], 0, _FEE[orders.country])
    pays_shipping = (voucher >= 0) & (vouchers.kind[voucher] == FREE_SHIPPING)
    line_goods_discount = _spread(goods_discount, order_lines.amount, subtotal, order_lines, orders)
    line_shipping = _spread(fee, order_lines.amount, subtotal, order_lines, orders)
    line_discount = line_goods_discount + np.where(pays_shipping[order_lines.order], line_shipping, 0)
    line_tax = _taxes(order_lines.amount - line_goods_discount, orders.country[order_lines.order])
    discount, tax = order_lines.per_order(line_discount), order_lines.per_order(line_tax)
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
        voucher=voucher,
    )


def _vouchers(stream: Stream, orders: Orders, subtotal: Ints, vouchers: Vouchers, attacks: Attacks) -> Ints:
    """Each order uses one voucher at most; a voucher's own and its per-user limit hold at every moment."""
    found = np.full(orders.count, columns.NULL)
    wanted = np.where(
        orders.attack_order >= 0,
        np.array(attacks.order_voucher, dtype=np.int64)[orders.attack_order],
        columns.NULL,
    )
    open_to_all = ~orders.is_settled_elsewhere & ~orders.is_test & (orders.attack_order < 0)
    for voucher in range(len(vouchers.kind)):
        fits = (orders.country == vouchers.country[voucher]) & (found < 0)
        fits &= (orders.moment >= vouchers.starts[voucher]) & (orders.moment < vouchers.ends[voucher])
        fits &= subtotal >= vouchers.least_order[voucher]
        takes = stream.split(voucher).happens(parameters.VOUCHER_TAKE_RATE, orders.count) & open_to_all
        users = np.flatnonzero(fits & (takes | (wanted == voucher)))
        first_uses = users[np.sort(np.unique(orders.user[users], return_index=True)[1])]
        found[first_uses[: int(vouchers.limit[voucher])]] = voucher
    return found


def _goods_discounts(orders: Orders, subtotal: Ints, voucher: Ints, vouchers: Vouchers) -> Ints:
    """What the voucher takes off the goods, in whole coins."""
    value, kind = vouchers.value[voucher], vouchers.kind[voucher]
    share = np.minimum(subtotal * value // 10_000, np.maximum(vouchers.most_discount[voucher], 0))
    off = np.where(kind == PERCENTAGE, share, np.where(kind == FREE_SHIPPING, 0, np.minimum(value, subtotal)))
    coin = _COIN[orders.country]
    return np.where(voucher >= 0, off // coin * coin, 0)


def _spread(total: Ints, amount: Ints, subtotal: Ints, order_lines: OrderLines, orders: Orders) -> Ints:
    """An order's total over its lines by their amounts, in whole coins; the rest goes to the largest line."""
    order, coin = order_lines.order, _COIN[orders.country][order_lines.order]
    share = amount * _MILLION // np.maximum(subtotal[order], 1)
    parts = total[order] * share // _MILLION // coin * coin
    rest = total - order_lines.per_order(parts)
    largest = np.maximum.reduceat(amount, order_lines.first)
    is_largest = amount == largest[order]
    position = np.where(is_largest, np.arange(len(amount)), len(amount))
    first_largest = np.minimum.reduceat(position, order_lines.first)
    parts[first_largest] += rest
    spread: Ints = parts
    return spread


def _taxes(taxable: Ints, country: Ints) -> Ints:
    """Value-added tax, rounded half up to whole coins."""
    coin = _COIN[country]
    tax: Ints = (taxable * _TAX_PER_MYRIAD[country] + 5_000 * coin) // (10_000 * coin) * coin
    return tax
