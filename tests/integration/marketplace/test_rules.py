"""Every rule, as the application meets it: what breaks it is refused by name, what keeps it works."""

from __future__ import annotations

from decimal import Decimal

import psycopg
import pytest

from tests.integration.marketplace.conftest import Shop

_ORDER = (
    "insert into orders (order_id, customer_id, user_id, channel, currency, subtotal_amount, total_amount, "
    "ship_to_country, ordered_at{columns}) values (3, 1, 1, 'website', 'THB', 100, 100, 'TH', "
    "'2026-01-06'{values})"
)
_ITEM = (
    "insert into order_items (order_id, line_number, sku_id, product_id, seller_id, quantity, "
    "unit_price{columns}) "
    "values (3, 1, 1, 1, 1, 1, 100{values})"
)
NEW_ORDER = _ORDER.format(columns="", values="")
NEW_ITEM = _ITEM.format(columns="", values="")
SECOND_REPORTING_CURRENCY = (
    "insert into fx_rates (currency, rate_date, reporting_currency, rate) "
    "values ('VND', '2026-01-01', 'THB', 0.001)"
)
CHECK_NOW = "set constraints all immediate"
TAKE_TOO_MUCH = "select rules.take_stock(1, 1, 16)"


def redeem(
    voucher: int = 1, order: int = 2, user: int = 2, currency: str = "THB", at: str = "2026-01-05"
) -> str:
    return (
        "insert into voucher_redemptions (voucher_id, order_id, user_id, currency, discount_amount, "
        "redeemed_at) "
        f"values ({voucher}, {order}, {user}, '{currency}', 10, '{at}')"
    )


def refund(amount: object, order: int = 1, currency: str = "THB") -> str:
    return (
        "insert into order_returns (order_id, reason, currency, refund_amount, requested_at) "
        f"values ({order}, 'late', '{currency}', {amount}, '2026-01-11')"
    )


def move(movement: str, change: int, lot: object = "null", sku: int = 1) -> str:
    return (
        "insert into inventory_log (sku_id, warehouse_id, lot_id, movement_type, quantity_change, "
        "currency, moved_at) "
        f"values ({sku}, 1, {lot}, '{movement}', {change}, 'THB', '2026-01-06')"
    )


def step(order: int, *statuses: str) -> list[str]:
    return [f"update orders set status = '{status}' where order_id = {order}" for status in statuses]


def pay_out(payout: int, currency: str = "THB", status: str = "pending", paid_at: str = "null") -> str:
    """A gateway's payout of 177, less a fee of 5."""
    return (
        "insert into payouts (payout_id, payer_type, payer, status, currency, gross_amount, fee_amount, "
        "net_amount, period_starts_at, period_ends_at, paid_at) "
        f"values ({payout}, 'gateway', 'stripe', '{status}', '{currency}', 177, 5, 172, '2026-01-05', "
        f"'2026-01-06', {paid_at})"
    )


def payout_line(payout: int, order: int, payment: object = "null", returned: object = "null") -> str:
    """The payout's only line: a sale, or of a return a refund of nothing."""
    kind, amounts = ("sale", "177, 5, 172") if returned == "null" else ("refund", "0, 0, 0")
    return (
        "insert into payout_lines (payout_id, order_id, payment_id, return_id, line_type, gross_amount, "
        f"fee_amount, net_amount) values ({payout}, {order}, {payment}, {returned}, '{kind}', {amounts})"
    )


