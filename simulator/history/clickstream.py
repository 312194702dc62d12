"""The clickstream of all days, made by one process or several."""

from __future__ import annotations

import datetime as dt
import hashlib
import multiprocessing
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from simulator import columns
from simulator.history import carts, events, session_events
from simulator.history.generate import History
from simulator.history.session_events import ClickstreamContext, DayVisits
from simulator.history.visits import BOUGHT, Visits, events_per_day
from simulator.plan import Plan
from simulator.randomness import Ints
from simulator.world import people
from simulator.world.places import CITY_COUNTRY, COUNTRY_CODES

_CITY_OF_COUNTRY = np.array([int(np.flatnonzero(at == CITY_COUNTRY)[0]) for at in range(len(COUNTRY_CODES))])


@dataclass(frozen=True)
class OrderOrigins:
    """Session, device and address of each order as text, and the positions from which visits take them."""

    order_session: pa.Array
    order_device: pa.Array
    order_address: pa.Array
    devices: pa.Array
    addresses: pa.Array
    device_of_order: Ints
    address_of_order: Ints
    session_salt: int


@dataclass(frozen=True)
class DayTables:
    """The tables of one day."""

    events: pa.Table
    carts: pa.Table
    cart_items: pa.Table
    wishlist_additions: tuple[Ints, Ints, Ints]


def order_origins(history: History) -> OrderOrigins:
    """Own orders come from the buyer's device and address (home or mobile); attacks from the attacker's."""
    orders, attacks, accounts = history.orders, history.attacks, len(history.world.people.kind)
    own = people.devices(history.world.people)
    home = people.home_addresses(history.world.people, "residential")
    mobile = people.home_addresses(history.world.people, "mobile")
    devices = pa.concat_arrays([own, pa.array(attacks.order_device, pa.string())])
    addresses = pa.concat_arrays([home, mobile, pa.array(attacks.order_address, pa.string())])
    is_fraud, is_app = orders.attack_order >= 0, orders.channel == 1
    device = np.where(is_fraud, accounts + orders.attack_order, orders.user)
    address = np.where(is_fraud, 2 * accounts + orders.attack_order, orders.user + accounts * is_app)
    salt = int.from_bytes(hashlib.sha256(f"sessions/{history.plan.seed}".encode()).digest()[:8], "little")
    return OrderOrigins(
        order_session=columns.opaque_ids(
            salt, np.where(orders.is_own, np.arange(orders.count), columns.NULL)
        ),
        order_device=columns.texts(np.where(orders.is_own, device, columns.NULL), devices),
        order_address=columns.texts(np.where(orders.is_own, address, columns.NULL), addresses),
        devices=devices,
        addresses=addresses,
        device_of_order=device,
        address_of_order=address,
        session_salt=salt,
    )


def clickstream(history: History, origins: OrderOrigins, workers: int) -> Iterator[tuple[str, pa.Table]]:
    """Events, carts and wishlists of all days, in the order of days whatever the number of processes."""
    context = clickstream_context(history, origins)
    wishlisted: set[tuple[int, int]] = set()
    for made in _tables_in_order(context, daily_visits(history, origins), workers):
        yield "user_events", made.events
        yield "carts", made.carts
        yield "cart_items", made.cart_items
        yield "wishlists", _wishlist_table(made.wishlist_additions, wishlisted)


def clickstream_context(history: History, origins: OrderOrigins) -> ClickstreamContext:
    """What all days have in common."""
    return ClickstreamContext(
        plan=history.plan,
        catalogue=history.world.catalogue,
        rates=history.world.rates,
        devices=origins.devices,
        addresses=origins.addresses,
        campaign_kinds=history.world.campaigns.kind,
    )


def make_day_tables(context: ClickstreamContext, day: DayVisits) -> DayTables:
    """The tables of one day."""
    made = session_events.make_session_events(context, day)
    return DayTables(
        events=events.user_events(context, day, made),
        carts=carts.carts(context, day, made),
        cart_items=carts.cart_items(context, day, made),
        wishlist_additions=session_events.wishlist_additions(context, day, made),
    )


