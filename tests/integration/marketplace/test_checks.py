"""Every check constraint refuses a value it should refuse."""

from __future__ import annotations

import psycopg
import pytest

# Constraint -> "table: what to set", on the rows of one_of_each.sql.
VIOLATIONS = {
    "users_user_type_known": "users: user_type = 'robot'",
    "users_status_known": "users: status = 'gone'",
    "users_country_is_iso": "users: country = 'Thailand'",
    "customers_gender_known": "customers: gender = 'x'",
    "customers_tier_known": "customers: tier = 'diamond'",
    "customers_loyalty_points_not_negative": "customers: loyalty_points = -1",
    "customers_lifetime_spend_not_negative": "customers: lifetime_spend_amount = -0.01",
    "customers_country_is_iso": "customers: country = 'th'",
    "customers_address_is_object": "customers: address = '[]'",
    "customers_preferences_is_object": "customers: preferences = '1'",
    "sellers_status_known": "sellers: status = 'gone'",
    "sellers_tier_known": "sellers: tier = 'bronze'",
    "sellers_rating_in_range": "sellers: rating_avg = 5.01",
    "sellers_commission_is_fraction": "sellers: commission_rate = 12",
    "sellers_country_is_iso": "sellers: country = ''",
    "suppliers_status_known": "suppliers: status = 'gone'",
    "suppliers_country_is_iso": "suppliers: country = 'THA'",
    "suppliers_lead_time_not_negative": "suppliers: lead_time_days = -1",
    "warehouses_country_is_iso": "warehouses: country = 'THA'",
    "warehouses_capacity_positive": "warehouses: capacity = 0",
    "categories_level_in_range": "categories: level = 4",
    "categories_only_roots_lack_parent": "categories: level = 3",
    "products_tags_is_array": "products: tags = '{}'",
    "products_attributes_is_object": "products: attributes = '[]'",
    "products_weight_not_negative": "products: weight_g = -1",
    "products_length_not_negative": "products: length_cm = -1",
    "products_width_not_negative": "products: width_cm = -1",
    "products_height_not_negative": "products: height_cm = -1",
    "products_status_known": "products: status = 'gone'",
    "products_currency_is_iso": "products: currency = 'baht'",
    "products_min_price_not_negative": "products: min_price = -1",
    "products_rating_in_range": "products: rating_avg = 0.5, review_count = 1",
    "products_rating_needs_reviews": "products: rating_avg = 4, review_count = 0",
    "product_skus_attributes_is_object": "product_skus: attributes = '[]'",
    "product_skus_price_not_negative": "product_skus: price = -1",
    "product_skus_cost_not_negative": "product_skus: cost = -1",
    "product_skus_stock_not_negative": "product_skus: stock = -1",
    "product_skus_status_known": "product_skus: status = 'gone'",
    "campaigns_type_known": "campaigns: campaign_type = 'radio'",
    "campaigns_objective_known": "campaigns: objective = 'fun'",
    "campaigns_currency_is_iso": "campaigns: currency = 'thb'",
    "campaigns_budget_not_negative": "campaigns: budget_amount = -1",
    "campaigns_status_known": "campaigns: status = 'gone'",
    "campaigns_end_after_start": "campaigns: ends_at = starts_at",
    "campaign_spend_currency_is_iso": "campaign_spend: currency = 'thb'",
    "campaign_spend_amount_not_negative": "campaign_spend: spend_amount = -1",
    "campaign_spend_clicks_within_impressions": "campaign_spend: click_count = impression_count + 1",
    "vouchers_type_known": "vouchers: voucher_type = 'gift'",
    "vouchers_value_not_negative": "vouchers: value = -1",
    "vouchers_currency_is_iso": "vouchers: currency = 'thb'",
    "vouchers_max_discount_not_negative": "vouchers: max_discount_amount = -1",
    "vouchers_min_order_not_negative": "vouchers: min_order_amount = -1",
    "vouchers_funding_known": "vouchers: funded_by = 'bank'",
    "vouchers_usage_limit_positive": "vouchers: usage_limit = 0, used_count = 0",
    "vouchers_per_user_limit_positive": "vouchers: per_user_limit = 0",
    "vouchers_status_known": "vouchers: status = 'gone'",
    "vouchers_used_within_limit": "vouchers: used_count = usage_limit + 1",
    "vouchers_percentage_at_most_100": "vouchers: voucher_type = 'percentage', value = 101",
    "vouchers_end_after_start": "vouchers: ends_at = starts_at",
    "flash_sales_price_not_negative": "flash_sales: sale_price = -1",
    "flash_sales_quota_positive": "flash_sales: quota = 0, sold_count = 0",
    "flash_sales_sold_within_quota": "flash_sales: sold_count = quota + 1",
    "flash_sales_end_after_start": "flash_sales: ends_at = starts_at",
    "orders_channel_known": "orders: channel = 'fax'",
    "orders_status_known": "orders: status = 'lost'",
    "orders_currency_is_iso": "orders: currency = 'thb'",
    "orders_subtotal_not_negative": "orders: total_amount = total_amount - subtotal_amount - 1, "
    "subtotal_amount = -1",
    "orders_discount_not_negative": "orders: total_amount = total_amount + discount_amount + 1, "
    "discount_amount = -1",
    "orders_shipping_not_negative": "orders: total_amount = total_amount - shipping_amount - 1, "
    "shipping_amount = -1",
    "orders_tax_not_negative": "orders: total_amount = total_amount - tax_amount - 1, tax_amount = -1",
    "orders_total_not_negative": "orders: total_amount = total_amount + discount_amount - 1000, "
    "discount_amount = 1000",
    "orders_total_adds_up": "orders: total_amount = total_amount + 0.01",
    "orders_country_is_iso": "orders: ship_to_country = 'THA'",
    "order_items_line_positive": "order_items: line_number = 0",
    "order_items_quantity_positive": "order_items: quantity = 0, discount_amount = 0",
    "order_items_price_not_negative": "order_items: unit_price = -1, discount_amount = 0, "
    "shipping_amount = 20",
    "order_items_cost_not_negative": "order_items: unit_cost = -1",
    "order_items_shipping_not_negative": "order_items: shipping_amount = -1",
    "order_items_tax_not_negative": "order_items: tax_amount = -1",
    "order_items_discount_within_line": "order_items: discount_amount = quantity * unit_price + "
    "shipping_amount + 1",
    "order_status_history_step_positive": "order_status_history: step_number = 0, from_status = 'pending'",
    "order_status_history_from_known": "order_status_history: from_status = 'lost', step_number = 2",
    "order_status_history_to_known": "order_status_history: to_status = 'lost'",
    "order_status_history_starts_from_nothing": "order_status_history: from_status = 'pending'",
    "payments_sequence_positive": "payments: sequence_number = 0",
    "payments_method_known": "payments: method = 'gold'",
    "payments_status_known": "payments: status = 'lost'",
    "payments_currency_is_iso": "payments: currency = 'thb'",
    "payments_amount_not_negative": "payments: amount = -1",
    "payments_fee_not_negative": "payments: fee_amount = -1",
    "payments_installments_positive": "payments: installment_count = 0",
    "payments_charged_back_has_time": "payments: charged_back_at = '2026-02-01'",
    "payouts_payer_type_known": "payouts: payer_type = 'bank', seller_id = null",
    "payouts_status_known": "payouts: status = 'gone'",
    "payouts_currency_is_iso": "payouts: currency = 'thb'",
    "payouts_net_adds_up": "payouts: net_amount = net_amount + 1",
    "payouts_paid_has_time": "payouts: status = 'paid'",
    "payouts_period_ends_after_start": "payouts: period_ends_at = period_starts_at",
    "payouts_seller_is_paid_by_platform": "payouts: seller_id = null",
    "payout_lines_type_known": "payout_lines: line_type = 'bonus', gross_amount = 0, fee_amount = 0, "
    "net_amount = 0",
    "payout_lines_net_adds_up": "payout_lines: net_amount = net_amount + 1",
    "payout_lines_sign_fits_type": "payout_lines: line_type = 'refund'",
    "fraud_cases_outcome_known": "fraud_cases: outcome = 'maybe', decided_at = opened_at",
    "fraud_cases_decided_has_outcome": "fraud_cases: outcome = 'fraud'",
    "fraud_cases_decided_after_opened": "fraud_cases: outcome = 'fraud', decided_at = '2026-01-07'",
    "sku_price_history_price_not_negative": "sku_price_history: price = -1",
    "sku_price_history_cost_not_negative": "sku_price_history: cost = -1",
    "seller_contract_history_tier_known": "seller_contract_history: tier = 'bronze'",
    "seller_contract_history_commission_is_fraction": "seller_contract_history: commission_rate = 12",
    "customer_tier_history_tier_known": "customer_tier_history: tier = 'diamond'",
    "shipments_status_known": "shipments: status = 'lost'",
    "shipments_currency_is_iso": "shipments: currency = 'thb'",
    "shipments_cost_not_negative": "shipments: cost_amount = -1",
    "order_returns_status_known": "order_returns: status = 'lost'",
    "order_returns_reason_known": "order_returns: reason = 'boredom'",
    "order_returns_quantity_positive": "order_returns: quantity = 0",
    "order_returns_currency_is_iso": "order_returns: currency = 'thb'",
    "order_returns_refund_not_negative": "order_returns: refund_amount = -1",
    "order_returns_refunded_has_time": "order_returns: status = 'refunded'",
    "reviews_rating_in_range": "reviews: rating = 6",
    "reviews_helpful_count_not_negative": "reviews: helpful_count = -1",
    "voucher_redemptions_currency_is_iso": "voucher_redemptions: currency = 'thb'",
    "voucher_redemptions_discount_not_negative": "voucher_redemptions: discount_amount = -1",
    "inventory_quantity_not_negative": "inventory: quantity = -1",
    "inventory_reorder_point_not_negative": "inventory: reorder_point = -1",
    "inventory_safety_stock_not_negative": "inventory: safety_stock = -1",
    "inventory_log_movement_known": "inventory_log: movement_type = 'theft', lot_id = 3 - log_id",
    "inventory_log_change_not_zero": "inventory_log: quantity_change = 0, movement_type = 'adjustment', "
    "lot_id = 3 - log_id",
    "inventory_log_currency_is_iso": "inventory_log: currency = 'thb'",
    "inventory_log_cost_not_negative": "inventory_log: unit_cost = -1",
    "inventory_log_sign_fits_movement": "inventory_log: quantity_change = -1",
    "user_events_type_known": "user_events: event_type = 'yawn'",
    "user_events_platform_known": "user_events: platform = 'telex'",
    "user_events_device_known": "user_events: device = 'watch'",
    "user_events_duration_not_negative": "user_events: duration_ms = -1",
    "user_events_scroll_is_fraction": "user_events: scroll_depth_rate = 1.5",
    "user_events_click_count_not_negative": "user_events: click_count = -1",
    "carts_status_known": "carts: status = 'lost', closed_at = now()",
    "carts_currency_is_iso": "carts: currency = 'thb'",
    "carts_closed_when_not_active": "carts: status = 'abandoned'",
    "carts_order_only_when_converted": "carts: order_id = 1",
    "cart_items_quantity_positive": "cart_items: quantity = 0",
    "cart_items_price_not_negative": "cart_items: unit_price = -1",
    "fx_rates_currency_is_iso": "fx_rates: currency = 'thb'",
    "fx_rates_reporting_currency_is_iso": "fx_rates: reporting_currency = 'usd'",
    "fx_rates_rate_positive": "fx_rates: rate = 0",
    "fx_rates_reporting_currency_is_one": "fx_rates: currency = reporting_currency",
    "geolocations_country_is_iso": "geolocations: country = 'THA'",
    "geolocations_latitude_in_range": "geolocations: latitude = 91",
    "geolocations_longitude_in_range": "geolocations: longitude = -181",
}