# What is tried -> the statements, and the rule that refuses the last of them.
REFUSED: dict[str, tuple[list[str], str]] = {
    "an order that does not start as pending": (
        [_ORDER.format(columns=", status", values=", 'paid'")],
        "orders_status_follows_life_cycle",
    ),
    "an order that skips payment": (step(1, "confirmed", "packed"), "orders_status_follows_life_cycle"),
    "a cancelled order that comes back": (
        step(1, "cancelled", "confirmed"),
        "orders_status_follows_life_cycle",
    ),
    "an order without its items": ([NEW_ORDER, CHECK_NOW], "orders_equal_their_items"),
    "an order total that its items do not give": (
        ["update orders set subtotal_amount = 150, total_amount = 167 where order_id = 1", CHECK_NOW],
        "orders_equal_their_items",
    ),
    "a discount that its items do not give": (
        ["update orders set discount_amount = 0, total_amount = 187 where order_id = 1", CHECK_NOW],
        "orders_equal_their_items",
    ),
    "shipping that its items do not give": (
        ["update orders set shipping_amount = 0, total_amount = 157 where order_id = 1", CHECK_NOW],
        "orders_equal_their_items",
    ),
    "tax that its items do not give": (
        ["update orders set tax_amount = 0, total_amount = 170 where order_id = 1", CHECK_NOW],
        "orders_equal_their_items",
    ),
    "an item that changes behind its order": (
        ["update order_items set unit_price = 101 where order_item_id = 2", CHECK_NOW],
        "orders_equal_their_items",
    ),
    "an item that is deleted behind its order": (
        ["delete from order_items where order_item_id = 2", CHECK_NOW],
        "orders_equal_their_items",
    ),
    "an item that moves to another order": (
        [NEW_ORDER, "update order_items set order_id = 3 where order_item_id = 2"],
        "order_items_stay_in_their_order",
    ),
    "an item whose SKU is of another product": (
        ["update order_items set product_id = 2 where order_item_id = 2"],
        "order_items_sku_of_product",
    ),
    "a new item whose SKU is of another product": (
        [
            "insert into order_items (order_id, line_number, sku_id, product_id, seller_id, quantity, "
            "unit_price) values (2, 2, 2, 1, 1, 1, 0)"
        ],
        "order_items_sku_of_product",
    ),
    "an order for someone else's profile": (
        ["update orders set user_id = 2 where order_id = 1"],
        "orders_profile_of_user",
    ),
    "history written by hand": (
        [
            "insert into order_status_history (order_id, step_number, from_status, to_status, changed_at) "
            "values (1, 2, 'pending', 'confirmed', now())"
        ],
        "history_is_written_by_rule",
    ),
    "history changed": (["update order_status_history set note = 'x'"], "history_is_written_by_rule"),
    "history deleted": (["delete from order_status_history"], "history_is_written_by_rule"),
    "a payment in another currency": (
        ["update payments set currency = 'USD' where payment_id = 1"],
        "payments_currency_is_the_orders",
    ),
    "a refund in another currency": ([refund(1, currency="USD")], "order_returns_currency_is_the_orders"),
    "another payment in another currency": (
        [
            "insert into payments (order_id, sequence_number, method, currency, amount, attempted_at) "
            "values (1, 2, 'e_wallet', 'USD', 1, '2026-01-05')"
        ],
        "payments_currency_is_the_orders",
    ),
    "a refund changed to another currency": (
        ["update order_returns set currency = 'USD'"],
        "order_returns_currency_is_the_orders",
    ),
    "a refund that grows above what was paid": (
        ["update order_returns set refund_amount = 177.01"],
        "order_returns_within_payments",
    ),
    "refunds above what was paid": ([refund("127.01")], "order_returns_within_payments"),
    "a refund of an unpaid order": ([refund(1, order=2)], "order_returns_within_payments"),
    "a payment voided below its refunds": (
        ["update payments set status = 'voided' where payment_id = 1"],
        "order_returns_within_payments",
    ),
    "a payment moved away from its order's refunds": (
        ["update payments set order_id = 2, sequence_number = 9 where payment_id = 1"],
        "order_returns_within_payments",
    ),
    "a payment deleted below its refunds": (
        ["delete from payments where payment_id = 1"],
        "order_returns_within_payments",
    ),
    "a second reporting currency": (
        [SECOND_REPORTING_CURRENCY],
        "fx_rates_one_reporting_currency",
    ),
    "a rate changed into another currency": (
        [
            "insert into fx_rates (currency, rate_date, reporting_currency, rate) "
            "values ('VND', '2026-01-01', 'USD', 0.001)",
            "update fx_rates set reporting_currency = 'SGD' where currency = 'VND'",
        ],
        "fx_rates_one_reporting_currency",
    ),
    "spend in a currency without a rate": (
        [
            "update orders set ordered_at = '2025-12-31' where order_id = 2",
            *step(2, "confirmed", "paid", "packed", "shipped", "delivered"),
        ],
        "fx_rates_cover_orders",
    ),
    "stock changed behind the ledger": (
        ["update inventory set quantity = 99"],
        "quantity_follows_ledger",
    ),
    "stock that starts with pieces": (
        ["insert into inventory (sku_id, warehouse_id, quantity) values (2, 1, 5)"],
        "quantity_follows_ledger_new",
    ),
    "an SKU's stock changed behind the ledger": (
        ["update product_skus set stock = 99"],
        "stock_follows_ledger",
    ),
    "an SKU that starts with stock": (
        ["insert into product_skus (product_id, sku_code, price, stock) values (1, 'X', 1, 5)"],
        "stock_follows_ledger_new",
    ),
    "a ledger row changed": (["update inventory_log set unit_cost = 1"], "ledger_is_only_added_to"),
    "a ledger row deleted": (["delete from inventory_log"], "ledger_is_only_added_to"),
    "a sale without its lot": ([move("sale", -1)], "inventory_log_lot_given"),
    "more than a lot holds": ([move("sale", -11, lot=1)], "inventory_log_lot_not_overdrawn"),
    "a lot of another SKU": ([move("sale", -1, lot=1, sku=2)], "inventory_log_lot_exists"),
    "more than the warehouse holds": (
        [TAKE_TOO_MUCH],
        "inventory_quantity_not_negative",
    ),
    "a voucher by someone who did not order": ([redeem(user=1)], "voucher_redemptions_fit_order"),
    "a voucher in another currency": ([redeem(currency="USD")], "voucher_redemptions_fit_order"),
    "a voucher after its end": ([redeem(at="2026-03-01")], "voucher_redemptions_while_valid"),
    "a paused voucher": (
        ["update vouchers set status = 'paused'", redeem()],
        "voucher_redemptions_while_valid",
    ),
    "a voucher on a small order": (
        ["update vouchers set min_order_amount = 101", redeem()],
        "voucher_redemptions_min_order",
    ),
    "a voucher twice on one order": (
        ["update vouchers set per_user_limit = 5", redeem(order=1, user=1)],
        "voucher_redemptions_once_per_order",
    ),
    "a voucher more often than a user may": (
        [NEW_ORDER, NEW_ITEM, redeem(order=3, user=1)],
        "vouchers_used_within_user_limit",
    ),
    "a used-up voucher": (["update vouchers set usage_limit = 1", redeem()], "vouchers_used_within_limit"),
    "a voucher's uses counted by hand": (
        ["update vouchers set used_count = 0"],
        "used_count_follows_redemptions",
    ),
    "a voucher that starts with uses": (
        [
            "insert into vouchers (voucher_code, voucher_type, value, currency, usage_limit, "
            "used_count, starts_at, "
            "ends_at) values ('X', 'fixed_amount', 1, 'THB', 5, 1, '2026-01-01', '2026-02-01')"
        ],
        "used_count_follows_redemptions_new",
    ),
    "a use moved to another order": (
        ["update voucher_redemptions set order_id = 2, user_id = 2"],
        "use_is_final",
    ),
    "more pieces than a flash sale's quota": (
        [
            "update flash_sales set quota = 2",
            NEW_ORDER,
            _ITEM.format(columns=", flash_sale_id", values=", 1"),
        ],
        "flash_sales_sold_within_quota",
    ),
    "a flash sale after its end": (
        [
            "update flash_sales set ends_at = '2026-01-06'",
            NEW_ORDER,
            _ITEM.format(columns=", flash_sale_id", values=", 1"),
        ],
        "order_items_fit_flash_sale",
    ),
    "a flash-sale line that grows": (
        ["update order_items set quantity = 3 where order_item_id = 1"],
        "flash_sale_is_final",
    ),
    "a flash sale's pieces counted by hand": (
        ["update flash_sales set sold_count = 0"],
        "sold_count_follows_items",
    ),
    "a flash sale that starts with pieces sold": (
        [
            "insert into flash_sales (sku_id, sale_price, quota, sold_count, starts_at, ends_at) "
            "values (1, 1, 5, 1, '2026-01-01', '2026-02-01')"
        ],
        "sold_count_follows_items_new",
    ),
    "spend set by hand": (["update customers set lifetime_spend_amount = 1"], "spend_follows_orders"),
    "a customer that starts with spend": (
        ["insert into customers (user_id, country, lifetime_spend_amount) values (1, 'TH', 1)"],
        "spend_follows_orders_new",
    ),
    "a category that skips a level": (
        ["insert into categories (parent_id, level, category_name) values (1, 3, 'x')"],
        "categories_one_below_parent",
    ),
    "a category that moves away from its subcategories": (
        [
            "insert into categories (parent_id, level, category_name) values (2, 3, 'x')",
            "update categories set level = 1, parent_id = null where category_id = 2",
        ],
        "categories_one_below_parent",
    ),
    "a rating set by hand": (
        ["update products set rating_avg = 5 where product_id = 1"],
        "follows_skus_and_reviews",
    ),
    "a product that starts with a price": (
        [
            "insert into products (product_name, currency, min_price, listed_at) "
            "values ('x', 'THB', 1, '2026-01-01')"
        ],
        "follows_skus_and_reviews_new",
    ),
    "a review by someone who did not order": (
        ["update reviews set user_id = 2"],
        "reviews_by_buyer",
    ),
    "a new review by someone who did not order": (
        [
            "insert into reviews (order_id, user_id, product_id, rating, reviewed_at) "
            "values (1, 2, 1, 5, '2026-01-12')"
        ],
        "reviews_by_buyer",
    ),
    "a review of a product that was not bought": (
        ["update reviews set product_id = 2"],
        "reviews_of_bought_product",
    ),
    "an order whose currency changes behind its payments": (
        ["update orders set currency = 'USD' where order_id = 1"],
        "payments_currency_is_the_orders",
    ),
    "an order that moves out of its flash sale's time": (
        [
            "delete from voucher_redemptions",
            "update orders set ordered_at = '2026-03-02' where order_id = 1",
        ],
        "order_items_fit_flash_sale",
    ),
    "an order that shrinks below its voucher's minimum": (
        [
            "update order_items set discount_amount = 0 where order_item_id = 1",
            "update vouchers set min_order_amount = 160",
            "update orders set subtotal_amount = 159, discount_amount = 0, total_amount = 186 "
            "where order_id = 1",
        ],
        "voucher_redemptions_fit_order",
    ),
    "an order that moves to a profile that used its voucher": (
        [redeem(), "update orders set customer_id = 1, user_id = 1 where order_id = 2"],
        "vouchers_used_within_user_limit",
    ),
    "a sold SKU that moves to another product": (
        ["update product_skus set product_id = 2 where sku_id = 1"],
        "order_items_sku_of_product",
    ),
    "a reviewed line that is deleted": (
        [
            "delete from order_returns",
            "delete from payout_lines",
            "delete from order_items where order_item_id = 1",
        ],
        "reviews_of_bought_product",
    ),
    "a voucher's minimum raised above orders that used it": (
        ["update vouchers set min_order_amount = 161"],
        "voucher_redemptions_fit_order",
    ),
    "a voucher's limit lowered below its uses": (
        [
            "update vouchers set per_user_limit = 2",
            NEW_ORDER,
            NEW_ITEM,
            redeem(order=3, user=1),
            "update vouchers set per_user_limit = 1",
        ],
        "vouchers_used_within_user_limit",
    ),
    "a flash sale that ends before it sold": (
        ["update flash_sales set ends_at = '2026-01-02'"],
        "order_items_fit_flash_sale",
    ),
    "stock that moves without the ledger": (
        ["update inventory set sku_id = 2 where sku_id = 1"],
        "location_is_final",
    ),
    "stock deleted behind the ledger": (
        ["delete from inventory where sku_id = 1"],
        "inventory_quantity_follows_ledger",
    ),
    "a price written into the past": (
        ["insert into sku_price_history (sku_id, valid_from, price) values (1, '2020-01-01', 1)"],
        "history_is_written_by_rule",
    ),
    "a past price changed": (["update sku_price_history set price = 1"], "history_is_written_by_rule"),
    "a past price deleted": (["delete from sku_price_history"], "history_is_written_by_rule"),
    "a contract written into the past": (
        [
            "insert into seller_contract_history (seller_id, valid_from, tier) "
            "values (1, '2020-01-01', 'gold')"
        ],
        "history_is_written_by_rule",
    ),
    "a past contract changed": (
        ["update seller_contract_history set tier = 'gold'"],
        "history_is_written_by_rule",
    ),
    "a past contract deleted": (["delete from seller_contract_history"], "history_is_written_by_rule"),
    "a tier written into the past": (
        [
            "insert into customer_tier_history (customer_id, valid_from, tier) "
            "values (1, '2020-01-01', 'gold')"
        ],
        "history_is_written_by_rule",
    ),
    "a past tier changed": (
        ["update customer_tier_history set tier = 'gold'"],
        "history_is_written_by_rule",
    ),
    "a past tier deleted": (["delete from customer_tier_history"], "history_is_written_by_rule"),
    "a payout that its lines do not give": (
        ["update payouts set status = 'paid', paid_at = '2026-01-13', gross_amount = 151, net_amount = 136"],
        "payouts_equal_their_lines",
    ),
    "a line that changes behind its payout": (
        [
            "update payouts set status = 'paid', paid_at = '2026-01-13'",
            "update payout_lines set fee_amount = 16, net_amount = 134",
        ],
        "payouts_equal_their_lines",
    ),
    "a line that is deleted behind its payout": (
        ["update payouts set status = 'paid', paid_at = '2026-01-13'", "delete from payout_lines"],
        "payouts_equal_their_lines",
    ),
    "a payout that is paid for nothing": (
        [pay_out(2, status="paid", paid_at="'2026-01-07'")],
        "payouts_equal_their_lines",
    ),
    "a payout in another currency than its orders": (
        [pay_out(2, currency="USD"), payout_line(2, order=1)],
        "payout_lines_currency_is_the_orders",
    ),
    "a payout with lines that changes its currency": (
        ["update payouts set currency = 'USD'"],
        "payout_lines_currency_is_the_orders",
    ),
    "a payout for an order by a payment of another": (
        [pay_out(2), payout_line(2, order=2, payment=1)],
        "payout_lines_refer_to_one_order",
    ),
    "a paid-out payment that moves to another order": (
        [
            pay_out(2),
            payout_line(2, order=1, payment=1),
            "delete from order_returns",
            "update payments set order_id = 2, sequence_number = 9 where payment_id = 1",
        ],
        "payout_lines_refer_to_one_order",
    ),
    "a settled return that moves to another order": (
        [
            pay_out(2),
            payout_line(2, order=1, returned=1),
            "update order_returns set order_id = 2, order_item_id = null, refund_amount = 0",
        ],
        "payout_lines_refer_to_one_order",
    ),
}


