"""What the engine does is what its parameters say: statistics of runs in which a shop accepts everything.

Tolerances are three standard errors or more of the figure at the size of the run; seeds are fixed.
"""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from functools import cache

import pytest

from simulator import calendar, parameters
from simulator.live.decisions.engine import Engine, Plan
from simulator.live.decisions.output import EVENT_COLUMNS
from simulator.live.decisions.records import (
    Cancellation,
    Delivery,
    Dispatch,
    NewReview,
    PaymentAttempt,
    ReturnRequest,
    StatusChange,
)
from simulator.live.decisions.shop_records import NewFlashSale, NewVoucher, Receipt
from simulator.live.scenarios import SCENARIOS
from tests.unit.live_shop import START, TICK_SECONDS, Seen, made_up_shop, run

SESSION, USER, IS_BOT, AT = (
    EVENT_COLUMNS.index(name) for name in ("session_id", "user_id", "is_bot", "occurred_at")
)


@cache
def ordinary() -> Seen:
    """Two minutes of an ordinary day."""
    return run("NormalDay", 400, 120, people=12_000)


@cache
def with_flash_sale() -> Seen:
    """A minute of an ordinary day, a flash sale of a minute, and another ordinary minute."""
    return run("NormalDay", 300, 180, people=12_000, slots="FlashSale@60s+60s")


@cache
def delivered() -> Seen:
    """Orders a hundred times faster than usual, so that their whole lives can be seen."""
    return run("NormalDay", 200, 180, people=6_000, speed_up=200_000)


def per_second(seen: Seen, first: float, last: float) -> float:
    """Ordinary orders on our own channels."""
    own = [order for order in seen.own_orders() if first <= (order.ordered_at - START).total_seconds() < last]
    return len(own) / (last - first)


def test_the_stated_rate_of_events_holds_from_the_first_second_on() -> None:
    seconds = Counter(int((row[AT] - START).total_seconds()) for row in ordinary().events)  # type: ignore[operator]
    for first in range(0, 120, 30):
        assert sum(seconds[second] for second in range(first, first + 30)) / 30 == pytest.approx(
            400, rel=0.05
        )


def test_two_to_five_in_a_hundred_active_users_buy() -> None:
    seen = ordinary()
    assert 0.02 <= len(seen.users("purchase")) / len(seen.users()) <= 0.05


def test_as_many_human_visits_end_in_an_order_as_stated() -> None:
    visits = 400 * (1 - 0.036) / 6.49 * 120
    bought = ordinary().counts("event_type")["purchase"]
    assert bought / visits == pytest.approx(parameters.SESSION_CONVERSION_RATE, rel=0.15)


def test_most_carts_are_left_behind() -> None:
    carts = {row[SESSION] for row in ordinary().events if row[0] == "add_to_cart"}
    bought = {row[SESSION] for row in ordinary().events if row[0] == "purchase"}
    stated = 1 - parameters.SESSION_CONVERSION_RATE / parameters.CART_RATE
    assert 1 - len(bought) / len(carts | bought) == pytest.approx(stated, abs=0.08)


def test_bots_make_the_stated_share_of_events_and_buy_nothing() -> None:
    bots = [row for row in ordinary().events if row[IS_BOT]]
    stated = parameters.BOT_SESSION_RATE * parameters.BOT_EVENTS / parameters.EVENTS_PER_SESSION
    assert len(bots) / len(ordinary().events) == pytest.approx(stated, rel=0.2)
    assert {row[0] for row in bots} == {"session_start", "product_view"}


def test_every_visit_starts_once_and_no_event_comes_before_it() -> None:
    begun: set[object] = set()
    for row in ordinary().events:
        assert (row[SESSION] in begun) == (row[0] != "session_start")
        begun.add(row[SESSION])


