"""Eight writers press against one voucher, one flash sale and one scarce SKU at once: no limit gives way."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from simulator.live.database.writers import Outcome, Writers
from simulator.live.decisions.records import Cancellation, Destination, Line, NewOrder, Redemption
from simulator.live.decisions.shop_records import NewFlashSale
from tests.integration.simulator_live.conftest import AnyShop

WRITERS = 8
ORDERS = 240
NOW = datetime.now(UTC)
VOUCHER_LIMIT, FLASH_QUOTA, SCARCE_STOCK = 25, 50, 70
SCARCE_SKU, FLASH_SKU = 1, 3


@pytest.fixture(scope="module")
def crowded(either: AnyShop) -> tuple[AnyShop, list[Outcome]]:
    """A shop after the rush, and what became of each order and each cancellation."""
    shop = either
    outcomes: list[Outcome] = []
    with Writers(shop.app_url, WRITERS) as writers:
        writers.submit(NewFlashSale(1, FLASH_SKU, Decimal(90), FLASH_QUOTA, NOW, NOW + timedelta(hours=1)))
        outcomes += writers.wait(30)
        for number in range(1, ORDERS // 2 + 1):
            writers.submit(order(number))
        first_wave = list(writers.wait(60))
        for number in range(ORDERS // 2 + 1, ORDERS + 1):
            writers.submit(order(number))
        for outcome in [outcome for outcome in first_wave if outcome.violated_rule is None][::5]:
            writers.submit(cancellation(outcome.record))
        outcomes += [*first_wave, *writers.wait(60)]
    assert writers.unfinished == 0
    return shop, outcomes


def order(number: int) -> NewOrder:
    """By turns with the voucher, a flash-sale line, the scarce SKU, or all of them."""
    kind = number % 4
    lines = (
        *([line(number, SCARCE_SKU)] if kind in (0, 1) else []),
        *([line(number, FLASH_SKU, flash_sale_id=1)] if kind in (0, 2) else []),
        *([line(number, 5)] if kind == 3 else []),
    )
    user = 1 + number % 60
    return NewOrder(
        order_id=number,
        customer_id=user,
        user_id=user,
        channel="app",
        currency="THB",
        destination=Destination("TH", "Bangkok", None, "10110"),
        lines=lines,
        ordered_at=NOW,
        estimated_delivery_at=NOW + timedelta(days=2),
        redemption=Redemption(1, Decimal(0)) if kind in (0, 3) else None,
    )


def line(order_number: int, sku: int, flash_sale_id: int | None = None) -> Line:
    item = 10 * order_number + sku
    return Line(
        item, sku, 1 + (sku - 1) // 2, 1, 1 if sku > 1 else 1 + order_number % 2, 1, Decimal(90), Decimal(60),
        flash_sale_id=flash_sale_id,
    )  # fmt: skip


def cancellation(placed: object) -> Cancellation:
    assert isinstance(placed, NewOrder)
    return Cancellation(placed.order_id, "THB", "changed_mind", placed.lines, NOW + timedelta(minutes=1))


def test_every_record_was_written_or_refused_by_a_limit(crowded: tuple[AnyShop, list[Outcome]]) -> None:
    _, outcomes = crowded
    kinds = Counter(type(outcome.record) for outcome in outcomes)
    assert kinds[NewOrder] == ORDERS
    assert kinds[Cancellation] > 5
    assert {outcome.violated_rule for outcome in outcomes} == {
        None,
        "flash_sales_sold_within_quota",
        "inventory_quantity_not_negative",
        "vouchers_used_within_limit",
        "vouchers_used_within_user_limit",
    }


def test_afterwards_every_rule_holds(crowded: tuple[AnyShop, list[Outcome]]) -> None:
    shop, _ = crowded
    assert shop.violations() == []


def test_the_voucher_is_used_as_often_as_there_are_uses(crowded: tuple[AnyShop, list[Outcome]]) -> None:
    shop, _ = crowded
    used = shop.value("select used_count from vouchers where voucher_id = 1")
    rows = shop.value("select count(*) from voucher_redemptions where released_at is null")
    assert used == rows
    assert isinstance(used, int)
    assert 0 < used <= VOUCHER_LIMIT


def test_the_flash_sale_sells_its_quota_and_not_a_piece_more(
    crowded: tuple[AnyShop, list[Outcome]],
) -> None:
    shop, _ = crowded
    sold = shop.value("select sold_count from flash_sales where flash_sale_id = 1")
    rows = shop.value(
        "select sum(quantity) from order_items join orders using (order_id) "
        "where flash_sale_id = 1 and status <> 'cancelled'"
    )
    assert sold == rows
    assert isinstance(sold, int)
    assert 0 < sold <= FLASH_QUOTA


def test_the_scarce_sku_sells_out_and_its_stock_is_its_ledger(
    crowded: tuple[AnyShop, list[Outcome]],
) -> None:
    shop, _ = crowded
    query = "select stock from product_skus where sku_id = %s"
    ledger = "select sum(quantity_change) from inventory_log where sku_id = %s"
    stock = shop.value(query, SCARCE_SKU)
    assert stock == shop.value(ledger, SCARCE_SKU)
    assert isinstance(stock, int)
    assert 0 <= stock < SCARCE_STOCK