@pytest.mark.parametrize("attempt", REFUSED)
def test_the_shop_refuses(app: psycopg.Connection, attempt: str) -> None:
    *before, last = REFUSED[attempt][0]
    for statement in before:
        app.execute(statement.encode())
    with pytest.raises(psycopg.IntegrityError) as refused:
        app.execute(last.encode())
        app.execute(CHECK_NOW.encode())
    assert refused.value.diag.constraint_name == REFUSED[attempt][1]


def test_every_rule_trigger_refuses_something_or_is_tested_below(app: psycopg.Connection) -> None:
    """A rule trigger is either named by a refusal or does its work in one of the tests that follow."""
    working = {
        "touch_updated_at",
        "history_of_new",
        "history_of_step",
        "given_back",
        "gives_back",
        "gives_back_by_delete",
        "leaves_flash_sale",
    }
    working |= {"changes_stock", "changes_spend", "tier_follows", "min_price_of_product", "rating_of_product"}
    working |= {"price_is_recorded_new", "price_is_recorded", "contract_is_recorded_new"}
    working |= {"contract_is_recorded", "tier_is_recorded_new", "tier_is_recorded"}
    working |= {"spend_follows_new_rates", "spend_follows_changed_rates", "spend_follows_deleted_rates"}
    working |= {"tiers_follow"}
    in_test_concurrency = {"rates_change"}
    refusing = {name for _, name in REFUSED.values()}
    by_function = {"legal_step", "equals_items", "equals_order", "sku_of_product", "currency_of_order"}
    by_function |= {"refunds_within_payments", "one_reporting_currency", "finds_lot", "counts"}
    by_function |= {"uses_flash_sale", "one_below_parent", "by_buyer", "fits_its_rows", "fits_its_items"}
    by_function |= {"takes_its_rows_along", "keeps_product_of_sold_sku", "reviewed_item_stays"}
    by_function |= {"fits_its_redemptions", "location_has_no_ledger", "equals_lines", "equals_payout"}
    by_function |= {"fits_its_order", "keeps_currency", "keeps_order_of_paid_out"}
    declared = app.execute("select distinct tgname from pg_trigger where not tgisinternal")
    assert {name for (name,) in declared} - refusing == working | by_function | in_test_concurrency