def test_a_visit_ends_long_before_half_an_hour_without_an_event() -> None:
    last: dict[object, object] = {}
    for row in ordinary().events:
        before = last.get(row[SESSION], row[AT])
        assert row[AT] - before < timedelta(minutes=parameters.SESSION_GAP_MINUTES)  # type: ignore[operator]
        last[row[SESSION]] = row[AT]


def test_nobody_is_in_two_visits_at_a_time() -> None:
    current: dict[object, object] = {}
    seen: set[tuple[object, object]] = set()
    for row in ordinary().events:
        if row[USER] is None or row[0] == "purchase":
            continue
        if current.get(row[USER]) != row[SESSION]:
            assert (row[USER], row[SESSION]) not in seen
        current[row[USER]] = row[SESSION]
        seen.add((row[USER], row[SESSION]))


def test_countries_come_by_their_local_hour() -> None:
    midnight_in_bangkok = START.replace(hour=17)
    seen = run("NormalDay", 400, 60, people=12_000, start=midnight_in_bangkok)
    visits = Counter(row[EVENT_COLUMNS.index("country")] for row in seen.events if row[0] == "session_start")
    factors = {
        country: calendar.traffic_factor(country, midnight_in_bangkok) for country in parameters.COUNTRIES
    }
    assert factors["US"] > 2 * factors["TH"]
    for country in parameters.COUNTRIES:
        stated = factors[country] / sum(factors.values())
        assert visits[country] / visits.total() == pytest.approx(stated, rel=0.3)


def test_a_flash_sale_lifts_orders_by_its_stated_factor() -> None:
    seen = with_flash_sale()
    usual = (per_second(seen, 0, 60) + per_second(seen, 120, 180)) / 2
    stated = SCENARIOS["FlashSale"].visit_factor * SCENARIOS["FlashSale"].conversion_factor
    assert per_second(seen, 60, 120) / usual == pytest.approx(stated, rel=0.25)


