"""What the live simulator decides where chance or size goes to extremes."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, get_args

import pytest

from simulator import network, parameters
from simulator.history import order_steps
from simulator.live.decisions.after_delivery import AfterDelivery
from simulator.live.decisions.context import RunContext
from simulator.live.decisions.engine import Engine, Plan
from simulator.live.decisions.fulfilment import SETTLED_CHANNELS
from simulator.live.decisions.output import EVENT_COLUMNS, CartLine
from simulator.live.decisions.population import Population
from simulator.live.decisions.records import (
    Cancellation,
    Delivery,
    Dispatch,
    LostParcel,
    NewReview,
    PaymentAttempt,
    Refund,
    ReturnDecision,
    ReturnReceipt,
    ReturnRequest,
    StatusChange,
)
from simulator.live.decisions.risk import Risk
from simulator.live.decisions.scheduler import Scheduler
from simulator.live.decisions.shop_records import NewCategory, NewPrice
from simulator.live.scenarios import SCENARIOS
from simulator.randomness import ScalarStream
from tests.unit.live_shop import START, Seen, made_up_shop, run
from tests.unit.simulator.statistics import has_rate, has_shares

SALE_DAY_AT_ITS_BUSIEST = datetime(2026, 11, 11, 14, tzinfo=UTC)


@cache
def fast_run() -> Seen:
    """Two minutes in which orders move fast enough to be returned."""
    return run("NormalDay", 400, 120, people=12_000, speed_up=400_000)


def test_a_large_shop_has_visitors_on_the_busiest_day_of_the_year() -> None:
    people = [replace(person, activity=1_000_000) for person in made_up_shop(70).people]
    population, rng = Population(people, seed=1), ScalarStream(1, "test")
    seen = {population.visit_country(SALE_DAY_AT_ITS_BUSIEST, rng) for _ in range(500)}
    assert seen == set(parameters.COUNTRIES)
    visitor = population.random_person(SALE_DAY_AT_ITS_BUSIEST, rng)
    assert visitor in people


def test_however_late_the_pick_up_is_reported_the_delivery_comes_after_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(parameters, "LATE_REPORT_RATE", 0.5)
    monkeypatch.setattr(parameters, "LATE_REPORT_HOURS_MEAN", 100)
    shipped: set[int] = set()
    delivered = 0
    for record in run("NormalDay", 200, 60, people=6_000, speed_up=200_000).records:
        if isinstance(record, Dispatch) or (isinstance(record, StatusChange) and record.status == "shipped"):
            shipped.add(record.order_id)
        elif isinstance(record, Delivery):
            delivered += 1
            assert record.order_id in shipped
    assert delivered > 50


def test_what_comes_and_goes_between_two_writings_leaves_each_cart_as_it_is_at_the_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who goes to the checkout with an empty cart fills it, with two SKUs often with the one just removed."""
    monkeypatch.setattr(parameters, "REMOVE_FROM_CART_RATE", 1.0)
    numbers: dict[str, itertools.count[int]] = defaultdict(lambda: itertools.count(1))
    plan = Plan(SCENARIOS["NormalDay"], rate=600, seed=1, users=300)
    engine = Engine(plan, made_up_shop(300, skus=2), START, lambda table: next(numbers[table]))
    written: set[CartLine] = set()
    came_back = 0
    for second in range(20, 121, 20):
        output = engine.advance(second)
        came_back += len(output.removed_items & output.cart_items.keys())
        written -= output.removed_items
        assert not written & output.cart_items.keys()
        written |= output.cart_items.keys()
    assert came_back > 10
    assert len(written) > 100


def test_a_lost_parcel_ends_the_order_and_gives_the_money_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parameters, "LOST_PARCEL_RATE", 0.5)
    seen = run("NormalDay", 200, 60, people=6_000, speed_up=200_000)
    orders = {order.order_id: order for order in seen.orders()}
    lost = {record.order_id: record for record in seen.records if isinstance(record, LostParcel)}
    assert len(lost) > 10
    shipped = {record.order_id for record in seen.records if isinstance(record, Dispatch)}
    arrived = {record.order_id for record in seen.records if isinstance(record, Delivery)}
    assert lost.keys() <= shipped - arrived
    for order_id, record in lost.items():
        assert record.refund_amount == orders[order_id].total_amount
        assert record.quantity == sum(line.quantity for line in orders[order_id].lines)
    lost_ids = {record.return_id for record in lost.values()}
    refunds = [
        record for record in seen.records if isinstance(record, Refund) and record.return_id in lost_ids
    ]
    assert refunds
    assert all(lost[record.order_id].return_id == record.return_id for record in refunds)


