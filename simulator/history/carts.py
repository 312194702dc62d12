"""Carts of one day's sessions: what was in them, and whether they were bought or left."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from simulator import columns
from simulator.history.clicks import Clicks, Day, Setting
from simulator.history.visits import BOUGHT
from simulator.plan import DAY
from simulator.randomness import Ints
from simulator.world.rates import CURRENCIES

STATUSES = ("active", "converted", "abandoned")
_GIVEN_UP_AFTER = DAY
"""A cart that is not bought is abandoned after a day."""


def carts(setting: Setting, day: Day, clicks: Clicks) -> pa.Table:
    """The table of carts: one per session that filled one."""
    visits = day.visits
    session = np.flatnonzero(visits.carted > 0)
    opened, filled = _times(clicks, session)
    is_bought = visits.depth[session] == BOUGHT
    given_up = filled + _GIVEN_UP_AFTER
    closed = np.where(is_bought, visits.moment[session], np.where(given_up < setting.plan.end, given_up, -1))
    status = np.where(is_bought, 1, np.where(closed >= 0, 2, 0))
    user = np.where(is_bought, day.buyer[session], visits.user[session])
    return pa.table(
        {
            "cart_id": columns.numbers(day.first_cart + np.arange(len(session))),
            "user_id": columns.numbers(np.where(user >= 0, user + 1, -1)),
            "session_id": day.session_ids.take(pa.array(session)),
            "order_id": columns.numbers(np.where(is_bought, visits.order[session] + 1, -1)),
            "status": columns.words(status, STATUSES),
            "currency": columns.words(visits.country[session], CURRENCIES),
            "opened_at": columns.instants(opened),
            "closed_at": columns.instants(closed),
            "created_at": columns.instants(opened),
            "updated_at": columns.instants(np.maximum(filled, closed)),
        }
    )


def cart_items(setting: Setting, day: Day, clicks: Clicks) -> pa.Table:
    """The table of their contents, without what was taken out again; what was put in twice counts two."""
    visits = day.visits
    cart = np.cumsum(visits.carted > 0) - 1
    slot, session = np.arange(len(clicks.slot_session)), clicks.slot_session
    last_slot = np.cumsum(visits.carted) - 1
    kept = ~((visits.removed[session] > 0) & (slot == last_slot[session]))
    currency = visits.country[session]
    price = setting.goods.price_at(clicks.slot_sku, clicks.slot_moment)
    price = setting.rates.from_catalogue(price, currency, clicks.slot_moment)
    quantity = np.ones(len(slot), dtype=np.int64)
    is_bought = visits.depth[session] == BOUGHT
    price[is_bought], quantity[is_bought] = day.line_price, day.line_quantity
    slot = slot[kept]
    key = cart[session[slot]] * setting.goods.count + clicks.slot_sku[slot]
    _, first, which = np.unique(key, return_index=True, return_inverse=True)
    pieces = np.zeros(len(first), dtype=np.int64)
    np.add.at(pieces, which, quantity[slot])
    slot = slot[first]
    added = columns.instants(clicks.slot_moment[slot])
    return pa.table(
        {
            "cart_id": columns.numbers(day.first_cart + cart[session[slot]]),
            "sku_id": columns.numbers(clicks.slot_sku[slot] + 1),
            "quantity": columns.numbers(pieces),
            "unit_price": columns.amounts(price[slot]),
            "added_at": added,
            "created_at": added,
            "updated_at": added,
        }
    )


def _times(clicks: Clicks, session: Ints) -> tuple[Ints, Ints]:
    """Of each session with a cart, when the first and the last thing went in."""
    first = np.searchsorted(clicks.slot_session, session, side="left")
    last = np.searchsorted(clicks.slot_session, session, side="right") - 1
    return clicks.slot_moment[first], clicks.slot_moment[last]
