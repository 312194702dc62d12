"""Columns that summarise other tables: last login, lifetime spend, voucher uses, flash-sale pieces."""

from __future__ import annotations

import numpy as np

from simulator import columns
from simulator.history.generate import History
from simulator.history.order_steps import CANCELLED, DELIVERED
from simulator.randomness import Ints
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


def lifetime_spend(history: History) -> tuple[Ints, Ints]:
    """Per account: US cents over its delivered orders, test orders excluded, and when that last grew."""
    orders = history.orders
    counts = (history.order_steps.status == DELIVERED) & ~orders.is_test
    spent = history.world.rates.reported(history.amounts.total, orders.country, orders.moment)
    total, last = (np.zeros(len(history.world.people.kind), dtype=np.int64) for _ in range(2))
    np.add.at(total, orders.user[counts], spent[counts])
    np.maximum.at(last, orders.user[counts], history.order_steps.at(DELIVERED)[counts])
    return total, last


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
