"""The clickstream, day by day, by one process or several."""

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
from simulator.history import carts, clicks, events
from simulator.history.clicks import Day, Setting
from simulator.history.story import Story
from simulator.history.visits import BOUGHT, Visits, events_per_day
from simulator.plan import Plan
from simulator.randomness import Ints
from simulator.world import people
from simulator.world.places import CITY_COUNTRY, COUNTRY_CODES

_CITY_OF_COUNTRY = np.array([int(np.flatnonzero(at == CITY_COUNTRY)[0]) for at in range(len(COUNTRY_CODES))])


@dataclass(frozen=True)
class Places:
    """Devices, addresses and sessions: of orders as text, of accounts by position."""

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
    """What one day gives."""

    events: pa.Table
    carts: pa.Table
    cart_items: pa.Table
    wishes: tuple[Ints, Ints, Ints]


def places_of(story: Story) -> Places:
    """Own orders come from their buyer's device, at home (website) or out (app); an attack's from its own."""
    orders, attacks, accounts = story.orders, story.attacks, len(story.world.people.kind)
    own = people.devices(story.world.people)
    home = people.home_addresses(story.world.people, "residential")
    mobile = people.home_addresses(story.world.people, "mobile")
    devices = pa.concat_arrays([own, pa.array(attacks.order_device, pa.string())])
    addresses = pa.concat_arrays([home, mobile, pa.array(attacks.order_address, pa.string())])
    is_fraud, is_app = orders.attack_order >= 0, orders.channel == 1
    device = np.where(is_fraud, accounts + orders.attack_order, orders.user)
    address = np.where(is_fraud, 2 * accounts + orders.attack_order, orders.user + accounts * is_app)
    salt = int.from_bytes(hashlib.sha256(f"sessions/{story.plan.seed}".encode()).digest()[:8], "little")
    return Places(
        order_session=columns.keys(salt, np.where(orders.is_own, np.arange(orders.count), columns.NOTHING)),
        order_device=columns.words(np.where(orders.is_own, device, columns.NOTHING), devices),
        order_address=columns.words(np.where(orders.is_own, address, columns.NOTHING), addresses),
        devices=devices,
        addresses=addresses,
        device_of_order=device,
        address_of_order=address,
        session_salt=salt,
    )


def clickstream(story: Story, where: Places, workers: int) -> Iterator[tuple[str, pa.Table]]:
    """Events, carts and wish lists of all days, in the order of the days whoever makes them."""
    setting = setting_of(story, where)
    wished: set[tuple[int, int]] = set()
    for made in _in_order(setting, days_of(story, where), workers):
        yield "user_events", made.events
        yield "carts", made.carts
        yield "cart_items", made.cart_items
        yield "wishlists", _wishlists(made.wishes, wished)


def setting_of(story: Story, where: Places) -> Setting:
    """What all days share."""
    return Setting(
        plan=story.plan,
        goods=story.world.goods,
        rates=story.world.rates,
        devices=where.devices,
        addresses=where.addresses,
        campaign_kinds=story.world.campaigns.kind,
    )


def make_day(setting: Setting, day: Day) -> DayTables:
    """All tables of one day."""
    made = clicks.make_clicks(setting, day)
    return DayTables(
        events=events.user_events(setting, day, made),
        carts=carts.carts(setting, day, made),
        cart_items=carts.cart_items(setting, day, made),
        wishes=clicks.wishes(setting, day, made),
    )


def days_of(story: Story, where: Places) -> Iterator[Day]:
    """Every day with all it needs; identifiers run on from day to day."""
    plan, visits = story.plan, story.visits
    counts = events_per_day(plan, visits)
    first_event, first_cart = 1, 1
    for number, event_count in zip(range(plan.clickstream_day, plan.days), counts.tolist(), strict=True):
        rows = visits.on(number)
        today = Visits(**{name: column[rows] for name, column in vars(visits).items()})
        yield _day(story, where, number, today, rows.start, int(event_count), first_event, first_cart)
        first_event += int(event_count)
        first_cart += int((today.carted > 0).sum())


def _day(
    story: Story, where: Places, number: int, visits: Visits,
    first_session: int, event_count: int, first_event: int, first_cart: int,
) -> Day:  # fmt: skip
    is_app = visits.is_app.astype(np.int64)
    accounts = len(story.world.people.kind)
    order = visits.order
    bought = visits.depth == BOUGHT
    signed_in = visits.user >= 0
    city = np.where(signed_in, story.world.people.city[visits.user], _CITY_OF_COUNTRY[visits.country])
    own_address = np.where(signed_in, visits.user + accounts * is_app, columns.NOTHING)
    lines = _lines_of(story, order[bought])
    session_number = np.where(bought, order, story.orders.count + first_session + np.arange(visits.count))
    return Day(
        number=number,
        month=_month(story.plan, number),
        visits=visits,
        session_ids=columns.keys(where.session_salt, session_number),
        device=np.where(bought, where.device_of_order[order], visits.user),
        address=np.where(bought, where.address_of_order[order], own_address),
        city=city,
        buyer=np.where(bought, story.orders.user[order], columns.NOTHING),
        line_sku=story.baskets.sku[lines],
        line_price=story.baskets.unit_price[lines],
        line_quantity=story.baskets.quantity[lines],
        event_count=event_count,
        first_event=first_event,
        first_cart=first_cart,
        first_session=first_session,
    )


def _lines_of(story: Story, order: Ints) -> Ints:
    """Positions of the lines of these orders, one order after the other."""
    first = story.baskets.first[order]
    count = np.diff(np.append(story.baskets.first, len(story.baskets.order)))[order]
    starts = np.cumsum(count) - count
    return np.repeat(first - starts, count) + np.arange(int(count.sum()))


def _month(plan: Plan, day: int) -> int:
    return (plan.first_day + dt.timedelta(days=day)).month


def _wishlists(wishes: tuple[Ints, Ints, Ints], wished: set[tuple[int, int]]) -> pa.Table:
    """The table of wish lists: a thing is on a list once, from the first time."""
    users, products, moments = wishes
    rows: list[tuple[int, int, int]] = []
    for user, product, moment in sorted(
        zip(users.tolist(), products.tolist(), moments.tolist(), strict=True),
        key=lambda row: (row[2], row[:2]),
    ):
        if (user, product) not in wished:
            wished.add((user, product))
            rows.append((user + 1, product + 1, moment))
    user_ids, product_ids, added = (
        np.array(of, dtype=np.int64) for of in (zip(*rows, strict=True) if rows else ((), (), ()))
    )
    return pa.table(
        {
            "user_id": columns.numbers(user_ids),
            "product_id": columns.numbers(product_ids),
            "added_at": columns.instants(added),
            "created_at": columns.instants(added),
        }
    )


# --- Several processes -----------------------------------------------------------------------------------

_shared: list[Setting] = []


def _in_order(setting: Setting, days: Iterator[Day], workers: int) -> Iterator[DayTables]:
    """Each day's tables in the order of the days; a few days ahead of the reader, never all."""
    if workers == 1:
        yield from (make_day(setting, day) for day in days)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, _share, (setting,)) as pool:
        ahead: deque[Future[DayTables]] = deque()
        for day in days:
            ahead.append(pool.submit(_make_shared_day, day))
            if len(ahead) > workers:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


def _share(setting: Setting) -> None:
    _shared.append(setting)


def _make_shared_day(day: Day) -> DayTables:
    return make_day(_shared[0], day)
