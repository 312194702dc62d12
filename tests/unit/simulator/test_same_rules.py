"""The history and live traffic apply the same rules: equal baskets cost the same to the cent."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import network, parameters
from simulator.history.amounts import OrderAmounts, compute_amounts
from simulator.history.attacks import Attacks
from simulator.history.delivery import plan_delivery
from simulator.history.order_lines import OrderLines
from simulator.history.orders import APP, Orders
from simulator.history.payments import Payments, payment_rows, payments_table
from simulator.history.returns import Returns, order_returns, return_rows
from simulator.live.decisions.after_delivery import _refund_amount
from simulator.live.decisions.checkout import CheckoutRequest, build_order
from simulator.live.decisions.context import RunContext
from simulator.live.decisions.payments import PaymentAttempts
from simulator.live.decisions.records import Destination, NewOrder, PaymentAttempt
from simulator.live.decisions.scheduler import Scheduler
from simulator.live.decisions.shop import Person, Shop, Sku, Voucher, WarehouseStock
from simulator.plan import Plan
from simulator.rules.payments import METHODS
from simulator.rules.vouchers import TYPES
from simulator.world.places import CITIES
from simulator.world.promotions import Vouchers
from simulator.world.rates import CURRENCIES, RATE_UNITS, Rates, make_rates
from tests.unit.simulator.conftest import plan_of

PLAN: Plan = plan_of("small")
RATES: Rates = make_rates(PLAN)
COUNTRIES = tuple(parameters.COUNTRIES)
NOON = PLAN.start + 100 * 86_400 + 43_200
NOW = dt.datetime.fromtimestamp(NOON, dt.UTC)
BANGKOK = 0
NOTHING_MORE = np.array([], dtype=np.int64)


@dataclass(frozen=True)
class Offer:
    """A voucher on offer; money and percentages in hundredths."""

    kind: int
    value: int
    cap: int
    min_order: int


@dataclass(frozen=True)
class Basket:
    """What a buyer orders: pieces and catalogue price of each SKU, with the vouchers on offer."""

    country: int
    pieces: tuple[int, ...]
    prices: tuple[int, ...]
    offers: tuple[Offer, ...]


@st.composite
def baskets(draw: st.DrawFn) -> Basket:
    lines = draw(st.integers(1, 6))
    country = draw(st.integers(0, len(COUNTRIES) - 1))
    scale = round(parameters.COUNTRIES[COUNTRIES[country]].free_shipping_from * 100)
    offer = st.builds(
        Offer,
        kind=st.integers(0, len(TYPES) - 1),
        value=st.one_of(st.integers(0, 10_000), st.integers(0, 2 * scale)),
        cap=st.one_of(st.just(-1), st.integers(0, scale)),
        min_order=st.integers(0, scale),
    )
    return Basket(
        country=country,
        pieces=tuple(draw(st.lists(st.integers(1, 9), min_size=lines, max_size=lines))),
        prices=tuple(draw(st.lists(st.integers(1, 500_000), min_size=lines, max_size=lines))),
        offers=tuple(
            Offer(
                each.kind, min(each.value, 10_000) if each.kind == 0 else each.value, each.cap, each.min_order
            )
            for each in draw(st.lists(offer, min_size=1, max_size=3))
        ),
    )


@pytest.fixture(autouse=True, scope="module")
def everybody_uses_vouchers() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parameters, "VOUCHER_TAKE_RATE", 1.0)
        yield


@dataclass(frozen=True)
class HistoryOrder:
    orders: Orders
    lines: OrderLines
    amounts: OrderAmounts


def by_history(basket: Basket) -> HistoryOrder:
    """The basket as the only order of a history."""
    one, count = np.array([0]), len(basket.pieces)
    country, moment = np.array([basket.country]), np.array([NOON])
    city = next(at for at, each in enumerate(CITIES) if each.country == COUNTRIES[basket.country])
    none = np.array([-1])
    orders = Orders(moment, country, one, np.array([city]), np.array([APP]), none, none, np.array([False]))
    price = np.array(basket.prices)
    currency, moments = np.repeat(country, count), np.repeat(moment, count)
    lines = OrderLines(
        order=np.zeros(count, dtype=np.int64),
        number=np.arange(count) + 1,
        sku=np.arange(count),
        quantity=np.array(basket.pieces),
        unit_price=RATES.from_catalogue(price, currency, moments),
        unit_cost=RATES.from_catalogue(price * 3 // 5, currency, moments),
        flash_sale=np.full(count, -1),
        first=one,
    )
    offers = len(basket.offers)
    columns = np.array([(o.kind, o.value, o.cap, o.min_order) for o in basket.offers], dtype=np.int64)
    kind, value, cap, min_order = columns.reshape(-1, 4).T
    vouchers = Vouchers(
        country=np.full(offers, basket.country),
        kind=kind,
        value=value,
        most_discount=cap,
        least_order=min_order,
        limit=np.full(offers, 10),
        starts=np.full(offers, NOON - 86_400),
        ends=NOON + 86_400 * (1 + np.arange(offers)),
    )
    return HistoryOrder(orders, lines, compute_amounts(PLAN, orders, lines, vouchers, _no_attacks()))


def _no_attacks() -> Attacks:
    attacks = Attacks()
    attacks.kind.append(0)
    attacks.add(0, 0, 0, "", "", (-1, "TH"))
    return attacks


def shop_with(basket: Basket) -> Shop:
    """A shop that sells the basket's SKUs at the history's prices and rates."""
    destination = _destination(basket)
    day = (NOON - PLAN.start) // 86_400
    return Shop(
        skus=[
            Sku(
                sku_id=at + 1,
                product_id=at + 1,
                category_id=1,
                seller_id=1,
                supplier_id=1,
                department="Fashion",
                price=Decimal(price) / 100,
                cost=Decimal(price * 3 // 5) / 100,
                currency=parameters.CATALOGUE_CURRENCY,
                popularity=1,
                warehouses=[WarehouseStock(1, 1_000, 10)],
            )
            for at, price in enumerate(basket.prices)
        ],
        people=[Person(1, 1, destination, "device", "10.0.0.1", "web")],
        staff=[],
        vouchers=[
            Voucher(
                voucher_id=at + 1,
                voucher_type=TYPES[offer.kind],
                value=Decimal(offer.value) / 100,
                currency=CURRENCIES[basket.country],
                max_discount_amount=None if offer.cap < 0 else Decimal(offer.cap) / 100,
                min_order_amount=Decimal(offer.min_order) / 100,
                uses_left=10,
                starts_at=NOW - dt.timedelta(days=1),
                ends_at=NOW + dt.timedelta(days=1 + at),
            )
            for at, offer in enumerate(basket.offers)
        ],
        flash_sales={},
        campaigns=[],
        rates={
            currency: Decimal(int(RATES.per_day[at, day])) / RATE_UNITS
            for at, currency in enumerate(CURRENCIES)
        },
        warehouse_positions={1: BANGKOK},
    )


def _destination(basket: Basket) -> Destination:
    city = next(each for each in CITIES if each.country == COUNTRIES[basket.country])
    return Destination(city.country, city.name, city.state, city.postal_code)


def run_in(shop: Shop) -> RunContext:
    numbers: dict[str, itertools.count[int]] = defaultdict(lambda: itertools.count(1))
    return RunContext(shop, Scheduler(NOW), lambda table: next(numbers[table]), 1, 1.0)


def by_live(basket: Basket) -> tuple[RunContext, NewOrder]:
    """The basket as an order of live traffic."""
    shop = shop_with(basket)
    run, buyer = run_in(shop), shop.people[0]
    pieces = {at + 1: quantity for at, quantity in enumerate(basket.pieces)}
    request = CheckoutRequest(buyer, buyer.destination, pieces, "app", voucher_rate=1.0)
    order = build_order(run, request, run.rng("test"))
    assert order is not None
    return run, order


def cents(amounts: np.ndarray) -> list[Decimal]:
    return [Decimal(amount) / 100 for amount in amounts.tolist()]


@settings(max_examples=400, deadline=None)
@given(baskets())
def test_equal_baskets_cost_the_same_to_the_cent(basket: Basket) -> None:
    history, (_, order) = by_history(basket), by_live(basket)
    amounts, lines = history.amounts, order.lines
    assert [line.unit_price for line in lines] == cents(history.lines.unit_price)
    assert [line.unit_cost for line in lines] == cents(history.lines.unit_cost)
    assert [line.discount_amount for line in lines] == cents(amounts.line_discount)
    assert [line.goods_discount_amount for line in lines] == cents(amounts.line_goods_discount)
    assert [line.shipping_amount for line in lines] == cents(amounts.line_shipping)
    assert [line.tax_amount for line in lines] == cents(amounts.line_tax)
    assert [order.total_amount] == cents(amounts.total)
    used = order.redemption.voucher_id - 1 if order.redemption else -1
    assert used == amounts.voucher[0]
    if order.redemption is not None:
        assert [order.redemption.discount_amount] == cents(amounts.discount)


@settings(max_examples=100, deadline=None)
@given(baskets(), st.integers(0, len(METHODS) - 1))
def test_equal_orders_cost_the_same_payment_fee(basket: Basket, method: int) -> None:
    history, (run, order) = by_history(basket), by_live(basket)
    payments = Payments(
        confirmed=np.array([NOON]),
        method=np.array([method]),
        attempts=np.array([1]),
        first_attempt=np.array([NOON]),
        paid=np.array([NOON + parameters.CAPTURE_SECONDS]),
        is_refused=np.array([False]),
    )
    never = np.array([-1])
    rows = payment_rows(PLAN, history.orders, history.amounts, payments, never, never)
    table = payments_table(PLAN, history.orders, history.amounts, payments, rows, _no_attacks())
    attempts = PaymentAttempts(run)
    attempts.write(order, 1, attempts.instrument(order, method, None), NOW, has_failed=False)
    (record,) = run.take_output().records
    assert isinstance(record, PaymentAttempt)
    assert not network.has_second_card(0)
    for column in (
        *("method", "gateway", "currency", "amount", "fee_amount", "card_country", "card_fingerprint"),
    ):
        assert table[column].to_pylist() == [getattr(record, column)], column


@settings(max_examples=100, deadline=None)
@given(baskets())
def test_equal_lines_are_refunded_the_same(basket: Basket) -> None:
    history, (_, order) = by_history(basket), by_live(basket)
    count = len(basket.pieces)
    never = np.zeros(count, dtype=bool)
    soon = np.full(count, 3_600)
    returns = Returns(~never, ~never, soon, soon, soon, never, ~never)
    rows = return_rows(
        PLAN, history.lines, history.amounts, returns,
        np.arange(count), np.array([NOON]), NOTHING_MORE, NOTHING_MORE,
    )  # fmt: skip
    table = order_returns(history.orders, rows)
    assert table["refund_amount"].to_pylist() == [_refund_amount(line) for line in order.lines]


@pytest.mark.parametrize("country", range(len(COUNTRIES)))
def test_equal_orders_get_the_same_promise(country: int) -> None:
    basket = Basket(country, (1,), (10_000,), (Offer(2, 0, -1, 10**9),))
    history, (_, order) = by_history(basket), by_live(basket)
    never = Payments(*(np.array([-1]) for _ in range(5)), np.array([False]))
    promised = plan_delivery(PLAN, history.orders, never).promised[0, BANGKOK]
    assert order.estimated_delivery_at == dt.datetime.fromtimestamp(int(promised), dt.UTC)
