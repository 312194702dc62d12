"""The shop's rules on a MySQL-family server: what PostgreSQL refuses is refused by the same name."""

from __future__ import annotations

from decimal import Decimal

import pymysql
import pytest

from tests.integration.marketplace.test_checks import VIOLATIONS
from tests.integration.marketplace.test_rules import (
    CHECK_NOW,
    DELIVERED,
    NEW_ORDER,
    RECORDED,
    REFUSED,
    RESTATED,
    SPEND,
    move,
    redeem,
    refund,
    step,
)
from tests.integration.marketplace.test_violations import BROKEN
from tests.integration.mysql.refusals import as_mysql, rule_of
from tradewind.source.mysql.connection import Connection, rows, run_all


def run(connection: Connection, *statements: str) -> None:
    for statement in statements:
        run_all(connection, statement)


def one(connection: Connection, query: str) -> object:
    ((value, *more),) = rows(connection, query)
    return (value, *more) if more else value


@pytest.mark.parametrize("attempt", REFUSED)
def test_the_shop_refuses(app: Connection, attempt: str) -> None:
    *before, last = map(as_mysql, REFUSED[attempt][0])
    run(app, *before)
    with pytest.raises(pymysql.MySQLError) as refused:
        run(app, last)
    assert rule_of(refused.value) == REFUSED[attempt][1]


@pytest.mark.parametrize("constraint", VIOLATIONS)
def test_check_constraint_refuses(unruled: Connection, constraint: str) -> None:
    table, _, change = VIOLATIONS[constraint].partition(": ")
    with pytest.raises(pymysql.MySQLError) as refused:
        run(unruled, f"update {table} set {change}")
    assert rule_of(refused.value) == constraint


@pytest.mark.parametrize("rule", BROKEN)
def test_a_broken_rule_is_found(unruled: Connection, rule: str) -> None:
    assert rows(unruled, "select * from violations") == []
    run(unruled, BROKEN[rule])
    assert (rule,) in rows(unruled, "select distinct rule from violations")


def test_every_step_of_an_order_is_in_its_history(app: Connection) -> None:
    run(app, *step(1, "confirmed", "paid", "packed", "shipped", "delivered", "returned"))
    steps = rows(app, "select to_status from order_status_history where order_id = 1 order by step_number")
    assert [status for (status,) in steps] == [
        "pending", "confirmed", "paid", "packed", "shipped", "delivered", "returned",
    ]  # fmt: skip
    assert one(app, "select paid_at is not null and delivered_at is not null from orders where order_id = 1")
    assert rows(app, "select * from violations") == []


def test_a_step_happens_when_the_shop_says(app: Connection) -> None:
    run(app, "update orders set status = 'cancelled', status_changed_at = '2026-01-07' where order_id = 2")
    assert one(app, "select cancelled_at = '2026-01-07' from orders where order_id = 2")
    assert one(
        app,
        "select changed_at = '2026-01-07' from order_status_history where order_id = 2 and step_number = 2",
    )


def test_a_pending_order_may_be_incomplete_and_is_listed(app: Connection) -> None:
    run(app, NEW_ORDER)
    assert rows(app, "select rule, `key` from violations") == [("orders_equal_their_items", "3")]


def test_a_pending_order_that_its_items_do_not_give_cannot_even_be_cancelled(app: Connection) -> None:
    run(app, NEW_ORDER)
    with pytest.raises(pymysql.MySQLError, match="orders_equal_their_items"):
        run(app, *step(3, "cancelled"))


def test_a_pending_order_and_its_items_may_change_one_after_the_other(app: Connection) -> None:
    run(
        app,
        "update order_items set unit_price = 90 where order_item_id = 2",
        "update orders set subtotal_amount = 90, total_amount = 90 where order_id = 2",
        *step(2, "confirmed"),
    )
    assert rows(app, "select * from violations") == []


@pytest.mark.parametrize(
    "change",
    [
        "update order_items set unit_price = 90 where order_item_id = 2",
        "delete from order_items where order_item_id = 2",
        "update orders set subtotal_amount = 90, total_amount = 90 where order_id = 2",
        "insert into order_items (order_id, line_number, sku_id, product_id, seller_id, quantity, "
        "unit_price) values (2, 2, 1, 1, 1, 1, 100)",
    ],
)
def test_the_amounts_of_a_confirmed_order_are_final(app: Connection, change: str) -> None:
    run(app, *step(2, "confirmed"))
    with pytest.raises(pymysql.MySQLError) as refused:
        run(app, change)
    assert rule_of(refused.value) == "orders_equal_their_items"


def test_what_is_no_amount_of_a_confirmed_order_may_change(app: Connection) -> None:
    run(app, *step(2, "confirmed"), "update order_items set ship_by_at = now(6) where order_item_id = 2")


def test_deleting_an_order_takes_all_its_traces_along(app: Connection) -> None:
    before = ("payout_lines", "payouts", "fraud_cases", "order_returns", "reviews", "payments")
    run(app, *(f"delete from {table}" for table in (*before, "shipments", "voucher_redemptions")))
    run(app, "delete from orders where order_id = 1")
    assert one(app, "select count(*) from order_items where order_id = 1") == 0
    assert one(app, "select count(*) from order_status_history where order_id = 1") == 0
    assert one(app, "select sold_count from flash_sales") == 0
    assert one(app, "select used_count from vouchers") == 0
    assert rows(app, "select * from violations") == []


