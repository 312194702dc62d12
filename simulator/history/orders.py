"""Who orders when, for which city and through which channel.

Orders are sorted by time; an order's position plus one is its `order_id`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator import columns, parameters
from simulator.history.attacks import Attacks
from simulator.plan import DAY, Plan
from simulator.randomness import Bools, Choice, Ints, Stream, per_million
from simulator.traffic import Traffic
from simulator.world.campaigns import Campaigns
from simulator.world.people import GUEST, STAFF, People
from simulator.world.places import COUNTRY_CODES

CHANNELS = ("website", "app", "shopee", "lazada", "tiki")
WEBSITE, APP, SHOPEE, LAZADA, TIKI = range(len(CHANNELS))
_UNDECIDED = -2


@dataclass(frozen=True)
class Orders:
    """Columns of orders."""

    moment: Ints
    country: Ints
    user: Ints
    city: Ints
    channel: Ints
    campaign: Ints
    attack_order: Ints
    """Position in the columns `order_*` of the attacks, -1 for an ordinary order."""
    is_test: Bools

    @property
    def count(self) -> int:
        """Number of orders."""
        return len(self.moment)

    @property
    def is_own(self) -> Bools:
        """Whether it came through our website or app."""
        return self.channel <= APP

    @property
    def is_settled_elsewhere(self) -> Bools:
        """Whether a marketplace collects the payment and delivers."""
        return self.channel >= LAZADA

    def day(self, plan: Plan) -> Ints:
        """Day of the plan, counted from 0."""
        return (self.moment - plan.start) // DAY


@dataclass(frozen=True)
class Shares:
    """Numbers of orders by channel; they add up to the plan's number."""

    own_before: int
    """On our own channels, before the days of the clickstream."""
    own_recent: int
    settled: int
    shopee: int


