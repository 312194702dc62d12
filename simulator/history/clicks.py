"""What happens within sessions: every event of one day of the clickstream.

A day knows nothing of other days, so days can be made in any order and by any number of processes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from simulator import columns, parameters
from simulator.history.visits import BOUGHT, CHECKED_OUT, CRAWLED, Visits
from simulator.plan import Plan
from simulator.randomness import Choice, Ints, Quantiles, Stream
from simulator.traffic import shared_out
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
class Setting:
    """What all days share."""

    plan: Plan
    goods: Catalogue
    rates: Rates
    devices: pa.Array
    """Fingerprints that sessions refer to by position."""
    addresses: pa.Array
    campaign_kinds: Ints


@dataclass(frozen=True)
class Day:
    """One day's sessions with what they bought."""

    number: int
    month: int
    visits: Visits
    session_ids: pa.Array
    device: Ints
    """Position among the setting's devices, -1 for a device of its own."""
    address: Ints
    city: Ints
    buyer: Ints
    """Position of the account that bought, -1 if none; a guest has one from checkout on."""
    line_sku: Ints
    """The goods of all orders of the day's buying sessions, one after the other."""
    line_price: Ints
    line_quantity: Ints
    event_count: int
    first_event: int
    first_cart: int
    first_session: int


@dataclass(frozen=True)
class Clicks:
    """Columns of a day's events, session by session."""

    session: Ints
    kind: Ints
    moment: Ints
    gap: Ints
    """Seconds to the next event of the session, -1 for the last."""
    sku: Ints
    slot_session: Ints
    """Of each thing put into a cart: the session,"""
    slot_sku: Ints
    """the SKU,"""
    slot_moment: Ints
    """and when."""


def make_clicks(setting: Setting, day: Day) -> Clicks:
    """The events of a day: as many as planned."""
    stream = Stream(setting.plan.seed, "clicks", day.number)
    visits = day.visits
    browsing = _browsing(stream.split("browsing"), day)
    length = visits.least_events + browsing
    session = np.repeat(np.arange(visits.count), length)
    start = np.cumsum(length) - length
    position = np.arange(len(session)) - start[session]
    cart_from = 1 + browsing
    kind = _kinds(stream.split("kind"), visits, session, position, cart_from)
    slot_session = np.repeat(np.arange(visits.count), visits.carted)
    slot_sku = _slots(stream.split("slots"), setting, day, slot_session)
    sku = _looked_at(stream.split("looked"), setting, day, kind)
    in_cart = (position - cart_from[session]) // 2
    first_slot = np.cumsum(visits.carted) - visits.carted
    is_carting = (position >= cart_from[session]) & (in_cart < visits.carted[session]) & (kind != START)
    is_carting &= visits.depth[session] != CRAWLED
    sku[is_carting] = slot_sku[(first_slot[session] + in_cart)[is_carting]]
    removes = kind == REMOVE
    sku[removes] = slot_sku[(first_slot + visits.carted - 1)[session[removes]]]
    moment, gap = _moments(stream.split("gaps"), setting.plan, visits, session, position, start, length)
    return Clicks(
        session, kind, moment, gap, sku, slot_session, slot_sku, moment[is_carting & (kind == CART)]
    )


def _browsing(stream: Stream, day: Day) -> Ints:
    """How much each session looks around: skewed, adding up to what the day has left."""
    visits = day.visits
    weight = np.where(visits.depth == CRAWLED, 0, stream.draw(_MILD, visits.count))
    return shared_out(day.event_count - int(visits.least_events.sum()), weight)


def _kinds(stream: Stream, visits: Visits, session: Ints, position: Ints, cart_from: Ints) -> Ints:
    kind = stream.choose(_BROWSING, len(session))
    depth = visits.depth[session]
    kind[depth == CRAWLED] = PRODUCT
    after = np.where(depth == CRAWLED, -1, position - cart_from[session])
    carted, removed = 2 * visits.carted[session], visits.removed[session]
    kind[(after >= 0) & (after < carted)] = CART
    kind[(after >= 0) & (after < carted) & (after % 2 == 0)] = PRODUCT
    kind[(after >= carted) & (after < carted + removed)] = REMOVE
    checks_out = (depth == CHECKED_OUT) | (depth == BOUGHT)
    kind[checks_out & (after == carted + removed)] = CHECKOUT
    kind[(depth == BOUGHT) & (after == carted + removed + 1)] = PURCHASE
    kind[position == 0] = START
    before = np.concatenate([[START], kind[:-1]])
    kind[(kind == FILTER) & ~np.isin(before, (SEARCH, PAGE))] = PAGE
    return kind


def _slots(stream: Stream, setting: Setting, day: Day, slot_session: Ints) -> Ints:
    """What was put into carts: what was bought, or else what is in season."""
    moment = day.visits.moment[slot_session]
    sku = setting.goods.draw(stream, np.full(len(slot_session), day.month), moment)
    sku[day.visits.depth[slot_session] == BOUGHT] = day.line_sku
    return sku


def _looked_at(stream: Stream, setting: Setting, day: Day, kind: Ints) -> Ints:
    """What browsing visitors look at or wish for; -1 for events without goods."""
    sku = np.full(len(kind), columns.NOTHING)
    looks = np.flatnonzero((kind == PRODUCT) | (kind == WISH))
    sku[looks] = Choice(setting.goods.seasonal_weights(day.month)).of(stream.bits(len(looks)))
    return sku


def _moments(
    stream: Stream, plan: Plan, visits: Visits, session: Ints, position: Ints, start: Ints, length: Ints
) -> tuple[Ints, Ints]:
    """When each event happened, and seconds to the next; a buying session ends at its order's moment."""
    mean = np.where(
        visits.depth == CRAWLED, parameters.BOT_SECONDS_BETWEEN_EVENTS, parameters.MEAN_SECONDS_BETWEEN_EVENTS
    )
    gap = np.minimum(1 + stream.draw(_MILD, len(session)) * mean[session] // 1_000, _LONGEST_GAP)
    gap[position == 0] = 0
    running = np.cumsum(gap)
    since = running - running[start][session]
    last = since[start + length - 1]
    begins = np.where(
        visits.depth == BOUGHT, visits.moment - last, np.minimum(visits.moment, plan.end - 1 - last)
    )
    to_next = np.append(gap[1:], 0)
    to_next[start + length - 1] = columns.NOTHING
    moment: Ints = begins[session] + since
    return moment, to_next


def wishes(setting: Setting, day: Day, clicks: Clicks) -> tuple[Ints, Ints, Ints]:
    """Account, product and moment of everything put on a wish list by someone signed in."""
    wished = (clicks.kind == WISH) & (day.visits.user[clicks.session] >= 0)
    product = setting.goods.product[clicks.sku[wished]]
    return day.visits.user[clicks.session[wished]], product, clicks.moment[wished]