def test_refunds_up_to_what_was_paid_are_fine(app: Connection) -> None:
    run(app, refund("127.00"))
    assert one(app, "select sum(refund_amount) from order_returns where order_id = 1") == Decimal("177.00")


def test_stock_is_taken_from_the_oldest_lots(app: Connection) -> None:
    assert one(app, "select take_stock(1, 1, 12, 1, '2026-01-06', 'sale')") == 12
    taken = rows(
        app,
        "select lot_id, quantity_change, unit_cost from inventory_log "
        "where order_item_id = 1 order by lot_id",
    )
    assert taken == [(1, -10, Decimal("60.00")), (2, -2, Decimal("66.00"))]
    assert one(app, "select quantity from inventory where sku_id = 1") == 3
    assert one(app, "select stock from product_skus where sku_id = 1") == 3
    assert rows(app, "select * from violations") == []


def test_taking_nothing_is_refused(app: Connection) -> None:
    with pytest.raises(pymysql.MySQLError, match="a positive quantity is needed, not 0"):
        rows(app, "select take_stock(1, 1, 0, null, now(6), 'sale')")


def test_what_comes_in_is_its_own_lot(app: Connection) -> None:
    run(app, move("receipt", 4), move("return", 1, sku=2))
    lots = rows(app, "select lot_id = log_id, log_id > 2 from inventory_log where log_id > 2")
    assert lots == [(1, 1), (1, 1)]
    assert one(app, "select stock from product_skus where sku_id = 1") == 19


def test_an_adjustment_corrects_a_lot(app: Connection) -> None:
    run(app, move("adjustment", -3, lot=1), move("adjustment", 1, lot=2))
    assert one(app, "select quantity from inventory where sku_id = 1") == 13


def test_a_cancelled_order_gives_voucher_and_flash_sale_back(app: Connection) -> None:
    assert one(app, "select used_count from vouchers") == 1
    assert one(app, "select sold_count from flash_sales") == 2
    run(app, *step(1, "cancelled"))
    assert one(app, "select used_count from vouchers") == 0
    assert one(app, "select sold_count from flash_sales") == 0
    assert rows(app, "select * from violations") == []


def test_a_deleted_flash_sale_line_gives_its_pieces_back(app: Connection) -> None:
    run(app, *(f"delete from {table}" for table in ("payout_lines", "voucher_redemptions", "order_returns")))
    run(app, "delete from reviews", "delete from order_items where order_item_id = 1")
    assert one(app, "select sold_count from flash_sales") == 0
    assert one(app, "select used_count from vouchers") == 0


def test_a_refused_use_leaves_no_permission_behind(app: Connection) -> None:
    """A rule that fails half way must not let the next statement write what only rules write."""
    with pytest.raises(pymysql.MySQLError):
        run(app, "update vouchers set usage_limit = 1", redeem())
    with pytest.raises(pymysql.MySQLError) as refused:
        run(app, "update vouchers set used_count = 0")
    assert rule_of(refused.value) == "used_count_follows_redemptions"


def test_tier_follows_spend_and_spend_follows_delivered_orders(app: Connection) -> None:
    run(app, "update fx_rates set rate = 20", *step(2, "confirmed", "paid", "packed", "shipped", "delivered"))
    spent = "select lifetime_spend_amount, tier from customers where customer_id = 2"
    assert one(app, spent) == (Decimal("2000.00"), "gold")
    assert rows(app, "select * from violations") == []
    run(app, *step(2, "returned"))
    assert one(app, spent) == (0, "bronze")


def test_a_deleted_order_takes_its_spend_along(app: Connection) -> None:
    run(app, *step(2, "confirmed", "paid", "packed", "shipped", "delivered"))
    assert one(app, "select lifetime_spend_amount from customers where customer_id = 2") == Decimal("3.00")
    run(app, "delete from orders where order_id = 2")
    assert one(app, "select lifetime_spend_amount from customers where customer_id = 2") == 0


def test_a_new_profile_gets_the_tier_of_its_points(app: Connection) -> None:
    run(
        app,
        "insert into customers (customer_id, user_id, country, loyalty_points) values (3, 1, 'TH', 5000)",
    )
    assert one(app, "select tier from customers where customer_id = 3") == "gold"


def test_tier_follows_points(app: Connection) -> None:
    run(app, "update customers set loyalty_points = 20000, tier = 'bronze' where customer_id = 1")
    assert one(app, "select tier from customers where customer_id = 1") == "platinum"


def test_a_test_order_earns_nothing(app: Connection) -> None:
    run(app, "update orders set is_test = true where order_id = 2")
    run(app, *step(2, "confirmed", "paid", "packed", "shipped", "delivered"))
    assert one(app, "select lifetime_spend_amount from customers where customer_id = 2") == 0