def shares(plan: Plan, traffic: Traffic, forced: int) -> Shares:
    """Numbers of orders by channel, without the `forced` orders of attacks.

    The clickstream's visits and the conversion rate give the own orders of its days, and in proportion to
    traffic those of the other days; marketplaces settle a fixed part of all orders; the rest is Shopee's.
    """
    orders = plan.size.orders - forced
    human_sessions = plan.size.events / parameters.EVENTS_PER_SESSION * (1 - parameters.BOT_SESSION_RATE)
    recent = round(human_sessions * parameters.SESSION_CONVERSION_RATE)
    per_day = traffic.daily_weights([country.user_weight for country in parameters.COUNTRIES.values()])
    in_all = recent * int(per_day.sum()) // int(per_day[plan.clickstream_day :].sum())
    most = orders * per_million(parameters.MOST_OWN_ORDERS_RATE) // 1_000_000
    own = max(recent, min(in_all, most))
    settled = min(orders - own, orders * per_million(parameters.MARKETPLACE_SETTLED_RATE) // 1_000_000)
    return Shares(own - recent, recent, settled, orders - own - settled)


def place_orders(
    plan: Plan,
    people: People,
    campaigns: Campaigns,
    attacks: Attacks,
    traffic_with_vouchers: Traffic,
    base_traffic: Traffic,
) -> Orders:
    """All orders of a plan."""
    stream = Stream(plan.seed, "orders")
    counts = shares(plan, traffic_with_vouchers, len(attacks.order_moment))
    parts = [
        _own(stream.split("own"), plan, people, traffic_with_vouchers, counts),
        _marketplace(stream.split("shopee"), traffic_with_vouchers, counts.shopee, SHOPEE),
        _marketplace(stream.split("settled"), base_traffic, counts.settled, LAZADA),
        _of_attacks(people, attacks),
    ]
    moment, country, user, channel, attack_order = (
        np.concatenate(columns_) for columns_ in zip(*parts, strict=True)
    )
    order = np.argsort(moment, kind="stable")
    moment, country, user, attack_order = moment[order], country[order], user[order], attack_order[order]
    channel = _channels(stream.split("channel"), channel[order], country)
    unknown = user == _UNDECIDED
    user[unknown] = people.draw(stream.split("user"), country[unknown], moment[unknown])
    city = people.city[user]
    city[attack_order >= 0] = np.array(attacks.order_city, dtype=np.int64)[attack_order[attack_order >= 0]]
    campaign = campaigns.attribute(stream.split("campaign"), (moment - plan.start) // DAY)
    can_be_led = (channel <= APP) & (attack_order < 0)
    return Orders(
        moment=moment,
        country=country,
        user=user,
        city=city,
        channel=channel,
        campaign=np.where(can_be_led, campaign, columns.NULL),
        attack_order=attack_order,
        is_test=people.kind[user] == STAFF,
    )


_Part = tuple[Ints, Ints, Ints, Ints, Ints]
"""Time, country, account (or undecided), channel, position of the attack's order."""


def _own(stream: Stream, plan: Plan, people: People, traffic: Traffic, counts: Shares) -> _Part:
    """Orders on our own channels: a guest's when the account is made, staff's tests, and buyers'."""
    recent_from = plan.start + plan.clickstream_day * DAY
    guests = people.of_kind(GUEST)
    testers, tests = people.of_kind(STAFF), max(1, round(plan.size.orders * parameters.TEST_ORDER_RATE))
    test_country = np.zeros(tests, dtype=np.int64)
    test_moment = traffic.moments(stream.split("test"), test_country)
    tester = testers[stream.split("tester").below(len(testers), tests)]
    special = np.concatenate([people.registered[guests], test_moment])
    recent = int((special >= recent_from).sum())
    weights = Choice([country.user_weight for country in parameters.COUNTRIES.values()])
    before, after = max(0, counts.own_before - (len(special) - recent)), max(0, counts.own_recent - recent)
    spill = counts.own_before + counts.own_recent - len(special) - before - after
    before, after = (before + spill, after) if before + spill >= 0 else (0, after + before + spill)
    country = stream.split("country").choose(weights, before + after)
    moment = np.concatenate(
        [
            traffic.moments(stream.split("before"), country[:before], 0, max(1, plan.clickstream_day)),
            traffic.moments(stream.split("recent"), country[before:], plan.clickstream_day),
        ]
    )
    undecided = np.full(before + after, _UNDECIDED)
    return _part(
        np.concatenate([people.registered[guests], test_moment, moment]),
        np.concatenate([people.country[guests], test_country, country]),
        np.concatenate([guests, tester, undecided]),
        APP,
    )


def _marketplace(stream: Stream, traffic: Traffic, count: int, channel: int) -> _Part:
    weights = Choice([country.marketplace_weight for country in parameters.COUNTRIES.values()])
    country = stream.split("country").choose(weights, count)
    moment = traffic.moments(stream.split("moment"), country)
    return _part(moment, country, np.full(count, _UNDECIDED), channel)


def _of_attacks(people: People, attacks: Attacks) -> _Part:
    user = np.array(attacks.order_user, dtype=np.int64)
    moment = np.array(attacks.order_moment, dtype=np.int64)
    own = np.full(len(user), APP)
    return moment, people.country[user], user, own, np.arange(len(user))


def _part(moment: Ints, country: Ints, user: Ints, channel: int) -> _Part:
    count = len(moment)
    return moment, country, user, np.full(count, channel), np.full(count, columns.NULL)


def _channels(stream: Stream, channel: Ints, country: Ints) -> Ints:
    """Split own orders into app and website, and marketplace-settled ones into Tiki and Lazada."""
    is_app = stream.split("app").happens(parameters.APP_RATE, len(channel))
    is_tiki = stream.split("tiki").happens(parameters.TIKI_RATE, len(channel))
    is_tiki &= country == COUNTRY_CODES.index(parameters.TIKI_COUNTRY)
    own = np.where(is_app, APP, WEBSITE)
    return np.select([channel == APP, channel == LAZADA], [own, np.where(is_tiki, TIKI, LAZADA)], channel)
