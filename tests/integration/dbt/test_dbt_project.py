"""The project's own tests: unit tests pass, data tests fail on broken data, parsing needs no server."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.fixtures.dbt import DbtWarehouse
from tests.integration.dbt.shop import SmallShop

pytestmark = pytest.mark.timeout(900)


def test_parsing_needs_no_server(dbt_warehouse: DbtWarehouse) -> None:
    environment = {"DBT_CLICKHOUSE_PORT": "1"}
    done = dbt_warehouse.dbt("parse", "--no-partial-parse", "--warn-error", environment=environment)
    assert done.code == 0, done.output


def test_every_unit_test_passes(dbt_warehouse: DbtWarehouse) -> None:
    dbt_warehouse.must("build", "--exclude-resource-type", "unit_test", "--exclude-resource-type", "test")
    done = dbt_warehouse.must("test", "--select", "test_type:unit")
    assert len(done.with_status("pass")) >= 12


def test_broken_data_fails_the_tests_that_guard_it(dbt_warehouse: DbtWarehouse) -> None:
    shop = SmallShop(dbt_warehouse.client())
    shop.now = datetime.now(UTC)
    shop.open()
    shop.order(1, "THB", "10.00", "2026-01-05T10:00:00Z", status="delivered")
    shop.order(2, "THB", "10.00", "2026-01-05T10:00:00Z", subtotal_amount="21.00")
    shop.order(3, "THB", "10.00", "2026-01-05T10:00:00Z", status="unheard of", user_id=99)
    dbt_warehouse.must("build", "--exclude-resource-type", "unit_test", "--exclude-resource-type", "test")
    client = dbt_warehouse.client()
    client.command(
        "insert into cdm.fact_order_items "
        "select * replace (1000 as order_item_id) from cdm.fact_order_items limit 1"
    )
    client.command("insert into cdm.fact_payments (payment_id, currency, amount) values (1, 'THB', 5)")
    client.command("insert into cdm.fact_returns (return_id, order_id, currency) values (1, 1, 'THB')")
    client.command("insert into cdm.fact_orders (order_id, commission_reporting) values (77, 5)")
    client.command(
        "insert into ods.ods_inventory (sku_id, quantity, _changed_at) values (1, 5, '2026-01-01')"
    )
    client.command("insert into ads.ads_revenue_daily (event_date, total_revenue) values ('2026-01-01', 5)")
    client.command("insert into ads.ads_daily_gmv (order_date, gmv) values ('2026-01-01', 5)")
    client.command(
        "insert into ads.ads_attribution (attribution_model, event_date, traffic_channel, campaign_id, gmv) "
        "values ('first', '2026-01-05', 'website', 0, 5)"
    )
    client.command(
        "insert into ads.ads_seller_settlement (entry_id, entry_type, currency, due_gross, status) "
        "values ('sale 99', 'sale', 'THB', 5, 'open')"
    )
    client.command(
        "insert into ods.ods_payouts (payout_id, payer_type, status, currency, net_amount) "
        "values (1, 'platform', 'paid', 'THB', 5)"
    )
    done = dbt_warehouse.dbt("test", "--exclude-resource-type", "unit_test")
    assert done.with_status("fail") >= {
        "assert_commission_is_the_same_in_every_mart",
        "assert_contribution_margin_is_made_of_whole_amounts",
        "assert_attribution_credits_sum_to_orders",
        "assert_settlement_entries_balance",
        "assert_payouts_are_all_reconciled",
        "assert_every_order_is_a_fact",
        "assert_inventory_is_the_sum_of_its_log",
        "assert_gmv_is_the_same_in_every_mart",
        "assert_order_items_sum_to_order_subtotal",
        "assert_order_lines_sum_to_source_lines",
        "assert_revenue_is_payments_less_refunds",
        "ods_orders_rows_are_valid",
        "ods_orders_references_exist",
        "fact_orders_rows_are_valid",
        "fact_orders_references_exist",
        "fact_payments_amounts_are_those_of_ods_payments",
        "fact_returns_amounts_are_those_of_ods_order_returns",
        "ads_daily_gmv_rows_are_valid",
    }
    assert done.with_status("error") == set()


RETURN = (
    "insert into cdm.fact_returns (return_id, order_id, status, is_refunded, refunded_amount, "
    "refunded_amount_reporting)"
)
PAYMENT = (
    "insert into cdm.fact_payments (payment_id, order_id, sequence_number, status, payment_date, currency, "
    "amount, received_amount, amount_reporting, is_charged_back, charged_back_amount_reporting)"
)


@pytest.mark.parametrize(("is_refunded", "number", "status"), [("null", 1, "fail"), ("false", 2, "pass")])
def test_a_rule_that_is_null_and_a_number_given_twice_are_found(
    dbt_warehouse: DbtWarehouse, is_refunded: str, number: int, status: str
) -> None:
    client = dbt_warehouse.client()
    for table in ("fact_returns", "fact_payments"):
        client.command(f"truncate table cdm.{table}")
    client.command(f"{RETURN} values (1, 1, 'requested', {is_refunded}, 0, 0)")
    for payment_id, sequence_number in ((1, 1), (2, number)):
        values = f"{payment_id}, 1, {sequence_number}, 'failed', '2026-01-01', 'THB', 5, 0, 5, false, 0"
        client.command(f"{PAYMENT} values ({values})")
    tests = {"fact_returns_rows_are_valid", "fact_payments_rows_are_valid"}
    assert dbt_warehouse.dbt("test", "--select", *tests).with_status(status) == tests


@pytest.mark.parametrize(
    ("statement", "model", "message"),
    [
        (
            "insert into ods.ods_customers (customer_id, postal_code) values (77, '10110')",
            "dim_geography",
            "dim_geography: geography_id is null",
        ),
        (
            "insert into cdm.fact_orders (order_id, is_test) values (78, false)",
            "ads_daily_gmv",
            "ads_daily_gmv: order_date is null",
        ),
    ],
)
def test_a_key_without_a_value_stops_the_run_and_names_the_model(
    dbt_warehouse: DbtWarehouse, statement: str, model: str, message: str
) -> None:
    """In ODS: `test_an_event_without_its_key_stops_the_run`."""
    dbt_warehouse.client().command(statement)
    done = dbt_warehouse.dbt("run", "--select", model, "--full-refresh")
    assert done.code == 1
    assert message in done.output
