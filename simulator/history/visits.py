"""Who visits the website and app, when and how far they get: browse, fill a cart, check out, buy.

Sessions that end in an order are made from the order; the others are drawn around them so that the shares of
the parameters come out. Sessions are grouped by day; a session's position plus one is its number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator import columns, parameters
from simulator.history.fraud import Attacks
from simulator.history.orders import APP, Orders
from simulator.plan import DAY, Plan
from simulator.randomness import Bools, Choice, Ints, Stream, per_million
from simulator.traffic import Traffic, shared_out
from simulator.world.campaigns import Campaigns
from simulator.world.people import GUEST, People

BROWSED, FILLED_CART, CHECKED_OUT, BOUGHT, CRAWLED = range(5)
"""How far a session got; the last is a bot's."""


@dataclass(frozen=True)
class Visits:
    """Columns of sessions. `moment` is the order's for those that bought, else the first event's."""

    day: Ints
    moment: Ints
    country: Ints
    user: Ints
    """Position of the account, -1 if not signed in."""
    depth: Ints
    order: Ints
    campaign: Ints
    is_app: Bools
    carted: Ints
    """How many goods were put into the cart."""
    removed: Ints
    """How many of them were taken out again."""

    @property
    def least_events(self) -> Ints:
        """Events of each session without browsing: arriving, viewing and carting goods, checking out..."""
        cart = 1 + 2 * self.carted + self.removed + (self.depth == CHECKED_OUT) + 2 * (self.depth == BOUGHT)
        return np.where(self.depth == CRAWLED, parameters.BOT_EVENTS, cart)

    @property
    def count(self) -> int:
        """Of sessions."""
        return len(self.day)

    def on(self, day: int) -> slice:
        """Positions of a day's sessions."""
        first, last = np.searchsorted(self.day, (day, day + 1))
        return slice(int(first), int(last))


def make_visits(
    plan: Plan,
    people: People,
    campaigns: Campaigns,
    traffic: Traffic,
    orders: Orders,
    lines: Ints,
    attacks: Attacks,
) -> Visits:
    """All sessions of the clickstream's days; `lines` is the number of each order's lines."""
    stream = Stream(plan.seed, "visits")
    bought = np.flatnonzero(orders.is_own & (orders.day(plan) >= plan.clickstream_day))
    humans, crawls = _how_many(plan, len(bought))
    others = humans - len(bought)
    weights = Choice([country.user_weight for country in parameters.COUNTRIES.values()])
    country = stream.split("country").choose(weights, others + crawls)
    moment = traffic.moments(stream.split("moment"), country, plan.clickstream_day)
    user = people.draw(stream.split("user"), country, moment)
    user[stream.split("anonymous").happens(parameters.ANONYMOUS_SESSION_RATE, len(user))] = columns.NOTHING
    depth = _depths(stream.split("depth"), humans, len(bought), crawls)
    user[depth == CRAWLED] = columns.NOTHING
    owner, home = _owners_visits(plan, attacks)
    forced = np.flatnonzero(depth == BROWSED)[: len(owner)]
    owner, home = owner[: len(forced)], home[: len(forced)]
    user[forced], country[forced], moment[forced] = owner, people.country[owner], home
    campaign = campaigns.attribute(stream.split("campaign"), (moment - plan.start) // DAY)
    campaign[depth == CRAWLED] = columns.NOTHING
    is_app = stream.split("app").happens(parameters.APP_RATE, len(user)) & (depth != CRAWLED)
    is_guest = people.kind[orders.user[bought]] == GUEST
    order = np.full(len(user), columns.NOTHING)
    has_cart = (depth == FILLED_CART) | (depth == CHECKED_OUT)
    goods = stream.split("goods").choose(Choice(parameters.LINES_PER_ORDER_WEIGHTS[:4]), len(user)) + 1
    carted = np.where(has_cart, goods, 0)
    removed = has_cart & stream.split("removed").happens(parameters.REMOVE_FROM_CART_RATE, len(user))
    rows = {
        "moment": np.concatenate([orders.moment[bought], moment]),
        "country": np.concatenate([orders.country[bought], country]),
        "user": np.concatenate([np.where(is_guest, -1, orders.user[bought]), user]),
        "depth": np.concatenate([np.full(len(bought), BOUGHT), depth]),
        "order": np.concatenate([bought, order]),
        "campaign": np.concatenate([orders.campaign[bought], campaign]),
        "is_app": np.concatenate([orders.channel[bought] == APP, is_app]),
        "carted": np.concatenate([lines[bought], carted]),
        "removed": np.concatenate([np.zeros(len(bought), dtype=np.int64), removed.astype(np.int64)]),
    }
    sequence = np.argsort(rows["moment"], kind="stable")
    sorted_rows = {name: values[sequence] for name, values in rows.items()}
    return Visits(day=(sorted_rows["moment"] - plan.start) // DAY, **sorted_rows)


def _owners_visits(plan: Plan, attacks: Attacks) -> tuple[Ints, Ints]:
    """Who was at home shortly before the own card was used elsewhere, and when; as far as it is recorded."""
    owner = np.array(attacks.visit_user, dtype=np.int64)
    moment = np.array(attacks.visit_moment, dtype=np.int64)
    seen = moment >= plan.start + plan.clickstream_day * DAY
    return owner[seen], moment[seen]


def _how_many(plan: Plan, bought: int) -> tuple[int, int]:
    """Sessions of people and of bots."""
    sessions = round(plan.size.events / parameters.EVENTS_PER_SESSION)
    crawls = sessions * per_million(parameters.BOT_SESSION_RATE) // 1_000_000
    return max(sessions - crawls, bought + 1), crawls


def _depths(stream: Stream, humans: int, bought: int, crawls: int) -> Ints:
    """Of sessions that do not buy: the exact numbers that the parameters ask for, in random order."""
    checked_out = max(0, humans * per_million(parameters.CHECKOUT_RATE) // 1_000_000 - bought)
    filled = max(0, humans * per_million(parameters.CART_RATE) // 1_000_000 - bought - checked_out)
    browsed = humans - bought - checked_out - filled
    depth = np.repeat(
        (BROWSED, FILLED_CART, CHECKED_OUT, CRAWLED), (max(0, browsed), filled, checked_out, crawls)
    )
    return depth[np.argsort(stream.bits(len(depth)), kind="stable")]


def events_per_day(plan: Plan, visits: Visits) -> Ints:
    """The plan's events over its clickstream's days: each session's least events, the rest by sessions."""
    least = visits.least_events
    length = plan.days - plan.clickstream_day
    day = visits.day - plan.clickstream_day
    needed, sessions = np.zeros(length, dtype=np.int64), np.zeros(length, dtype=np.int64)
    np.add.at(needed, day, least)
    np.add.at(sessions, day, visits.depth != CRAWLED)
    return needed + shared_out(plan.size.events - int(needed.sum()), sessions)