def one(connection: psycopg.Connection, query: str) -> object:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0] if len(row) == 1 else row


def run(connection: psycopg.Connection, *statements: str) -> None:
    for statement in statements:
        connection.execute(statement.encode())
    connection.execute(CHECK_NOW.encode())


def test_each_step_of_an_order_is_in_its_history(app: psycopg.Connection) -> None:
    run(app, *step(1, "confirmed", "paid", "packed", "shipped", "delivered", "returned"))
    steps = app.execute("select to_status from order_status_history where order_id = 1 order by step_number")
    assert [status for (status,) in steps] == [
        "pending", "confirmed", "paid", "packed", "shipped", "delivered", "returned",
    ]  # fmt: skip
    assert one(app, "select paid_at is not null and delivered_at is not null from orders where order_id = 1")


def test_a_step_happens_when_the_shop_says(app: psycopg.Connection) -> None:
    run(app, "update orders set status = 'cancelled', status_changed_at = '2026-01-07' where order_id = 2")
    assert one(app, "select cancelled_at = '2026-01-07' from orders where order_id = 2")
    assert one(
        app,
        "select changed_at = '2026-01-07' from order_status_history where order_id = 2 and step_number = 2",
    )


def test_deleting_an_order_takes_its_items_and_history_along(app: psycopg.Connection) -> None:
    run(app, "delete from orders where order_id = 2")
    assert one(app, "select count(*) from order_items where order_id = 2") == 0
    assert one(app, "select count(*) from order_status_history where order_id = 2") == 0


