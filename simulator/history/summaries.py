"""Columns that summarise other tables: last login, lifetime spend, voucher uses, flash-sale pieces."""

from __future__ import annotations

import numpy as np

from simulator import columns
from simulator.history.generate import History
from simulator.history.order_steps import CANCELLED, DELIVERED, RETURNED
from simulator.randomness import Ints
from simulator.rules import loyalty
from simulator.world.people import GUEST


def attack_of_order(history: History) -> Ints:
    """The attack each order belongs to, -1 for none."""
    position = history.orders.attack_order
    attack = np.array(history.attacks.order_attack, dtype=np.int64)
    return np.where(position >= 0, attack[position], columns.NULL)


def last_seen(history: History) -> Ints:
    """Each account's last order or visit, -1 if none."""
    seen = np.full(len(history.world.people.kind), columns.NULL)
    np.maximum.at(seen, history.orders.user, history.orders.moment)
    signed_in = history.visits.user >= 0
    np.maximum.at(seen, history.visits.user[signed_in], history.visits.moment[signed_in])
    return np.where(history.world.people.kind == GUEST, columns.NULL, seen)


def loyalty_of_accounts(history: History) -> tuple[Ints, Ints, Ints]:
    """Per account: lifetime spend in US cents, loyalty points, and when they last changed.

    Spend counts orders that are delivered and not returned, points all orders ever delivered; neither counts
    test orders.
    """
    orders, steps = history.orders, history.order_steps
    delivered, returned = steps.at(DELIVERED), steps.at(RETURNED)
    earns = (delivered >= 0) & ~orders.is_test
    counts = earns & (returned < 0)
    reported = history.world.rates.reported(history.amounts.total, orders.country, orders.moment)
    spend, points, changed = (np.zeros(len(history.world.people.kind), dtype=np.int64) for _ in range(3))
    np.add.at(spend, orders.user[counts], reported[counts])
    np.add.at(points, orders.user[earns], loyalty.points(reported[earns]))
    np.maximum.at(changed, orders.user[earns], np.maximum(delivered, returned)[earns])
    return spend, points, changed


def voucher_uses(history: History) -> tuple[Ints, Ints]:
    """Per voucher: redemptions by orders that are not cancelled, and when it was last redeemed."""
    count = len(history.world.vouchers.kind)
    used, last = (np.zeros(count, dtype=np.int64) for _ in range(2))
    redeemed = history.amounts.voucher >= 0
    counted = redeemed & (history.order_steps.at(CANCELLED) < 0)
    np.add.at(used, history.amounts.voucher[counted], 1)
    np.maximum.at(last, history.amounts.voucher[redeemed], history.orders.moment[redeemed])
    return used, last


def flash_sale_pieces(history: History) -> tuple[Ints, Ints]:
    """Per flash sale: pieces in orders that are not cancelled, and when it last sold."""
    sold, last = (np.zeros(len(history.world.flash_sales.sku), dtype=np.int64) for _ in range(2))
    sale, order = history.order_lines.flash_sale, history.order_lines.order
    counted = (sale >= 0) & (history.order_steps.at(CANCELLED)[order] < 0)
    np.add.at(sold, sale[counted], history.order_lines.quantity[counted])
    np.maximum.at(last, sale[sale >= 0], history.orders.moment[order[sale >= 0]])
    return sold, last