@pytest.mark.parametrize(("change", "spend"), RESTATED)
def test_spend_follows_a_restated_rate_and_later_steps_work(app: Connection, change: str, spend: str) -> None:
    run(app, *DELIVERED)
    assert one(app, SPEND) == Decimal("3.00")
    run(app, change)
    assert one(app, SPEND) == Decimal(spend)
    assert rows(app, "select * from violations") == []
    run(app, *step(2, "returned"))
    assert one(app, SPEND) == 0


def test_spend_follows_a_deleted_rate(app: Connection) -> None:
    run(app, RESTATED[1][0], *DELIVERED)
    assert one(app, SPEND) == Decimal("5.00")
    run(app, "delete from fx_rates where rate_date = '2026-01-04'")
    assert one(app, SPEND) == Decimal("3.00")


def test_the_only_rate_of_counted_orders_cannot_be_deleted(app: Connection) -> None:
    run(app, *DELIVERED)
    with pytest.raises(pymysql.MySQLError) as refused:
        run(app, "delete from fx_rates")
    assert rule_of(refused.value) == "fx_rates_cover_orders"


def test_accounts_are_merged_by_moving_a_profile(app: Connection) -> None:
    run(app, redeem(), "update customers set user_id = 1 where customer_id = 2")
    assert one(app, "select user_id from orders where order_id = 2") == 1
    assert one(app, "select user_id from voucher_redemptions where order_id = 2") == 1
    assert rows(app, "select * from violations") == []


@pytest.mark.parametrize(("history", "key", "change", "values"), RECORDED)
def test_each_change_is_in_its_history(
    app: Connection, history: str, key: str, change: str, values: list[tuple[str | None, ...]]
) -> None:
    run(app, f"{change} where {key} = 1", f"{change} where {key} = 1")
    recorded = rows(app, f"select * from {history} where {key} = 1 order by valid_from")
    assert [tuple(each if each is None else str(each) for each in row[2:-1]) for row in recorded] == values


def test_a_rate_is_of_the_day_in_utc_whatever_the_sessions_time_zone(app: Connection) -> None:
    run(
        app,
        "insert into fx_rates (currency, rate_date, reporting_currency, rate) "
        "values ('THB', '2026-01-06', 'USD', 0.5)",
        "update orders set ordered_at = '2026-01-05 20:00:00' where order_id = 2",
        "set time_zone = '+07:00'",
        *step(2, "confirmed", "paid", "packed", "shipped", "delivered"),
    )
    assert one(app, "select lifetime_spend_amount from customers where customer_id = 2") == Decimal("3.00")


def test_a_product_shows_the_lowest_price_of_its_active_skus(app: Connection) -> None:
    run(app, "insert into product_skus (product_id, sku_code, price) values (1, 'LAMP-S', 70)")
    assert one(app, "select min_price from products where product_id = 1") == 70
    run(app, "update product_skus set status = 'paused' where sku_code = 'LAMP-S'")
    assert one(app, "select min_price from products where product_id = 1") == 100


def test_a_product_shows_the_average_of_its_reviews(app: Connection) -> None:
    run(
        app,
        "insert into reviews (order_id, user_id, product_id, rating, reviewed_at) "
        "values (2, 2, 1, 1, '2026-01-12')",
    )
    rating = "select rating_avg, review_count from products where product_id = 1"
    assert one(app, rating) == (Decimal("2.50"), 2)
    run(app, "delete from reviews")
    assert one(app, rating) == (None, 0)


@pytest.mark.parametrize(
    ("stars", "reviews", "average"), [(1, 3, "0.33"), (2, 3, "0.67"), (867, 200, "4.34")]
)
def test_an_average_is_rounded_once_and_half_up(
    app: Connection, stars: int, reviews: int, average: str
) -> None:
    assert one(app, f"select average_rating({stars}, {reviews})") == Decimal(average)


def test_a_changed_review_and_a_deleted_sku_change_what_the_product_shows(app: Connection) -> None:
    run(
        app,
        "update reviews set rating = 2",
        "insert into product_skus (product_id, sku_code, price) values (1, 'LAMP-S', 70)",
        "delete from product_skus where sku_code = 'LAMP-S'",
    )
    assert one(app, "select min_price, rating_avg from products where product_id = 1") == (
        Decimal("100.00"),
        Decimal("2.00"),
    )


def test_text_differs_by_case_as_on_postgresql(app: Connection) -> None:
    run(
        app,
        "insert into users (email, country, registered_at) values ('Ada@example.org', 'TH', '2026-01-01')",
    )
    with pytest.raises(pymysql.IntegrityError) as refused:
        run(app, "update users set email = 'bob@example.org' where user_id = 1")
    assert rule_of(refused.value) == "users_email_key"


def test_updated_at_moves_with_each_change(app: Connection) -> None:
    before = one(app, "select updated_at from users where user_id = 1")
    run(app, "update users set language = 'th' where user_id = 1")
    assert one(app, "select updated_at from users where user_id = 1") > before  # type: ignore[operator]


def test_postgresqls_commit_check_is_the_step_after_pending_here() -> None:
    assert as_mysql(CHECK_NOW).startswith("update orders set status = 'confirmed'")