def test_an_order_and_its_items_may_change_together(app: psycopg.Connection) -> None:
    run(
        app,
        "update order_items set unit_price = 90 where order_item_id = 2",
        "update orders set subtotal_amount = 90, total_amount = 90 where order_id = 2",
    )
    assert one(app, "select count(*) from rules.violations()") == 0


def test_refunds_up_to_what_was_paid_are_fine(app: psycopg.Connection) -> None:
    run(app, refund("127.00"))
    assert one(app, "select sum(refund_amount) from order_returns where order_id = 1") == Decimal("177.00")


def test_stock_is_taken_from_the_oldest_lots(app: psycopg.Connection) -> None:
    run(app, "select rules.take_stock(1, 1, 12, 1)")
    taken = app.execute(
        "select lot_id, quantity_change, unit_cost from inventory_log where order_item_id = 1 order by lot_id"
    )
    assert taken.fetchall() == [(1, -10, Decimal("60.00")), (2, -2, Decimal("66.00"))]
    assert one(app, "select quantity from inventory where sku_id = 1") == 3
    assert one(app, "select stock from product_skus where sku_id = 1") == 3


def test_an_adjustment_corrects_a_lot(app: psycopg.Connection) -> None:
    run(app, move("adjustment", -3, lot=1), move("adjustment", 1, lot=2))
    assert one(app, "select quantity from inventory where sku_id = 1") == 13


