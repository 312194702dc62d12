"""Visits (sessions) of the website and app: who, when, and with what outcome.

Visits that end in an order are made from the order; the others are drawn so that the shares stated in the
parameters hold. Visits are sorted by time; a visit's position plus one is its number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator import columns, parameters
from simulator.history.attacks import Attacks
from simulator.history.orders import APP, Orders
from simulator.plan import DAY, Plan
from simulator.randomness import Bools, Choice, Ints, Stream, per_million
from simulator.traffic import Traffic, apportion
from simulator.world.campaigns import Campaigns
from simulator.world.people import GUEST, People

BROWSED, FILLED_CART, CHECKED_OUT, BOUGHT, BOT = range(5)
"""How a visit ends; the last is a bot's."""


@dataclass(frozen=True)
class Visits:
    """Columns of visits. `moment` is the order's time for those that bought, else the first event's."""

    day: Ints
    moment: Ints
    country: Ints
    user: Ints
    """Position of the account, -1 if not signed in."""
    outcome: Ints
    order: Ints
    campaign: Ints
    is_app: Bools
    carted: Ints
    """Items added to the cart."""
    removed: Ints
    """Items removed from it again."""

    @property
    def minimum_events(self) -> Ints:
        """Events of each visit besides browsing: start, cart, checkout and purchase."""
        cart = (
            1 + 2 * self.carted + self.removed + (self.outcome == CHECKED_OUT) + 2 * (self.outcome == BOUGHT)
        )
        return np.where(self.outcome == BOT, parameters.BOT_EVENTS, cart)

    @property
    def count(self) -> int:
        """Number of visits."""
        return len(self.day)

    def on(self, day: int) -> slice:
        """Positions of a day's visits."""
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
    """All visits of the clickstream's days; `lines` is the number of each order's lines."""
    stream = Stream(plan.seed, "visits")
    bought = np.flatnonzero(orders.is_own & (orders.day(plan) >= plan.clickstream_day))
    humans, bots = _session_counts(plan, len(bought))
    others = humans - len(bought)
    weights = Choice([country.user_weight for country in parameters.COUNTRIES.values()])
    country = stream.split("country").choose(weights, others + bots)
    moment = traffic.moments(stream.split("moment"), country, plan.clickstream_day)
    user = people.draw(stream.split("user"), country, moment)
    user[stream.split("anonymous").happens(parameters.ANONYMOUS_SESSION_RATE, len(user))] = columns.NULL
    outcome = _outcomes(stream.split("depth"), humans, len(bought), bots)
    user[outcome == BOT] = columns.NULL
    owner, home = _victim_visits(plan, attacks)
    forced = np.flatnonzero(outcome == BROWSED)[: len(owner)]
    owner, home = owner[: len(forced)], home[: len(forced)]
    user[forced], country[forced], moment[forced] = owner, people.country[owner], home
    campaign = campaigns.attribute(stream.split("campaign"), (moment - plan.start) // DAY)
    campaign[outcome == BOT] = columns.NULL
    is_app = stream.split("app").happens(parameters.APP_RATE, len(user)) & (outcome != BOT)
    is_guest = people.kind[orders.user[bought]] == GUEST
    order = np.full(len(user), columns.NULL)
    has_cart = (outcome == FILLED_CART) | (outcome == CHECKED_OUT)
    cart_size = stream.split("goods").choose(Choice(parameters.LINES_PER_ORDER_WEIGHTS[:4]), len(user)) + 1
    carted = np.where(has_cart, cart_size, 0)
    removed = has_cart & stream.split("removed").happens(parameters.REMOVE_FROM_CART_RATE, len(user))
    rows = {
        "moment": np.concatenate([orders.moment[bought], moment]),
        "country": np.concatenate([orders.country[bought], country]),
        "user": np.concatenate([np.where(is_guest, -1, orders.user[bought]), user]),
        "outcome": np.concatenate([np.full(len(bought), BOUGHT), outcome]),
        "order": np.concatenate([bought, order]),
        "campaign": np.concatenate([orders.campaign[bought], campaign]),
        "is_app": np.concatenate([orders.channel[bought] == APP, is_app]),
        "carted": np.concatenate([lines[bought], carted]),
        "removed": np.concatenate([np.zeros(len(bought), dtype=np.int64), removed.astype(np.int64)]),
    }
    sequence = np.argsort(rows["moment"], kind="stable")
    sorted_rows = {name: values[sequence] for name, values in rows.items()}
    return Visits(day=(sorted_rows["moment"] - plan.start) // DAY, **sorted_rows)


def _victim_visits(plan: Plan, attacks: Attacks) -> tuple[Ints, Ints]:
    """Account and time of the owner's own visit before each use of a stolen card, where recorded."""
    owner = np.array(attacks.visit_user, dtype=np.int64)
    moment = np.array(attacks.visit_moment, dtype=np.int64)
    seen = moment >= plan.start + plan.clickstream_day * DAY
    return owner[seen], moment[seen]


def _session_counts(plan: Plan, bought: int) -> tuple[int, int]:
    """Numbers of visits by people and by bots."""
    sessions = round(plan.size.events / parameters.EVENTS_PER_SESSION)
    bots = sessions * per_million(parameters.BOT_SESSION_RATE) // 1_000_000
    return max(sessions - bots, bought + 1), bots


def _outcomes(stream: Stream, humans: int, bought: int, bots: int) -> Ints:
    """Outcomes of visits that do not buy, in the exact proportions of the parameters, in random order."""
    checked_out = max(0, humans * per_million(parameters.CHECKOUT_RATE) // 1_000_000 - bought)
    filled = max(0, humans * per_million(parameters.CART_RATE) // 1_000_000 - bought - checked_out)
    browsed = humans - bought - checked_out - filled
    outcome = np.repeat(
        (BROWSED, FILLED_CART, CHECKED_OUT, BOT), (max(0, browsed), filled, checked_out, bots)
    )
    return outcome[np.argsort(stream.bits(len(outcome)), kind="stable")]


def events_per_day(plan: Plan, visits: Visits) -> Ints:
    """The plan's events per day: each visit's minimum, and the rest in proportion to the visits."""
    least = visits.minimum_events
    length = plan.days - plan.clickstream_day
    day = visits.day - plan.clickstream_day
    needed, sessions = np.zeros(length, dtype=np.int64), np.zeros(length, dtype=np.int64)
    np.add.at(needed, day, least)
    np.add.at(sessions, day, visits.outcome != BOT)
    return needed + apportion(plan.size.events - int(needed.sum()), sessions)
