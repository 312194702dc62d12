"""Limits hold when eight writers press against them at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import psycopg
import pytest

from tests.integration.marketplace.conftest import Shop

WRITERS = 8
ATTEMPTS = 10
BUYERS = range(100, 100 + WRITERS * ATTEMPTS)


@pytest.fixture(scope="module")
def crowd(shop: Shop) -> Shop:
    """Eighty more buyers, each with one order of one lamp."""
    with psycopg.connect(shop.app_url) as connection:
        bounds = (BUYERS.start, BUYERS.stop - 1)
        connection.execute(
            "insert into users (user_id, country, registered_at) "
            "select id, 'TH', '2026-01-01' from generate_series(%s::int, %s::int) as id",
            bounds,
        )
        connection.execute(
            "insert into customers (customer_id, user_id, country) "
            "select id, id, 'TH' from generate_series(%s::int, %s::int) as id",
            bounds,
        )
        connection.execute(
            "insert into orders (order_id, customer_id, user_id, channel, currency, subtotal_amount, "
            "total_amount, "
            "ship_to_country, ordered_at) select id, id, id, 'app', 'THB', 100, 100, 'TH', '2026-01-05' "
            "from generate_series(%s::int, %s::int) as id",
            bounds,
        )
        connection.execute(
            "insert into order_items (order_id, line_number, sku_id, product_id, seller_id, quantity, "
            "unit_price) "
            "select id, 1, 1, 1, 1, 1, 100 from generate_series(%s::int, %s::int) as id",
            bounds,
        )
    return shop


def press(shop: Shop, attempt: Callable[[psycopg.Connection, int], object]) -> int:
    """Eight writers, each trying for its ten buyers; how many attempts the shop accepted."""
    start = Barrier(WRITERS)

    def writer(buyers: Iterable[int]) -> int:
        accepted = 0
        with psycopg.connect(shop.app_url, autocommit=True) as connection:
            start.wait(timeout=30)
            for buyer in buyers:
                try:
                    with connection.transaction():
                        attempt(connection, buyer)
                    accepted += 1
                except psycopg.errors.CheckViolation:
                    continue
        return accepted

    with ThreadPoolExecutor(WRITERS) as pool:
        return sum(pool.map(writer, (BUYERS[number::WRITERS] for number in range(WRITERS))))


def value(shop: Shop, query: str) -> object:
    with psycopg.connect(shop.app_url) as connection:
        row = connection.execute(query.encode()).fetchone()
        assert row is not None
        return row[0]


def test_a_voucher_is_never_used_more_often_than_its_limit(crowd: Shop) -> None:
    def redeem(connection: psycopg.Connection, buyer: int) -> None:
        connection.execute(
            "insert into voucher_redemptions (voucher_id, order_id, user_id, currency, discount_amount, "
            "redeemed_at) "
            "values (1, %s, %s, 'THB', 10, '2026-01-05')",
            [buyer, buyer],
        )

    assert press(crowd, redeem) == 19
    assert value(crowd, "select used_count from vouchers") == 20
    assert value(crowd, "select count(*) from voucher_redemptions") == 20


def test_a_user_never_uses_a_voucher_twice(crowd: Shop) -> None:
    with psycopg.connect(crowd.app_url) as connection:
        connection.execute(
            "insert into vouchers (voucher_id, voucher_code, voucher_type, value, currency, "
            "usage_limit, starts_at, "
            "ends_at) values (2, 'ONCE', 'fixed_amount', 1, 'THB', 1000, '2026-01-01', '2026-03-01')"
        )
        connection.execute(
            "insert into orders (order_id, customer_id, user_id, channel, currency, subtotal_amount, "
            "total_amount, "
            "ship_to_country, ordered_at) select 1000 + id, 1, 1, 'app', 'THB', 0, 0, 'TH', '2026-01-05' "
            "from generate_series(%s::int, %s::int) as id",
            [BUYERS.start, BUYERS.stop - 1],
        )

    def redeem_as_user_1(connection: psycopg.Connection, buyer: int) -> None:
        connection.execute(
            "insert into voucher_redemptions (voucher_id, order_id, user_id, currency, discount_amount, "
            "redeemed_at) "
            "values (2, %s, 1, 'THB', 0, '2026-01-05')",
            [1000 + buyer],
        )

    assert press(crowd, redeem_as_user_1) == 1


def test_a_flash_sale_never_sells_more_than_its_quota(crowd: Shop) -> None:
    def buy(connection: psycopg.Connection, buyer: int) -> None:
        connection.execute(
            "insert into order_items (order_id, line_number, sku_id, product_id, seller_id, "
            "flash_sale_id, quantity, "
            "unit_price) values (%s, 2, 1, 1, 1, 1, 1, 80)",
            [buyer],
        )
        connection.execute(
            "update orders set subtotal_amount = 180, total_amount = 180 where order_id = %s",
            [buyer],
        )

    assert press(crowd, buy) == 18
    assert value(crowd, "select sold_count from flash_sales") == 20


def test_stock_never_falls_below_zero(crowd: Shop) -> None:
    def take(connection: psycopg.Connection, _: int) -> None:
        connection.execute("select rules.take_stock(1, 1, 1)")

    assert press(crowd, take) == 15
    assert value(crowd, "select quantity from inventory where sku_id = 1") == 0


def test_refunds_never_exceed_payments(crowd: Shop) -> None:
    def give_back(connection: psycopg.Connection, _: int) -> None:
        connection.execute(
            "insert into order_returns (order_id, reason, currency, refund_amount, requested_at) "
            "values (1, 'late', 'THB', 10, '2026-01-11')"
        )

    assert press(crowd, give_back) == 12
    assert value(crowd, "select sum(refund_amount) from order_returns where order_id = 1") == 170


def one_during_the_other(shop: Shop, first: str, second: str) -> None:
    """The second statement begins while the first is written but not yet committed."""
    with (
        psycopg.connect(shop.app_url) as earlier,
        psycopg.connect(shop.app_url, autocommit=True) as later,
        ThreadPoolExecutor(1) as pool,
    ):
        earlier.execute(first.encode())
        done = pool.submit(later.execute, second.encode())
        deadline = time.monotonic() + 30
        while not value(shop, f"select cardinality(pg_blocking_pids({later.info.backend_pid}))"):
            assert time.monotonic() < deadline
        earlier.commit()
        done.result(timeout=30)


def test_a_rating_counts_every_review(crowd: Shop) -> None:
    review = (
        "insert into reviews (order_id, user_id, product_id, rating, reviewed_at) "
        "values ({buyer}, {buyer}, 1, 1, '2026-01-12')"
    )
    one_during_the_other(crowd, review.format(buyer=100), review.format(buyer=101))
    assert value(crowd, "select review_count from products where product_id = 1") == 3


def test_the_lowest_price_counts_every_sku(crowd: Shop) -> None:
    sku = "insert into product_skus (product_id, sku_code, price) values (1, 'LAMP-{price}', {price})"
    one_during_the_other(crowd, sku.format(price=50), sku.format(price=70))
    assert value(crowd, "select min_price from products where product_id = 1") == 50


def test_after_all_that_every_rule_holds(crowd: Shop) -> None:
    assert value(crowd, "select count(*) from rules.violations()") == 0