def test_a_cancelled_order_gives_voucher_and_flash_sale_back(app: psycopg.Connection) -> None:
    assert one(app, "select used_count from vouchers") == 1
    assert one(app, "select sold_count from flash_sales") == 2
    run(app, *step(1, "cancelled"))
    assert one(app, "select used_count from vouchers") == 0
    assert one(app, "select sold_count from flash_sales") == 0
    assert one(app, "select count(*) from rules.violations()") == 0


def test_a_deleted_flash_sale_line_gives_its_pieces_back(app: psycopg.Connection) -> None:
    for table in ("voucher_redemptions", "order_returns", "reviews", "payout_lines"):
        app.execute(f"delete from {table}".encode())
    app.execute("delete from order_items where order_item_id = 1")
    assert one(app, "select sold_count from flash_sales") == 0
    assert one(app, "select used_count from vouchers") == 0


@pytest.mark.parametrize("is_cancelled_before", [True, False])
def test_a_deleted_order_gives_its_flash_sale_pieces_back_once(
    app: psycopg.Connection, is_cancelled_before: bool
) -> None:
    run(app, NEW_ORDER, _ITEM.format(columns=", flash_sale_id", values=", 1"))
    assert one(app, "select sold_count from flash_sales") == 3
    run(app, *(step(3, "cancelled") if is_cancelled_before else []))
    run(app, "delete from orders where order_id = 3")
    assert one(app, "select sold_count from flash_sales") == 2
    assert one(app, "select count(*) from rules.violations()") == 0


