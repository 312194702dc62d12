"""The events of one day's visits.

Days are independent of each other, so they can be generated in any order and by any number of processes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from simulator import columns, parameters
from simulator.history.visits import BOT, BOUGHT, CHECKED_OUT, Visits
from simulator.plan import Plan
from simulator.randomness import Choice, Ints, Quantiles, Stream
from simulator.traffic import apportion
from simulator.world.catalogue import CATEGORIES, Catalogue
from simulator.world.rates import Rates

TYPES = (
    "session_start", "page_view", "product_view", "search", "filter", "add_to_wishlist", "add_to_cart",
    "remove_from_cart", "checkout_start", "purchase",
)  # fmt: skip
START, PAGE, PRODUCT, SEARCH, FILTER, WISH, CART, REMOVE, CHECKOUT, PURCHASE = range(len(TYPES))
_BROWSING = Choice([parameters.BROWSING_WEIGHTS.get(name, 0) for name in TYPES])
_MILD = Quantiles(parameters.MILD_QUANTILES_PER_MILLE)
_LONGEST_GAP = parameters.SESSION_GAP_MINUTES * 60 - 60
LEAVES = [at for at, category in enumerate(CATEGORIES) if category.level == 3]


@dataclass(frozen=True)
class ClickstreamContext:
    """What all days have in common."""

    plan: Plan
    catalogue: Catalogue
    rates: Rates
    devices: pa.Array
    """Fingerprints, referred to by position."""
    addresses: pa.Array
    campaign_kinds: Ints


@dataclass(frozen=True)
class DayVisits:
    """One day's visits and the orders they end in."""

    number: int
    month: int
    visits: Visits
    session_ids: pa.Array
    device: Ints
    """Position in `ClickstreamContext.devices`, -1 for an unknown visitor's device."""
    address: Ints
    city: Ints
    buyer: Ints
    """Account that bought, -1 for none; a guest has one from the checkout on."""
    line_sku: Ints
    """SKUs of all lines of the orders of these visits, order by order."""
    line_price: Ints
    line_quantity: Ints
    event_count: int
    first_event: int
    first_cart: int
    first_session: int


@dataclass(frozen=True)
class SessionEvents:
    """Columns of a day's events, visit by visit."""

    session: Ints
    kind: Ints
    moment: Ints
    gap: Ints
    """Seconds to the visit's next event, -1 for the last."""
    sku: Ints
    cart_session: Ints
    """Per item added to a cart: its visit."""
    cart_sku: Ints
    """Per item added to a cart: its SKU."""
    cart_moment: Ints
    """Per item added to a cart: when."""


def make_session_events(context: ClickstreamContext, day: DayVisits) -> SessionEvents:
    """The planned number of events of a day."""
    stream = Stream(context.plan.seed, "clicks", day.number)
    visits = day.visits
    browsing = _browsing(stream.split("browsing"), day)
    length = visits.minimum_events + browsing
    session = np.repeat(np.arange(visits.count), length)
    start = np.cumsum(length) - length
    position = np.arange(len(session)) - start[session]
    cart_from = 1 + browsing
    kind = _kinds(stream.split("kind"), visits, session, position, cart_from)
    cart_session = np.repeat(np.arange(visits.count), visits.carted)
    cart_sku = _cart_skus(stream.split("slots"), context, day, cart_session)
    sku = _viewed_skus(stream.split("looked"), context, day, kind)
    in_cart = (position - cart_from[session]) // 2
    first_slot = np.cumsum(visits.carted) - visits.carted
    is_carting = (position >= cart_from[session]) & (in_cart < visits.carted[session]) & (kind != START)
    is_carting &= visits.outcome[session] != BOT
    sku[is_carting] = cart_sku[(first_slot[session] + in_cart)[is_carting]]
    removes = kind == REMOVE
    sku[removes] = cart_sku[(first_slot + visits.carted - 1)[session[removes]]]
    moment, gap = _moments(stream.split("gaps"), context.plan, visits, session, position, start, length)
    return SessionEvents(
        session, kind, moment, gap, sku, cart_session, cart_sku, moment[is_carting & (kind == CART)]
    )


