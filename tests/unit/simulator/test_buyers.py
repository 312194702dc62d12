"""Who buys: heavy-tailed repeat buyers, guests, staff, bots; never before they registered."""

from __future__ import annotations

import numpy as np
import pytest

from simulator import parameters
from simulator.history.generate import History
from simulator.history.orders import CHANNELS, LAZADA, TIKI
from simulator.world.people import BUYER, GUEST, STAFF
from simulator.world.places import COUNTRY_CODES
from tests.unit.simulator.statistics import has_rate, has_shares


def orders_per_buyer(history: History) -> np.ndarray:
    counts = np.bincount(history.orders.user, minlength=len(history.world.people.kind))
    return counts[history.world.people.kind == BUYER]


def test_few_buyers_place_many_orders_and_many_place_few(medium: History) -> None:
    counts = np.sort(orders_per_buyer(medium))[::-1]
    tenth = len(counts) // 10
    assert counts[:tenth].sum() > 0.4 * counts.sum()
    assert (counts <= 2).mean() > 0.4
    assert counts.max() > 15 * counts.mean()


def test_who_is_twice_as_active_orders_twice_as_often(medium: History) -> None:
    """Per quarter of the Thai buyers of old standing: orders in proportion to their activity."""
    people, orders = medium.world.people, medium.orders
    old = np.flatnonzero(
        (people.country == 0) & (people.activity > 0) & (people.registered < medium.plan.start)
    )
    quarters = np.array_split(old[np.argsort(people.activity[old], kind="stable")], 4)
    ordinary = orders.user[(orders.attack_order < 0)]
    placed = [int(np.isin(ordinary, quarter).sum()) for quarter in quarters]
    assert has_shares(placed, [people.activity[quarter].sum() for quarter in quarters])


def test_nobody_orders_or_visits_before_registering(medium: History) -> None:
    registered = medium.world.people.registered
    assert (medium.orders.moment >= registered[medium.orders.user]).all()
    signed_in = (medium.visits.user >= 0) & (medium.visits.order < 0)
    assert (medium.visits.moment[signed_in] >= registered[medium.visits.user[signed_in]]).all()


def test_guests_order_once_when_they_come(medium: History) -> None:
    guests = medium.world.people.of_kind(GUEST)
    assert len(guests) == round(parameters.GUEST_USER_RATE * 10_000)
    placed = np.isin(medium.orders.user, guests)
    assert sorted(medium.orders.user[placed].tolist()) == guests.tolist()
    assert medium.orders.is_own[placed].all()


def test_test_orders_are_staffs_and_marked(medium: History) -> None:
    by_staff = medium.world.people.kind[medium.orders.user] == STAFF
    assert (by_staff == medium.orders.is_test).all()
    assert by_staff.sum() == round(parameters.TEST_ORDER_RATE * medium.orders.count)


def test_bots_accounts_are_marked_and_never_buy(medium: History) -> None:
    bots = np.flatnonzero(medium.world.people.is_bot)
    assert len(bots) == round(parameters.BOT_USER_RATE * 10_000)
    assert not np.isin(medium.orders.user, bots).any()


def test_countries_order_by_their_weight(medium: History) -> None:
    orders = medium.orders
    elsewhere = np.bincount(orders.country[~orders.is_own], minlength=len(COUNTRY_CODES))
    weights = [country.marketplace_weight for country in parameters.COUNTRIES.values()]
    assert elsewhere[weights.index(0)] == 0
    assert has_shares([count for count in elsewhere if count], [weight for weight in weights if weight])


def test_marketplaces_settle_their_share_and_tiki_sells_in_vietnam_only(medium: History) -> None:
    orders = medium.orders
    assert orders.is_settled_elsewhere.sum() == pytest.approx(
        parameters.MARKETPLACE_SETTLED_RATE * orders.count, rel=0.01
    )
    vietnam = COUNTRY_CODES.index(parameters.TIKI_COUNTRY)
    assert set(orders.country[orders.channel == TIKI].tolist()) == {vietnam}
    there = orders.channel[(orders.country == vietnam) & (orders.channel >= LAZADA)]
    assert has_rate(int((there == TIKI).sum()), len(there), parameters.TIKI_RATE)


def test_our_channels_share_app_and_website(medium: History) -> None:
    own = medium.orders.channel[medium.orders.is_own]
    assert has_rate(int((own == CHANNELS.index("app")).sum()), len(own), parameters.APP_RATE)