def test_tier_follows_spend_and_spend_follows_delivered_orders(app: psycopg.Connection) -> None:
    run(app, "update fx_rates set rate = 20", *step(2, "confirmed", "paid", "packed", "shipped", "delivered"))
    assert one(app, "select lifetime_spend_amount, tier from customers where customer_id = 2") == (
        Decimal("2000.00"),
        "gold",
    )
    run(app, *step(2, "returned"))
    assert one(app, "select lifetime_spend_amount, tier from customers where customer_id = 2") == (
        0,
        "bronze",
    )


def test_tier_follows_points(app: psycopg.Connection) -> None:
    run(app, "update customers set loyalty_points = 20000, tier = 'bronze' where customer_id = 1")
    assert one(app, "select tier from customers where customer_id = 1") == "platinum"


DELIVERED = step(2, "confirmed", "paid", "packed", "shipped", "delivered")
SPEND = "select lifetime_spend_amount from customers where customer_id = 2"
RESTATED = [
    ("update fx_rates set rate = 0.04", "4.00"),
    (
        "insert into fx_rates (currency, rate_date, reporting_currency, rate) "
        "values ('THB', '2026-01-04', 'USD', 0.05)",
        "5.00",
    ),
    (
        "insert into fx_rates (currency, rate_date, reporting_currency, rate) "
        "values ('THB', '2026-01-06', 'USD', 0.05)",
        "3.00",
    ),
]


@pytest.mark.parametrize(("change", "spend"), RESTATED)
def test_spend_follows_a_restated_rate_and_later_steps_work(
    app: psycopg.Connection, change: str, spend: str
) -> None:
    run(app, *DELIVERED)
    assert one(app, SPEND) == Decimal("3.00")
    run(app, change)
    assert one(app, SPEND) == Decimal(spend)
    assert one(app, "select count(*) from rules.violations()") == 0
    run(app, *step(2, "returned"))
    assert one(app, SPEND) == 0