def _browsing(stream: Stream, day: DayVisits) -> Ints:
    """Browsing events of each visit: skewed, adding up to the day's remaining events."""
    visits = day.visits
    weight = np.where(visits.outcome == BOT, 0, stream.draw(_MILD, visits.count))
    return apportion(day.event_count - int(visits.minimum_events.sum()), weight)


def _kinds(stream: Stream, visits: Visits, session: Ints, position: Ints, cart_from: Ints) -> Ints:
    kind = stream.choose(_BROWSING, len(session))
    outcome = visits.outcome[session]
    kind[outcome == BOT] = PRODUCT
    after = np.where(outcome == BOT, -1, position - cart_from[session])
    carted, removed = 2 * visits.carted[session], visits.removed[session]
    kind[(after >= 0) & (after < carted)] = CART
    kind[(after >= 0) & (after < carted) & (after % 2 == 0)] = PRODUCT
    kind[(after >= carted) & (after < carted + removed)] = REMOVE
    checks_out = (outcome == CHECKED_OUT) | (outcome == BOUGHT)
    kind[checks_out & (after == carted + removed)] = CHECKOUT
    kind[(outcome == BOUGHT) & (after == carted + removed + 1)] = PURCHASE
    kind[position == 0] = START
    before = np.concatenate([[START], kind[:-1]])
    kind[(kind == FILTER) & ~np.isin(before, (SEARCH, PAGE))] = PAGE
    return kind


def _cart_skus(stream: Stream, context: ClickstreamContext, day: DayVisits, cart_session: Ints) -> Ints:
    """SKUs added to carts: those bought, or else seasonal ones."""
    moment = day.visits.moment[cart_session]
    sku = context.catalogue.draw(stream, np.full(len(cart_session), day.month), moment)
    sku[day.visits.outcome[cart_session] == BOUGHT] = day.line_sku
    return sku


def _viewed_skus(stream: Stream, context: ClickstreamContext, day: DayVisits, kind: Ints) -> Ints:
    """SKU that each product view or wishlist event is about; -1 for other events."""
    sku = np.full(len(kind), columns.NULL)
    looks = np.flatnonzero((kind == PRODUCT) | (kind == WISH))
    sku[looks] = Choice(context.catalogue.seasonal_weights(day.month)).from_bits(stream.bits(len(looks)))
    return sku


def _moments(
    stream: Stream, plan: Plan, visits: Visits, session: Ints, position: Ints, start: Ints, length: Ints
) -> tuple[Ints, Ints]:
    """Time of each event and seconds to the next one; a visit that buys ends at its order's time."""
    mean = np.where(
        visits.outcome == BOT, parameters.BOT_SECONDS_BETWEEN_EVENTS, parameters.MEAN_SECONDS_BETWEEN_EVENTS
    )
    gap = np.minimum(1 + stream.draw(_MILD, len(session)) * mean[session] // 1_000, _LONGEST_GAP)
    gap[position == 0] = 0
    running = np.cumsum(gap)
    since = running - running[start][session]
    last = since[start + length - 1]
    begins = np.where(
        visits.outcome == BOUGHT, visits.moment - last, np.minimum(visits.moment, plan.end - 1 - last)
    )
    to_next = np.append(gap[1:], 0)
    to_next[start + length - 1] = columns.NULL
    moment: Ints = begins[session] + since
    return moment, to_next


def wishlist_additions(
    context: ClickstreamContext, day: DayVisits, session_events: SessionEvents
) -> tuple[Ints, Ints, Ints]:
    """Account, product and time of everything that signed-in visitors add to their wishlists."""
    wishlisted = (session_events.kind == WISH) & (day.visits.user[session_events.session] >= 0)
    product = context.catalogue.product[session_events.sku[wishlisted]]
    return day.visits.user[session_events.session[wishlisted]], product, session_events.moment[wishlisted]