FINITE_TYPES = ("numeric", "timestamp with time zone", "date")
SCHEMAS = ["public", "labels"]


@pytest.mark.parametrize("constraint", VIOLATIONS)
def test_check_constraint_refuses(unruled: psycopg.Connection, constraint: str) -> None:
    table, _, change = VIOLATIONS[constraint].partition(": ")
    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        unruled.execute(f"update {table} set {change}".encode())
    assert refused.value.diag.constraint_name == constraint


def columns_that_could_be_infinite(connection: psycopg.Connection) -> list[tuple[str, str, str, str]]:
    """Schema, table, name and type of each."""
    return connection.execute(
        "select table_schema, table_name, column_name, data_type from information_schema.columns "
        "join information_schema.tables using (table_schema, table_name) "
        "where table_type = 'BASE TABLE' and table_schema = any(%s) and data_type = any(%s)",
        [SCHEMAS, list(FINITE_TYPES)],
    ).fetchall()


def test_no_amount_is_nan_and_no_time_infinite(unruled: psycopg.Connection) -> None:
    found = columns_that_could_be_infinite(unruled)
    assert len(found) > 150
    for schema_name, table, column, kind in found:
        if schema_name == "labels":
            continue  # No row there; the next test sees that the check is declared.
        for value in ("NaN", "infinity") if kind == "numeric" else ("infinity", "-infinity"):
            with (
                pytest.raises((psycopg.DataError, psycopg.errors.CheckViolation)),
                unruled.transaction(),
            ):
                unruled.execute(f"update {table} set {column} = '{value}'".encode())


def test_every_check_constraint_has_a_test(unruled: psycopg.Connection) -> None:
    declared = unruled.execute(
        "select conname from pg_constraint where contype = 'c' and connamespace = 'public'::regnamespace"
    )
    finite = {
        f"{table}_{column}_is_{'number' if kind == 'numeric' else 'finite'}"
        for schema_name, table, column, kind in columns_that_could_be_infinite(unruled)
        if schema_name == "public"
    }
    assert {name for (name,) in declared} - finite == set(VIOLATIONS)


@pytest.mark.parametrize("schema_name", SCHEMAS)
def test_every_amount_and_time_has_its_check(unruled: psycopg.Connection, schema_name: str) -> None:
    declared = unruled.execute(
        "select conname from pg_constraint where contype = 'c' and connamespace = %s::regnamespace",
        [schema_name],
    )
    names = {name for (name,) in declared}
    for place, table, column, kind in columns_that_could_be_infinite(unruled):
        if place == schema_name:
            assert f"{table}_{column}_is_{'number' if kind == 'numeric' else 'finite'}" in names