def test_a_marketplace_gives_the_money_of_a_lost_parcel_back_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parameters, "LOST_PARCEL_RATE", 0.5)
    seen = run("NormalDay", 200, 60, people=6_000, speed_up=200_000)
    settled = {order.order_id for order in seen.orders() if order.channel in SETTLED_CHANNELS}
    cancelled = [record for record in seen.records if isinstance(record, Cancellation)]
    lost = [record for record in cancelled if record.reason == parameters.LOST_REASON]
    assert lost
    assert {record.order_id for record in lost} <= settled
    assert all(record.lines == () for record in lost)
    assert order_steps.REASONS[order_steps.LOST] == parameters.LOST_REASON


def test_products_move_to_a_sister_category_as_often_as_stated() -> None:
    shop = made_up_shop(200)
    for sku in shop.skus:
        sku.category_id = 100 * (sku.product_id % 3) + (sku.category_id or 0)
    before = {sku.product_id: sku.category_id for sku in shop.skus}
    known = {sku.category_id for sku in shop.skus}
    years = 60 * 20_000_000 / (365 * 86_400)
    seen = run("NormalDay", 5, 60, shop=shop, speed_up=20_000_000)
    moves = [record for record in seen.records if isinstance(record, NewCategory)]
    stated = len(before) * parameters.CATEGORY_CHANGE_RATE * years
    assert len(moves) == pytest.approx(stated, abs=3 * stated**0.5)
    last = {record.product_id: record.category_id for record in moves}
    assert all(sku.category_id == last.get(sku.product_id, sku.category_id) for sku in shop.skus)
    assert set(last.values()) <= known


def test_prices_change_by_the_stated_percents_and_charm_prices_stay_charm_prices() -> None:
    shop = made_up_shop(200)
    price = {sku.sku_id: sku.price for sku in shop.skus}
    changed: Counter[int] = Counter()
    charm = 0
    for record in run("NormalDay", 5, 60, shop=shop, speed_up=20_000_000).records:
        if not isinstance(record, NewPrice):
            continue
        before, price[record.sku_id] = price[record.sku_id], record.price
        if before % 10 == 9:
            charm += 1
            assert record.price % 10 == 9
        elif before > 50:
            changed[round((record.price / before - 1) * 100)] += 1
    assert charm > 20
    assert set(changed) == set(parameters.PRICE_CHANGE_PERCENT)
    assert has_shares(list(changed.values()), [1] * len(changed))


def test_all_attempts_to_pay_an_order_use_one_method() -> None:
    attempts: dict[int, list[PaymentAttempt]] = defaultdict(list)
    for record in fast_run().records:
        if isinstance(record, PaymentAttempt):
            attempts[record.order_id].append(record)
    repeated = [each for each in attempts.values() if len(each) > 1]
    assert len(repeated) > 10
    assert all(len({attempt.method for attempt in each}) == 1 for each in repeated)
    assert all(attempt.captured_at is None for each in repeated for attempt in each[:-1])


def test_attackers_pay_by_credit_card_at_the_ordinary_price_and_do_not_cancel() -> None:
    seen = run("FlashSale", 200, 90, people=2_000, slots="FraudAttack@30s+60s", speed_up=200_000)
    attacks = {order.order_id: order for order in seen.orders() if order.attack is not None}
    assert {order.attack.kind for order in attacks.values() if order.attack} == set(parameters.ATTACK_KINDS)
    assert all(line.flash_sale_id is None for order in attacks.values() for line in order.lines)
    paid = [record for record in seen.records if isinstance(record, PaymentAttempt)]
    assert {record.method for record in paid if record.order_id in attacks} == {"credit_card"}
    cancelled = [record for record in seen.records if isinstance(record, Cancellation)]
    reasons = {record.reason for record in cancelled if record.order_id in attacks}
    assert reasons <= {"payment_failed"}


