"""The amounts of all orders, and which voucher each uses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator import columns, parameters
from simulator.history.attacks import Attacks
from simulator.history.order_lines import OrderLines
from simulator.history.orders import Orders
from simulator.plan import Plan
from simulator.randomness import Bools, Ints, Stream
from simulator.rules import pricing
from simulator.rules.pricing import OrderTerms
from simulator.rules.vouchers import VoucherTerms, applies, preference
from simulator.world.promotions import Vouchers

_BY_COUNTRY = pricing.order_terms([(code, each.currency) for code, each in parameters.COUNTRIES.items()])


@dataclass(frozen=True)
class OrderAmounts(pricing.OrderAmounts):
    """Amounts in hundredths of the order's currency; `line_*` per line, the others per order."""

    voucher: Ints
    """The voucher used, -1 for none."""


def compute_amounts(
    plan: Plan, orders: Orders, order_lines: OrderLines, vouchers: Vouchers, attacks: Attacks
) -> OrderAmounts:
    """The amounts of all orders."""
    subtotal = order_lines.per_order(order_lines.amount)
    voucher = _vouchers_used(Stream(plan.seed, "vouchers-used"), orders, subtotal, vouchers, attacks)
    terms = VoucherTerms(
        *(
            np.where(voucher >= 0, column[voucher], columns.NULL)
            for column in (vouchers.kind, vouchers.value, vouchers.most_discount)
        )
    )
    amounts = pricing.order_amounts(order_lines.amount, order_lines.first, order_terms(orders.country), terms)
    return OrderAmounts(**vars(amounts), voucher=voucher)


def order_terms(countries: Ints) -> OrderTerms:
    """The terms of orders from countries, given by position."""
    return OrderTerms(**{name: column[countries] for name, column in vars(_BY_COUNTRY).items()})


def _vouchers_used(
    stream: Stream, orders: Orders, subtotal: Ints, vouchers: Vouchers, attacks: Attacks
) -> Ints:
    """The voucher each order uses, within the voucher's limit and its limit per user."""
    used = np.full(orders.count, columns.NULL)
    takes_one = stream.happens(parameters.VOUCHER_TAKE_RATE, orders.count)
    takes_one &= ~orders.is_settled_elsewhere & ~orders.is_test & (orders.attack_order < 0)
    wanted = _wanted_by_attacks(orders, attacks)
    for voucher in _by_preference(vouchers):
        fits = (orders.country == vouchers.country[voucher]) & (used < 0)
        fits &= applies(
            orders.moment,
            int(vouchers.starts[voucher]),
            int(vouchers.ends[voucher]),
            subtotal,
            int(vouchers.least_order[voucher]),
        )
        in_ring = np.isin(orders.user, orders.user[wanted == voucher])
        users = fits & np.where(in_ring, wanted == voucher, takes_one)
        used[_first_uses(orders, users, vouchers, voucher)] = voucher
    return used


def _wanted_by_attacks(orders: Orders, attacks: Attacks) -> Ints:
    """The voucher that the attack of an order abuses, -1 for none."""
    order_voucher = np.array(attacks.order_voucher, dtype=np.int64)
    return np.where(orders.attack_order >= 0, order_voucher[orders.attack_order], columns.NULL)


def _by_preference(vouchers: Vouchers) -> list[int]:
    return sorted(range(len(vouchers.kind)), key=lambda each: preference(float(vouchers.ends[each]), each))


def _first_uses(orders: Orders, users: Bools, vouchers: Vouchers, voucher: int) -> Ints:
    """Positions of the first order of each account, as many as the voucher allows."""
    candidates = np.flatnonzero(users)
    first = candidates[np.sort(np.unique(orders.user[candidates], return_index=True)[1])]
    return first[: int(vouchers.limit[voucher])]