def test_spend_follows_a_deleted_rate(app: psycopg.Connection) -> None:
    run(app, RESTATED[1][0], *DELIVERED)
    assert one(app, SPEND) == Decimal("5.00")
    run(app, "delete from fx_rates where rate_date = '2026-01-04'")
    assert one(app, SPEND) == Decimal("3.00")


def test_the_only_rate_of_counted_orders_cannot_be_deleted(app: psycopg.Connection) -> None:
    run(app, *DELIVERED)
    with pytest.raises(psycopg.errors.ForeignKeyViolation) as refused:
        app.execute("delete from fx_rates")
    assert refused.value.diag.constraint_name == "fx_rates_cover_orders"


def test_tiers_follow_changed_thresholds(shop: Shop) -> None:
    with psycopg.connect(shop.owner_url) as connection:
        run(connection, "update customers set loyalty_points = 2000 where customer_id = 1")
        assert one(connection, "select tier from customers where customer_id = 1") == "silver"
        run(connection, "update rules.loyalty_tiers set min_points = 1500 where tier = 'gold'")
        assert one(connection, "select tier from customers where customer_id = 1") == "gold"
        connection.rollback()


def test_accounts_are_merged_by_moving_a_profile(app: psycopg.Connection) -> None:
    run(app, redeem(), "update customers set user_id = 1 where customer_id = 2")
    assert one(app, "select user_id from orders where order_id = 2") == 1
    assert one(app, "select user_id from voucher_redemptions where order_id = 2") == 1
    assert one(app, "select count(*) from rules.violations()") == 0


RECORDED = [
    (
        "sku_price_history", "sku_id", "update product_skus set price = 90, cost = null",
        [("100.00", "60.00"), ("90.00", None)],
    ),
    (
        "seller_contract_history", "seller_id", "update sellers set tier = 'gold', commission_rate = 0.1",
        [("silver", None), ("gold", "0.1000")],
    ),
    (
        "customer_tier_history", "customer_id", "update customers set loyalty_points = 5000",
        [("bronze",), ("gold",)],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("history", "key", "change", "values"), RECORDED)
def test_each_change_is_in_its_history(
    app: psycopg.Connection, history: str, key: str, change: str, values: list[tuple[str | None, ...]]
) -> None:
    run(app, f"{change} where {key} = 1", f"{change} where {key} = 1")
    recorded = app.execute(f"select * from {history} where {key} = 1 order by valid_from".encode()).fetchall()
    assert [tuple(each if each is None else str(each) for each in row[2:-1]) for row in recorded] == values


def test_a_test_order_earns_nothing(app: psycopg.Connection) -> None:
    run(app, "update orders set is_test = true where order_id = 2")
    run(app, *step(2, "confirmed", "paid", "packed", "shipped", "delivered"))
    assert one(app, "select lifetime_spend_amount from customers where customer_id = 2") == 0


def test_a_product_shows_the_lowest_price_of_its_active_skus(app: psycopg.Connection) -> None:
    run(app, "insert into product_skus (product_id, sku_code, price) values (1, 'LAMP-S', 70)")
    assert one(app, "select min_price from products where product_id = 1") == 70
    run(app, "update product_skus set status = 'paused' where sku_code = 'LAMP-S'")
    assert one(app, "select min_price from products where product_id = 1") == 100


def test_a_product_shows_the_average_of_its_reviews(app: psycopg.Connection) -> None:
    run(
        app,
        "insert into reviews (order_id, user_id, product_id, rating, reviewed_at) values (2, 2, 1, 1, "
        "'2026-01-12')",
    )
    assert one(app, "select rating_avg, review_count from products where product_id = 1") == (
        Decimal("2.50"),
        2,
    )
    run(app, "delete from reviews")
    assert one(app, "select rating_avg, review_count from products where product_id = 1") == (None, 0)


def test_updated_at_moves_with_each_change(app: psycopg.Connection) -> None:
    before = one(app, "select updated_at from users where user_id = 1")
    run(app, "update users set language = 'th' where user_id = 1")
    after = one(app, "select updated_at from users where user_id = 1")
    assert after > before  # type: ignore[operator]