def test_a_return_is_requested_decided_received_and_refunded_in_this_order() -> None:
    steps: dict[int, list[object]] = defaultdict(list)
    seen = fast_run()
    for record in seen.records:
        if isinstance(record, ReturnRequest | ReturnDecision | Refund):
            steps[record.return_id].append(type(record))
        elif isinstance(record, ReturnReceipt):
            steps[record.request.return_id].append(type(record))
    lost = {record.return_id for record in seen.records if isinstance(record, LostParcel)}
    taken = [tuple(each) for return_id, each in steps.items() if return_id not in lost]
    assert taken.count((ReturnRequest, ReturnDecision, ReturnReceipt, Refund)) > 10
    assert all(each == (ReturnRequest, ReturnDecision, ReturnReceipt, Refund)[: len(each)] for each in taken)


@pytest.mark.parametrize("late_by", [timedelta(days=-1), timedelta(days=1)])
def test_lines_are_returned_and_rejected_as_often_as_stated(late_by: timedelta) -> None:
    shop, numbers = made_up_shop(100), itertools.count(1)
    context = RunContext(shop, Scheduler(START), lambda _: next(numbers), 1, speed_up=1.0)
    order = fast_run().own_orders()[0]
    fashion = next(sku for sku in shop.skus if sku.department == "Fashion")
    bought = replace(order, lines=(replace(order.lines[0], sku_id=fashion.sku_id),))
    tries = 4_000
    returns = AfterDelivery(context, Risk(context))
    for _ in range(tries):
        returns.begin(bought, bought.estimated_delivery_at + late_by, None, is_settled_here=True)
    context.scheduler.advance(365 * 86_400)
    records = context.take_output().records
    decisions = [record.is_approved for record in records if isinstance(record, ReturnDecision)]
    factor = parameters.LATE_RETURN_FACTOR if late_by > timedelta(0) else 1
    assert has_rate(len(decisions), tries, parameters.DEPARTMENTS["Fashion"].return_rate * factor)
    assert has_rate(decisions.count(False), len(decisions), parameters.RETURN_REJECTED_RATE)
    reviews = [record.content for record in records if isinstance(record, NewReview)]
    assert has_rate(len(reviews), tries, parameters.REVIEW_RATE)
    assert has_rate(reviews.count(None), len(reviews), parameters.WORDLESS_REVIEW_RATE)


def test_an_order_is_returned_with_the_last_of_its_lines() -> None:
    seen = fast_run()
    orders = {order.order_id: order for order in seen.orders()}
    received: dict[int, set[int]] = defaultdict(set)
    for record in seen.records:
        if isinstance(record, ReturnReceipt):
            received[record.request.order_id].add(record.request.line.order_item_id)
            whole = {line.order_item_id for line in orders[record.request.order_id].lines}
            assert record.ends_order == (received[record.request.order_id] == whole)
    assert len(received) > 10


def test_a_campaign_that_has_ended_leads_nobody_here() -> None:
    shop = made_up_shop(2_000)
    (running,) = shop.campaigns
    ends_at = START + timedelta(seconds=20)
    shop.campaigns.append(replace(running, campaign_id=2, ends_at=ends_at))
    led: dict[object, list[Any]] = defaultdict(list)
    for row in run("NormalDay", 200, 60, shop=shop).events:
        if row[EVENT_COLUMNS.index("event_type")] == "session_start":
            led[row[EVENT_COLUMNS.index("campaign_id")]].append(row[EVENT_COLUMNS.index("occurred_at")])
    assert len([at for at in led[2] if at < ends_at]) > 20
    assert max(led[2]) < ends_at + timedelta(seconds=1)
    assert max(led[1]) > ends_at + timedelta(seconds=30)


@pytest.mark.parametrize("seed", [0, 1, 7])
def test_strangers_and_attackers_have_devices_of_their_own(seed: int) -> None:
    seen = run("FraudAttack", 200, 60, people=2_000, seed=seed)
    device, user = (EVENT_COLUMNS.index(name) for name in ("device_fingerprint", "user_id"))
    strangers = {row[device] for row in seen.events if row[user] is None}
    attackers = {
        order.device_fingerprint
        for order in seen.orders()
        if order.attack is not None and order.attack.kind != "return_abuse"
    }
    accounts = {person.device_fingerprint for person in made_up_shop(2_000).people}
    in_the_history = {
        network.device_fingerprint(first + number, kind)
        for first in (network.FIRST_ATTACKER, network.FIRST_STRANGER)
        for number in range(20_000)
        for kind in get_args(network.DeviceKind)
    }
    assert strangers and attackers
    assert accounts.isdisjoint(strangers | attackers)
    assert strangers.isdisjoint(attackers)
    assert in_the_history.isdisjoint(strangers | attackers)
