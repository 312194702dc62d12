"""`rules.violations()` finds what is wrong when the row rules were off, and names it."""

from __future__ import annotations

import re

import psycopg
import pytest

from tests.integration.marketplace.test_rules import SECOND_REPORTING_CURRENCY
from tradewind.marketplace.schema import FOLDER

# Rule -> a change that breaks it, on the rows of one_of_each.sql.
BROKEN = {
    "orders_equal_their_items": "update order_items set unit_price = 1 where order_item_id = 2",
    "order_returns_within_payments": "update order_returns set refund_amount = 200",
    "orders_status_follows_life_cycle": "update order_status_history set to_status = 'paid'",
    "order_status_history_ends_in_status": "update orders set status = 'shipped'",
    "payments_currency_is_the_orders": "update payments set currency = 'USD'",
    "order_returns_currency_is_the_orders": "update order_returns set currency = 'USD'",
    "order_items_sku_of_product": "update order_items set product_id = 2",
    "fx_rates_one_reporting_currency": SECOND_REPORTING_CURRENCY,
    "inventory_quantity_follows_ledger": "update inventory set quantity = 14",
    "inventory_log_lot_not_overdrawn": (
        "insert into inventory_log (sku_id, warehouse_id, lot_id, movement_type, quantity_change, "
        "currency, moved_at) "
        "values (1, 1, 1, 'sale', -11, 'THB', now())"
    ),
    "product_skus_stock_follows_ledger": "update product_skus set stock = 14 where sku_id = 1",
    "vouchers_used_count_follows_redemptions": "update vouchers set used_count = 2",
    "vouchers_used_within_user_limit": (
        "insert into voucher_redemptions (voucher_id, order_id, user_id, currency, discount_amount, "
        "redeemed_at) "
        "values (1, 2, 1, 'THB', 1, '2026-01-05'); "
        "update orders set customer_id = 1, user_id = 1 where order_id = 2"
    ),
    "voucher_redemptions_fit_order": "update voucher_redemptions set redeemed_at = '2026-03-01'",
    "flash_sales_sold_count_follows_items": "update flash_sales set sold_count = 3",
    "order_items_fit_flash_sale": "update orders set ordered_at = '2026-03-01'",
    "customers_spend_follows_orders": "update customers set lifetime_spend_amount = 1",
    "customers_tier_follows": "update customers set tier = 'gold'",
    "categories_one_below_parent": "update categories set level = 3 where category_id = 2",
    "products_follow_skus_and_reviews": "update products set min_price = 1",
    "payouts_equal_their_lines": "update payouts set gross_amount = 151, net_amount = 136",
    "payout_lines_currency_is_the_orders": "update payouts set currency = 'USD'",
    "payout_lines_refer_to_one_order": "update payout_lines set order_id = 2",
    "sku_price_history_ends_in_price": "update product_skus set price = 90",
    "seller_contract_history_ends_in_contract": "update sellers set commission_rate = 0.1",
    "customer_tier_history_ends_in_tier": "update customers set tier = 'gold', loyalty_points = 5000",
    "reviews_by_buyer": "update reviews set user_id = 2",
}


def found_rules(connection: psycopg.Connection) -> set[str]:
    return {rule for (rule,) in connection.execute("select distinct rule from rules.violations()")}


def test_a_sound_shop_has_no_violations(unruled: psycopg.Connection) -> None:
    assert found_rules(unruled) == set()


@pytest.mark.parametrize("rule", BROKEN)
def test_a_broken_rule_is_found(unruled: psycopg.Connection, rule: str) -> None:
    unruled.execute(BROKEN[rule].encode())
    assert rule in found_rules(unruled)


def test_every_rule_that_violations_looks_for_has_a_test() -> None:
    files = ("030_money.sql", "080_violations.sql")
    text = "".join((FOLDER / "rules" / file).read_text() for file in files)
    assert set(re.findall(r"select\s+'(\w+)',", text)) == set(BROKEN)