def test_a_flash_sale_lifts_visits_by_its_stated_factor() -> None:
    in_time = Counter(int((row[AT] - START).total_seconds()) // 60 for row in with_flash_sale().events)  # type: ignore[operator]
    longer_visits = 1.12
    stated = SCENARIOS["FlashSale"].visit_factor * longer_visits
    assert in_time[1] / in_time[0] == pytest.approx(stated, rel=0.1)


def test_goods_on_sale_sell_more_than_the_same_goods_before() -> None:
    seen = with_flash_sale()
    flash_sales = {record.sku_id for record in seen.records if isinstance(record, NewFlashSale)}
    pieces: Counter[bool] = Counter()
    for order in seen.own_orders():
        is_on = 60 <= (order.ordered_at - START).total_seconds() < 120
        pieces[is_on] += sum(line.quantity for line in order.lines if line.sku_id in flash_sales)
        assert all(is_on for line in order.lines if line.flash_sale_id is not None)
    assert pieces[True] > 10 * pieces[False] / 2


def test_a_flash_sale_never_promises_more_than_its_quota() -> None:
    seen = run("FlashSale", 300, 60, people=5_000, shop=made_up_shop(5_000, stock=60))
    quotas = {
        record.flash_sale_id: record.quota for record in seen.records if isinstance(record, NewFlashSale)
    }
    cancelled = {record.order_id for record in seen.records if isinstance(record, Cancellation)}
    sold: Counter[int] = Counter()
    for order in seen.orders():
        for line in order.lines:
            if order.order_id not in cancelled and line.flash_sale_id is not None:
                sold[line.flash_sale_id] += line.quantity
    assert quotas
    assert max(sold.values()) > 0
    assert all(sold[sale] <= quota for sale, quota in quotas.items())


def test_a_fraud_attack_makes_the_stated_share_of_orders() -> None:
    seen = run("FraudAttack", 300, 180, people=12_000, seed=11)
    attacks = Counter(order.attack is not None for order in seen.orders() if order.session_id)
    per_attack = sum(
        weight * sum(_orders_of(kind)) / 2 / 100 for kind, weight in parameters.ATTACK_WEIGHTS.items()
    )
    stated = SCENARIOS["FraudAttack"].attacks_per_order * per_attack
    assert attacks[True] / attacks[False] == pytest.approx(stated, rel=0.6)


def _orders_of(kind: str) -> tuple[int, int]:
    return {
        "velocity": parameters.VELOCITY_ORDERS,
        "stolen_card": parameters.STOLEN_CARD_ORDERS,
        "account_takeover": parameters.TAKEOVER_ORDERS,
        "voucher_abuse": parameters.VOUCHER_RING_ACCOUNTS,
        "return_abuse": parameters.RETURN_ABUSE_ORDERS,
    }[kind]


def test_every_kind_of_attack_leaves_its_marks() -> None:
    orders = [order for order in run("FraudAttack", 200, 120, people=2_000).orders() if order.attack]
    by_kind = {
        kind: [o for o in orders if o.attack and o.attack.kind == kind] for kind in parameters.ATTACK_KINDS
    }
    assert all(by_kind.values())
    for attack in {order.attack for order in by_kind["voucher_abuse"] if order.attack}:
        ring = [order for order in by_kind["voucher_abuse"] if order.attack == attack]
        assert len({order.device_fingerprint for order in ring}) == 1
        assert len({order.user_id for order in ring}) == len(ring)
    for attack in {order.attack for order in by_kind["velocity"] if order.attack}:
        assert len({order.user_id for order in by_kind["velocity"] if order.attack == attack}) == 1


def test_stolen_cards_and_taken_accounts_buy_dear_things() -> None:
    orders = run("FraudAttack", 200, 120, people=2_000).orders()
    expensive = {"stolen_card", "account_takeover", "return_abuse"}
    bought = {
        line.sku_id
        for order in orders
        if order.attack and order.attack.kind in expensive
        for line in order.lines
    }
    dearest = {sku.sku_id for sku in made_up_shop(1).skus[-2:]}
    assert bought
    assert bought <= dearest


def test_an_ordinary_day_has_few_attacks() -> None:
    attacks = {order.attack for order in ordinary().orders() if order.attack}
    assert len(attacks) <= 6


def test_a_promotion_has_its_voucher_used_by_the_stated_share() -> None:
    seen = run("PromotionBlast", 400, 120, people=12_000)
    assert sum(isinstance(record, NewVoucher) for record in seen.records) == len(parameters.COUNTRIES)
    own = seen.own_orders()
    used = sum(order.redemption is not None for order in own)
    assert used / len(own) == pytest.approx(SCENARIOS["PromotionBlast"].voucher_rate, abs=0.1)


def test_new_users_come_at_the_stated_rate_per_hour() -> None:
    seen = run("NormalDay", 20, 1_800, people=1_000, growth=600)
    guests = seen.counts("event_type")["purchase"] * 0.06
    assert seen.people - guests == pytest.approx(300, rel=0.2)


def test_missing_users_register_at_the_beginning() -> None:
    assert run("NormalDay", 5, 1, people=100, users=250).people == 150


def test_newcomers_live_where_people_live_whatever_the_hour() -> None:
    midnight_in_bangkok = START.replace(hour=17)
    accounts = run("NormalDay", 5, 1, people=700, users=2_100, start=midnight_in_bangkok).accounts
    homes = Counter(person.destination.country for person in accounts)
    for country in parameters.COUNTRIES:
        assert homes[country] / homes.total() == pytest.approx(1 / len(parameters.COUNTRIES), rel=0.3)


def test_orders_pass_through_every_step() -> None:
    records = delivered().records
    steps = Counter(record.status for record in records if isinstance(record, StatusChange))
    assert steps["confirmed"] > steps["packed"] > 0


def test_payments_fail_as_often_as_stated() -> None:
    ordinary_orders = {order.order_id for order in delivered().orders() if order.attack is None}
    attempts = [
        record
        for record in delivered().records
        if isinstance(record, PaymentAttempt) and record.order_id in ordinary_orders
    ]
    stated = sum(parameters.PAYMENT_FAILURE_RATE[attempt.method] for attempt in attempts)
    failed = sum(attempt.failure_reason is not None for attempt in attempts)
    assert failed == pytest.approx(stated, abs=3 * stated**0.5)


def test_orders_are_cancelled_for_every_reason_there_is() -> None:
    ended = [record for record in delivered().records if isinstance(record, Cancellation)]
    assert len(ended) / len(delivered().orders()) == pytest.approx(0.075, abs=0.05)
    assert {"not_paid", "payment_failed", "changed_mind"} <= {record.reason for record in ended}


def test_some_reports_come_late_and_some_out_of_order(monkeypatch: pytest.MonkeyPatch) -> None:
    often = 0.2
    monkeypatch.setattr(parameters, "OUT_OF_ORDER_RATE", often)
    seen = run("NormalDay", 400, 120, people=12_000, speed_up=20_000)
    pairs = zip(seen.records, seen.seconds, strict=True)
    delays = [
        written - (record.at - START).total_seconds()
        for record, written in pairs
        if isinstance(record, Delivery)
    ]
    late = sum(delay > TICK_SECONDS + 0.01 for delay in delays)
    expected = parameters.LATE_REPORT_RATE * len(delays)
    assert 0 < late < expected + 3 * expected**0.5 + 1
    shipped = {record.order_id: record.at for record in seen.records if isinstance(record, Dispatch)}
    packed = {
        record.order_id: record.at
        for record in seen.records
        if isinstance(record, StatusChange) and record.status == "packed"
    }
    turned = sum(packed[order] > shipped[order] for order in packed.keys() & shipped.keys())
    assert turned / len(shipped) == pytest.approx(often, abs=3 * (often / len(shipped)) ** 0.5)


def test_delivered_orders_are_reviewed_and_sent_back_as_often_as_stated() -> None:
    records = delivered().records
    arrived = sum(isinstance(record, Delivery) for record in records)
    assert arrived > 100
    reviews = [record for record in records if isinstance(record, NewReview)]
    assert len(reviews) / arrived == pytest.approx(parameters.REVIEW_RATE, abs=0.12)
    assert 3.5 < sum(review.rating for review in reviews) / len(reviews) < 4.7
    assert 0.02 < sum(isinstance(record, ReturnRequest) for record in records) / arrived < 0.25


def test_what_runs_low_is_delivered_again() -> None:
    shop = made_up_shop(2_000, stock=8)
    seen = run("NormalDay", 300, 60, shop=shop, speed_up=200_000)
    receipts = [record for record in seen.records if isinstance(record, Receipt)]
    assert receipts
    assert all(place.quantity >= 0 for sku in shop.skus for place in sku.warehouses)


def test_an_order_of_goods_that_are_no_longer_for_sale_still_arrives() -> None:
    shop, numbers = made_up_shop(100), itertools.count(1)
    order = next(order for order in ordinary().own_orders() if order.destination.country == "TH")
    gone = replace(order, lines=(replace(order.lines[0], sku_id=999_999),))
    plan = Plan(SCENARIOS["NormalDay"], 5, seed=1, speed_up=2_000_000)
    engine = Engine(plan, shop, START, lambda _: next(numbers))
    engine.fulfilment.resume(gone, "shipped", 1)
    records = engine.advance(60).records
    assert any(isinstance(record, Delivery) and record.order_id == order.order_id for record in records)


def test_the_same_seed_decides_the_same() -> None:
    first, second = (run("FraudAttack", 100, 40, people=1_000) for _ in range(2))
    assert first.events == second.events
    assert first.records == second.records


def test_another_seed_decides_otherwise() -> None:
    assert (
        run("NormalDay", 100, 10, people=500, seed=1).events
        != run("NormalDay", 100, 10, people=500, seed=2).events
    )