def daily_visits(history: History, origins: OrderOrigins) -> Iterator[DayVisits]:
    """The visits of every day; identifiers continue from day to day."""
    plan, visits = history.plan, history.visits
    counts = events_per_day(plan, visits)
    first_event, first_cart = 1, 1
    for number, event_count in zip(range(plan.clickstream_day, plan.days), counts.tolist(), strict=True):
        rows = visits.on(number)
        today = Visits(**{name: column[rows] for name, column in vars(visits).items()})
        yield _day(history, origins, number, today, rows.start, int(event_count), first_event, first_cart)
        first_event += int(event_count)
        first_cart += int((today.carted > 0).sum())


def _day(
    history: History, origins: OrderOrigins, number: int, visits: Visits,
    first_session: int, event_count: int, first_event: int, first_cart: int,
) -> DayVisits:  # fmt: skip
    is_app = visits.is_app.astype(np.int64)
    accounts = len(history.world.people.kind)
    order = visits.order
    bought = visits.outcome == BOUGHT
    signed_in = visits.user >= 0
    city = np.where(signed_in, history.world.people.city[visits.user], _CITY_OF_COUNTRY[visits.country])
    own_address = np.where(signed_in, visits.user + accounts * is_app, columns.NULL)
    lines = _lines_of(history, order[bought])
    session_number = np.where(bought, order, history.orders.count + first_session + np.arange(visits.count))
    return DayVisits(
        number=number,
        month=_month(history.plan, number),
        visits=visits,
        session_ids=columns.opaque_ids(origins.session_salt, session_number),
        device=np.where(bought, origins.device_of_order[order], visits.user),
        address=np.where(bought, origins.address_of_order[order], own_address),
        city=city,
        buyer=np.where(bought, history.orders.user[order], columns.NULL),
        line_sku=history.order_lines.sku[lines],
        line_price=history.order_lines.unit_price[lines],
        line_quantity=history.order_lines.quantity[lines],
        event_count=event_count,
        first_event=first_event,
        first_cart=first_cart,
        first_session=first_session,
    )


def _lines_of(history: History, order: Ints) -> Ints:
    """Positions of these orders' lines, order by order."""
    first = history.order_lines.first[order]
    count = np.diff(np.append(history.order_lines.first, len(history.order_lines.order)))[order]
    starts = np.cumsum(count) - count
    return np.repeat(first - starts, count) + np.arange(int(count.sum()))


def _month(plan: Plan, day: int) -> int:
    return (plan.first_day + dt.timedelta(days=day)).month


def _wishlist_table(
    wishlist_additions: tuple[Ints, Ints, Ints], wishlisted: set[tuple[int, int]]
) -> pa.Table:
    """The table `wishlists`: each product once per account, from the first time."""
    users, products, moments = wishlist_additions
    rows: list[tuple[int, int, int]] = []
    for user, product, moment in sorted(
        zip(users.tolist(), products.tolist(), moments.tolist(), strict=True),
        key=lambda row: (row[2], row[:2]),
    ):
        if (user, product) not in wishlisted:
            wishlisted.add((user, product))
            rows.append((user + 1, product + 1, moment))
    user_ids, product_ids, added = (
        np.array(of, dtype=np.int64) for of in (zip(*rows, strict=True) if rows else ((), (), ()))
    )
    return pa.table(
        {
            "user_id": columns.integers(user_ids),
            "product_id": columns.integers(product_ids),
            "added_at": columns.timestamps(added),
            "created_at": columns.timestamps(added),
        }
    )


# --- Several processes -----------------------------------------------------------------------------------

_shared_context: list[ClickstreamContext] = []


def _tables_in_order(
    context: ClickstreamContext, days: Iterator[DayVisits], workers: int
) -> Iterator[DayTables]:
    """Each day's tables in the order of days, generated only a few days ahead."""
    if workers == 1:
        yield from (make_day_tables(context, day) for day in days)
        return
    processes = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, processes, _share_context, (context,)) as pool:
        ahead: deque[Future[DayTables]] = deque()
        for day in days:
            ahead.append(pool.submit(_make_day, day))
            if len(ahead) > workers:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


def _share_context(context: ClickstreamContext) -> None:
    _shared_context.append(context)


def _make_day(day: DayVisits) -> DayTables:
    return make_day_tables(_shared_context[0], day)
