"""Limits hold when eight writers press against them at once, in either isolation a client may choose."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pymysql
import pytest

from tests.fixtures.mariadb import RunningMariadb
from tests.integration.marketplace.conftest import ONE_OF_EACH
from tests.integration.marketplace.test_concurrency import BUYERS, WRITERS
from tests.integration.marketplace.test_rules import redeem, refund
from tests.integration.mysql.refusals import rule_of
from tradewind.marketplace import schema
from tradewind.source.mysql.connection import Connection, connect, rows, run_all

DEADLOCK = 1213


class Crowd:
    """Eighty buyers, each with one order of one lamp, and eight writers with an isolation of their own."""

    def __init__(self, shop: RunningMariadb, isolation: str) -> None:
        self.url = shop.url("app")
        self.isolation = isolation
        self.deadlocks = 0

    def press(self, attempt: Callable[[Connection, int], object], refused_by: str) -> int:
        """Each writer tries for its ten buyers; how many attempts the shop accepted."""
        start = Barrier(WRITERS)

        def writer(buyers: Iterable[int]) -> int:
            with connect(self.url) as connection:
                run_all(connection, f"set session transaction isolation level {self.isolation}")
                start.wait(timeout=30)
                return sum(self._try(connection, attempt, buyer, refused_by) for buyer in buyers)

        with ThreadPoolExecutor(WRITERS) as pool:
            return sum(pool.map(writer, (BUYERS[number::WRITERS] for number in range(WRITERS))))

    def _try(
        self,
        connection: Connection,
        attempt: Callable[[Connection, int], object],
        buyer: int,
        refused_by: str,
    ) -> bool:
        """Whether the attempt was accepted; a deadlock is tried again, as every client has to."""
        while True:
            try:
                attempt(connection, buyer)
                connection.commit()
                return True
            except pymysql.MySQLError as error:
                connection.rollback()
                if error.args[0] == DEADLOCK:
                    self.deadlocks += 1
                    continue
                assert rule_of(error) == refused_by
                return False

    def value(self, query: str) -> object:
        with connect(self.url) as connection:
            return rows(connection, query)[0][0]


@pytest.fixture(scope="module", params=["read committed", "repeatable read"])
def crowd(mariadb: RunningMariadb, request: pytest.FixtureRequest) -> Iterator[Crowd]:
    mariadb.empty()
    schema.init(mariadb.url("owner"))
    with connect(mariadb.url("app")) as connection:
        run_all(connection, ONE_OF_EACH.read_text())
        cursor = connection.cursor()
        for statement in (
            "insert into users (user_id, country, registered_at) values (%s, 'TH', '2026-01-01')",
            "insert into customers (customer_id, user_id, country) values (%s, %s, 'TH')",
            "insert into orders (order_id, customer_id, user_id, channel, currency, subtotal_amount, "
            "total_amount, ship_to_country, ordered_at) "
            "values (%s, %s, %s, 'app', 'THB', 100, 100, 'TH', '2026-01-05')",
            "insert into order_items (order_id, line_number, sku_id, product_id, seller_id, quantity, "
            "unit_price) values (%s, 1, 1, 1, 1, 1, 100)",
        ):
            cursor.executemany(statement, [(buyer,) * statement.count("%s") for buyer in BUYERS])
    made = Crowd(mariadb, request.param)
    yield made
    assert made.isolation != "read committed" or made.deadlocks == 0


def test_a_voucher_is_never_used_more_often_than_its_limit(crowd: Crowd) -> None:
    accepted = crowd.press(
        lambda connection, buyer: run_all(connection, redeem(order=buyer, user=buyer)),
        refused_by="vouchers_used_within_limit",
    )
    assert accepted == 19
    assert crowd.value("select used_count from vouchers") == 20
    assert crowd.value("select count(*) from voucher_redemptions") == 20


def test_a_user_never_uses_a_voucher_twice(crowd: Crowd) -> None:
    with connect(crowd.url) as connection:
        run_all(
            connection,
            "insert into vouchers (voucher_id, voucher_code, voucher_type, value, currency, usage_limit, "
            "starts_at, ends_at) values "
            "(2, 'ONCE', 'fixed_amount', 1, 'THB', 1000, '2026-01-01', '2026-03-01')",
        )
        connection.cursor().executemany(
            "insert into orders (order_id, customer_id, user_id, channel, currency, subtotal_amount, "
            "total_amount, ship_to_country, ordered_at) "
            "values (%s, 1, 1, 'app', 'THB', 0, 0, 'TH', '2026-01-05')",
            [(1000 + buyer,) for buyer in BUYERS],
        )
    accepted = crowd.press(
        lambda connection, buyer: run_all(connection, redeem(voucher=2, order=1000 + buyer, user=1)),
        refused_by="vouchers_used_within_user_limit",
    )
    assert accepted == 1


def test_a_flash_sale_never_sells_more_than_its_quota(crowd: Crowd) -> None:
    def buy(connection: Connection, buyer: int) -> None:
        run_all(
            connection,
            "insert into order_items (order_id, line_number, sku_id, product_id, seller_id, flash_sale_id, "
            f"quantity, unit_price) values ({buyer}, 2, 1, 1, 1, 1, 1, 80)",
        )
        run_all(
            connection,
            f"update orders set subtotal_amount = 180, total_amount = 180 where order_id = {buyer}",
        )

    assert crowd.press(buy, refused_by="flash_sales_sold_within_quota") == 18
    assert crowd.value("select sold_count from flash_sales") == 20


def test_stock_never_falls_below_zero(crowd: Crowd) -> None:
    accepted = crowd.press(
        lambda connection, _: rows(connection, "select take_stock(1, 1, 1, null, now(6), 'sale')"),
        refused_by="inventory_quantity_not_negative",
    )
    assert accepted == 15
    assert crowd.value("select quantity from inventory where sku_id = 1") == 0
    assert crowd.value("select count(distinct log_id) from inventory_log") == 17


def test_refunds_never_exceed_payments(crowd: Crowd) -> None:
    accepted = crowd.press(
        lambda connection, _: run_all(connection, refund(10)), refused_by="order_returns_within_payments"
    )
    assert accepted == 12
    assert crowd.value("select sum(refund_amount) from order_returns where order_id = 1") == 170


def test_a_rating_counts_every_review(crowd: Crowd) -> None:
    crowd.press(
        lambda connection, buyer: run_all(
            connection,
            "insert into reviews (order_id, user_id, product_id, rating, reviewed_at) "
            f"values ({buyer}, {buyer}, 1, {buyer % 5 + 1}, '2026-01-12')",
        ),
        refused_by="none",
    )
    assert crowd.value("select review_count from products where product_id = 1") == 81


def test_the_lowest_price_follows_every_change(crowd: Crowd) -> None:
    """Writers who change SKUs of one product may block each other here; then one of them tries again."""
    deadlocks = crowd.deadlocks
    with connect(crowd.url) as connection:
        connection.cursor().executemany(
            "insert into product_skus (sku_id, product_id, sku_code, price, cost) values (%s, 1, %s, 50, 10)",
            [(1000 + buyer, f"LAMP-{buyer}") for buyer in BUYERS],
        )
    crowd.press(
        lambda connection, buyer: run_all(
            connection, f"update product_skus set price = {60 + buyer} where sku_id = {1000 + buyer}"
        ),
        refused_by="none",
    )
    crowd.deadlocks = deadlocks
    lowest = crowd.value("select min(price) from product_skus where product_id = 1 and status = 'active'")
    assert lowest == 100
    assert crowd.value("select min_price from products where product_id = 1") == lowest


def test_after_all_that_every_rule_holds(crowd: Crowd) -> None:
    assert crowd.value("select count(*) from violations") == 0
