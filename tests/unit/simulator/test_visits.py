"""What visitors do: conversion, abandoned carts, the order of events, bots."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from simulator import parameters
from simulator.history import clickstream, session_events
from simulator.history.generate import History
from simulator.history.tables import all_tables
from simulator.history.visits import BOT, BOUGHT, BROWSED, CHECKED_OUT, FILLED_CART
from tests.unit.simulator.statistics import has_mean, has_rate, has_shares


@pytest.fixture(scope="module")
def events(medium: History) -> dict[str, np.ndarray]:
    """The clickstream of the medium shop, session by session."""
    parts = [table for name, table in all_tables(medium, 1) if name == "user_events"]
    names = [
        "event_id",
        "event_type",
        "session_id",
        "user_id",
        "product_id",
        "order_id",
        "is_bot",
        "referrer",
    ]
    whole = pa.concat_tables(parts)
    found = {name: whole[name].to_numpy() for name in names}
    found["moment"] = whole["occurred_at"].cast(pa.int64()).to_numpy()
    order = np.lexsort((found["event_id"], found["moment"], found["session_id"]))
    return {name: values[order] for name, values in found.items()}


def daily_conversion(history: History) -> float:
    """Unique buyers over active users, the mean of the days; visitors who do not sign in count one each."""
    visits = history.visits
    people = visits.outcome != BOT
    who = np.where(visits.user >= 0, visits.user, -1 - np.arange(visits.count))
    who = np.where(visits.outcome == BOUGHT, history.orders.user[visits.order], who)
    active = [len(set(who[people & (visits.day == day)].tolist())) for day in np.unique(visits.day)]
    buyers = [
        len(set(who[(visits.outcome == BOUGHT) & (visits.day == day)].tolist()))
        for day in np.unique(visits.day)
    ]
    return sum(buyers) / sum(active)


def test_two_to_five_percent_of_a_days_users_buy(small: History, medium: History) -> None:
    assert 0.02 < daily_conversion(small) < 0.05
    assert 0.02 < daily_conversion(medium) < 0.05


def test_sessions_convert_fill_carts_and_check_out_as_often_as_stated(medium: History) -> None:
    outcome = medium.visits.outcome
    humans = int((outcome != BOT).sum())
    is_fraud = (medium.visits.order >= 0) & (medium.orders.attack_order[medium.visits.order] >= 0)
    assert has_rate(int(((outcome == BOUGHT) & ~is_fraud).sum()), humans, parameters.SESSION_CONVERSION_RATE)
    assert np.isin(outcome, (FILLED_CART, CHECKED_OUT, BOUGHT)).sum() == pytest.approx(
        parameters.CART_RATE * humans, abs=2
    )
    assert np.isin(outcome, (CHECKED_OUT, BOUGHT)).sum() == pytest.approx(
        parameters.CHECKOUT_RATE * humans, abs=2
    )


def test_most_carts_are_abandoned(medium: History) -> None:
    outcome = medium.visits.outcome
    carts = np.isin(outcome, (FILLED_CART, CHECKED_OUT, BOUGHT)).sum()
    stated = 1 - parameters.SESSION_CONVERSION_RATE / parameters.CART_RATE
    assert 1 - (outcome == BOUGHT).sum() / carts == pytest.approx(stated, abs=0.05)


def test_every_own_order_of_these_days_has_its_session_and_no_other_order_has(medium: History) -> None:
    orders = medium.orders
    recent = orders.is_own & (orders.day(medium.plan) >= medium.plan.clickstream_day)
    assert sorted(medium.visits.order[medium.visits.order >= 0].tolist()) == np.flatnonzero(recent).tolist()


def test_a_session_has_no_gap_of_half_an_hour(events: dict[str, np.ndarray]) -> None:
    gaps = np.diff(events["moment"])[events["session_id"][1:] == events["session_id"][:-1]]
    assert gaps.min() >= 0
    assert gaps.max() < parameters.SESSION_GAP_MINUTES * 60


def test_a_session_begins_once_and_a_purchase_ends_it(events: dict[str, np.ndarray]) -> None:
    first = np.flatnonzero(np.append(True, events["session_id"][1:] != events["session_id"][:-1]))
    last = np.append(first[1:], len(events["moment"])) - 1
    starts = events["event_type"] == "session_start"
    assert starts.sum() == len(first)
    bought = events["event_type"] == "purchase"
    assert set(np.flatnonzero(bought).tolist()) <= set(last.tolist())
    assert (events["event_type"][np.flatnonzero(bought) - 1] == "checkout_start").all()


def test_what_goes_into_a_cart_has_just_been_looked_at(events: dict[str, np.ndarray]) -> None:
    carted = np.flatnonzero(events["event_type"] == "add_to_cart")
    assert (events["event_type"][carted - 1] == "product_view").mean() > 0.999
    assert (events["product_id"][carted - 1] == events["product_id"][carted]).mean() > 0.999


def test_filters_follow_a_search_or_a_page(medium: History) -> None:
    origins = clickstream.order_origins(medium)
    first_day = next(clickstream.daily_visits(medium, origins))
    made = session_events.make_session_events(clickstream.clickstream_context(medium, origins), first_day)
    filters = np.flatnonzero(made.kind == session_events.FILTER)
    assert len(filters) > 10
    assert np.isin(
        made.kind[filters - 1], (session_events.SEARCH, session_events.PAGE, session_events.FILTER)
    ).all()


def test_browsing_is_mixed_as_stated(events: dict[str, np.ndarray], medium: History) -> None:
    browsing = {"search": 0, "add_to_wishlist": 0}
    for name in browsing:
        browsing[name] = int((events["event_type"] == name).sum())
    weights = parameters.BROWSING_WEIGHTS
    assert has_shares(list(browsing.values()), [weights[name] for name in browsing])


def test_sessions_have_the_stated_length(medium: History, events: dict[str, np.ndarray]) -> None:
    sessions = len(np.unique(events["session_id"]))
    assert len(events["moment"]) / sessions == pytest.approx(parameters.EVENTS_PER_SESSION, rel=0.02)


def test_bots_view_products_fast_and_are_marked(events: dict[str, np.ndarray], medium: History) -> None:
    bots = events["is_bot"].astype(bool)
    assert set(events["event_type"][bots]) == {"session_start", "product_view"}
    sessions = len(np.unique(events["session_id"][bots]))
    assert sessions == pytest.approx(parameters.BOT_SESSION_RATE * medium.visits.count, rel=0.02)
    same = events["session_id"][1:] == events["session_id"][:-1]
    gaps = np.diff(events["moment"])
    assert gaps[same & bots[1:]].mean() * 5 < gaps[same & ~bots[1:]].mean()


def test_some_visitors_do_not_sign_in(medium: History) -> None:
    drawn = (medium.visits.outcome == BROWSED) | (medium.visits.outcome == FILLED_CART)
    anonymous = int((medium.visits.user[drawn] < 0).sum())
    assert has_rate(anonymous, int(drawn.sum()), parameters.ANONYMOUS_SESSION_RATE)


def test_visits_are_attributed_to_running_campaigns(medium: History) -> None:
    visits, campaigns = medium.visits, medium.world.campaigns
    led = visits.campaign >= 0
    at, day = visits.campaign[led], visits.day[led]
    assert ((campaigns.starts[at] <= day) & (day < campaigns.ends[at])).all()
    drawn = (visits.outcome != BOT) & (visits.order < 0)
    assert has_rate(int((led & drawn).sum()), int(drawn.sum()), parameters.ATTRIBUTED_RATE)


def test_a_visit_led_by_a_campaign_says_where_from(events: dict[str, np.ndarray]) -> None:
    first = events["event_type"] == "session_start"
    referred = np.array([value is not None for value in events["referrer"]])
    assert not referred[~first].any()
    assert 0.3 < referred[first].mean() < 0.95


def test_seconds_between_events_have_their_mean(events: dict[str, np.ndarray]) -> None:
    human = ~events["is_bot"].astype(bool)
    same = (events["session_id"][1:] == events["session_id"][:-1]) & human[1:]
    assert has_mean(np.diff(events["moment"])[same].tolist(), parameters.MEAN_SECONDS_BETWEEN_EVENTS + 0.5)
