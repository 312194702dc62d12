"""Orders are exact to the cent, whatever is in the basket."""

from __future__ import annotations

import itertools
from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest

from simulator import parameters
from simulator.live.decisions.checkout import CheckoutRequest, build_order, release_reservation
from simulator.live.decisions.context import RunContext
from simulator.live.decisions.records import NewOrder
from simulator.live.decisions.scheduler import Scheduler
from simulator.live.decisions.shop import FlashSale, Shop, Voucher
from simulator.randomness import ScalarStream
from tests.unit.live_shop import START, made_up_shop


@pytest.fixture
def run() -> RunContext:
    numbers: dict[str, itertools.count[int]] = defaultdict(lambda: itertools.count(1))
    return RunContext(
        made_up_shop(50, stock=10), Scheduler(START), lambda table: next(numbers[table]), 1, 1.0
    )


def ordered(
    run: RunContext,
    basket: dict[int, int],
    country: str = "TH",
    rng: ScalarStream | None = None,
    **request: Any,
) -> NewOrder | None:
    buyer = next(person for person in run.shop.people if person.country == country)
    return build_order(
        run,
        CheckoutRequest(buyer, buyer.destination, basket, "app", **request),
        rng or run.rng("test"),
    )


def voucher(run: RunContext, kind: str, value: str) -> Voucher:
    made = Voucher(99, kind, Decimal(value), "THB", None, Decimal(0), 5, START, START.replace(year=2030))
    run.shop.vouchers.append(made)
    return made


def test_lines_stand_in_the_order_of_their_skus(run: RunContext) -> None:
    order = ordered(run, {7: 1, 3: 2})
    assert order is not None
    assert [line.sku_id for line in order.lines] == [3, 7]
    assert [line.quantity for line in order.lines] == [2, 1]


def test_tax_is_on_goods_after_discount(run: RunContext) -> None:
    order = ordered(run, {10: 1}, only_voucher=voucher(run, "fixed_amount", "10"))
    assert order is not None
    (line,) = order.lines
    assert (line.unit_price, line.discount_amount) == (Decimal("110.00"), Decimal("10.00"))
    assert (line.tax_amount, line.shipping_amount) == (Decimal("7.00"), Decimal("40.00"))
    assert order.total_amount == Decimal("147.00")


def test_free_shipping_takes_the_fee_off_again(run: RunContext) -> None:
    order = ordered(run, {10: 1, 11: 1}, only_voucher=voucher(run, "free_shipping", "0"))
    assert order is not None
    assert sum(line.discount_amount for line in order.lines) == Decimal("40.00")
    assert sum(line.shipping_amount for line in order.lines) == Decimal("40.00")


def test_a_fixed_discount_never_exceeds_the_goods(run: RunContext) -> None:
    order = ordered(run, {10: 1}, only_voucher=voucher(run, "fixed_amount", "5000"))
    assert order is not None
    assert order.lines[0].discount_amount == order.lines[0].subtotal_amount


def test_dong_have_no_cents(run: RunContext) -> None:
    order = ordered(run, {10: 3}, "VN")
    assert order is not None
    assert order.currency == "VND"
    assert order.total_amount == order.total_amount.to_integral_value()


def test_what_is_not_in_stock_is_left_out(run: RunContext) -> None:
    run.shop.sku_by_id[3].warehouses[0].quantity = 1
    order = ordered(run, {3: 2, 4: 2})
    assert order is not None
    assert [line.sku_id for line in order.lines] == [4]
    assert ordered(run, {3: 2}) is None


def test_stock_set_aside_is_free_again_when_the_order_is_not_placed(run: RunContext) -> None:
    order = ordered(run, {3: 4})
    assert order is not None
    assert run.shop.sku_by_id[3].stock == 6
    release_reservation(run.shop, order)
    assert run.shop.sku_by_id[3].stock == 10


def test_a_flash_sale_sells_no_more_than_is_left_and_few_pay_the_usual_price_instead(
    run: RunContext,
) -> None:
    put_on_sale(run.shop)
    first = ordered(run, {3: 2})
    assert first is not None
    assert (first.lines[0].flash_sale_id, first.lines[0].unit_price) == (5, Decimal("50.00"))
    run.shop.sku_by_id[3].warehouses[0].quantity = 10_000
    rng = run.rng("afterwards")
    later = [ordered(run, {3: 2}, rng=rng) for _ in range(1_000)]
    dearer = [order.lines[0] for order in later if order is not None]
    assert {(line.flash_sale_id, line.unit_price) for line in dearer} == {(None, Decimal("103.00"))}
    stated = (50 / 103) ** parameters.PRICE_ELASTICITY
    assert len(dearer) / 1_000 == pytest.approx(stated, abs=0.05)


def put_on_sale(shop: Shop) -> None:
    shop.flash_sales[3] = FlashSale(5, 3, Decimal(50), 3, START, START.replace(year=2030))


def test_a_shop_without_warehouses_has_its_sellers_ship(run: RunContext) -> None:
    run.shop.warehouse_positions.clear()
    for sku in run.shop.skus:
        sku.warehouses.clear()
    order = ordered(run, {3: 2})
    assert order is not None
    assert order.lines[0].warehouse_id is None
