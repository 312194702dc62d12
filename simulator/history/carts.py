"""The tables `carts` and `cart_items` of one day's visits."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from simulator import columns
from simulator.history.session_events import ClickstreamContext, DayVisits, SessionEvents
from simulator.history.visits import BOUGHT
from simulator.plan import DAY
from simulator.randomness import Ints
from simulator.world.rates import CURRENCIES

STATUSES = ("active", "converted", "abandoned")
_ABANDONED_AFTER = DAY
"""A cart that is not bought counts as abandoned after a day."""


def carts(context: ClickstreamContext, day: DayVisits, session_events: SessionEvents) -> pa.Table:
    """One cart per visit that added something."""
    visits = day.visits
    session = np.flatnonzero(visits.carted > 0)
    opened, filled = _times(session_events, session)
    is_bought = visits.outcome[session] == BOUGHT
    abandoned = filled + _ABANDONED_AFTER
    closed = np.where(
        is_bought, visits.moment[session], np.where(abandoned < context.plan.end, abandoned, -1)
    )
    status = np.where(is_bought, 1, np.where(closed >= 0, 2, 0))
    user = np.where(is_bought, day.buyer[session], visits.user[session])
    return pa.table(
        {
            "cart_id": columns.integers(day.first_cart + np.arange(len(session))),
            "user_id": columns.integers(np.where(user >= 0, user + 1, -1)),
            "session_id": day.session_ids.take(pa.array(session)),
            "order_id": columns.integers(np.where(is_bought, visits.order[session] + 1, -1)),
            "status": columns.texts(status, STATUSES),
            "currency": columns.texts(visits.country[session], CURRENCIES),
            "opened_at": columns.timestamps(opened),
            "closed_at": columns.timestamps(closed),
            "created_at": columns.timestamps(opened),
            "updated_at": columns.timestamps(np.maximum(filled, closed)),
        }
    )


def cart_items(context: ClickstreamContext, day: DayVisits, session_events: SessionEvents) -> pa.Table:
    """Contents of the carts, without removed items; an SKU added twice has quantity 2."""
    visits = day.visits
    cart = np.cumsum(visits.carted > 0) - 1
    item, session = np.arange(len(session_events.cart_session)), session_events.cart_session
    last_item = np.cumsum(visits.carted) - 1
    kept = ~((visits.removed[session] > 0) & (item == last_item[session]))
    currency = visits.country[session]
    price = context.catalogue.price_at(session_events.cart_sku, session_events.cart_moment)
    price = context.rates.from_catalogue(price, currency, session_events.cart_moment)
    quantity = np.ones(len(item), dtype=np.int64)
    is_bought = visits.outcome[session] == BOUGHT
    price[is_bought], quantity[is_bought] = day.line_price, day.line_quantity
    item = item[kept]
    key = cart[session[item]] * context.catalogue.count + session_events.cart_sku[item]
    _, first, which = np.unique(key, return_index=True, return_inverse=True)
    pieces = np.zeros(len(first), dtype=np.int64)
    np.add.at(pieces, which, quantity[item])
    item = item[first]
    added = columns.timestamps(session_events.cart_moment[item])
    return pa.table(
        {
            "cart_id": columns.integers(day.first_cart + cart[session[item]]),
            "sku_id": columns.integers(session_events.cart_sku[item] + 1),
            "quantity": columns.integers(pieces),
            "unit_price": columns.amounts(price[item]),
            "added_at": added,
            "created_at": added,
            "updated_at": added,
        }
    )


def _times(session_events: SessionEvents, session: Ints) -> tuple[Ints, Ints]:
    """Per visit with a cart, when the first and the last item was added."""
    first = np.searchsorted(session_events.cart_session, session, side="left")
    last = np.searchsorted(session_events.cart_session, session, side="right") - 1
    return session_events.cart_moment[first], session_events.cart_moment[last]
