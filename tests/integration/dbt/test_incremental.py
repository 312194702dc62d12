"""Incremental runs and a full refresh give equal tables, whatever changed and however late."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from application import build_plan, warehouse_plan
from application.retention import readers
from tests.fixtures.dbt import BATCH, DbtWarehouse, run_started
from tests.integration.dbt.shop import SmallShop
from tradewind.warehouse import check_results
from tradewind.warehouse.retention import Readers, remove_superseded

pytestmark = pytest.mark.timeout(900)

RUN_COLUMNS = {"_version", "_loaded_at"}
Tables = dict[str, list[tuple[Any, ...]]]


class Pipeline:
    """The shop and its runs: each an hour after the one before, so that overlaps hide nothing."""

    def __init__(self, dbt: DbtWarehouse) -> None:
        self.dbt = dbt
        self.client = dbt.client()
        self.shop = SmallShop(self.client)
        self.started = datetime(2026, 3, 1)

    def run(self) -> None:
        """Run what the plan of a build names, as `tradewind build` does."""
        plan = self.plan()
        self.run_everything("--indirect-selection", "empty", "--exclude", " ".join(plan.left_out))

    def plan(self) -> build_plan.Plan:
        """What a build would run now."""
        check_results.record(self.client, "", [])
        manifest = json.loads((self.dbt.target / "manifest.json").read_text())
        started = (self.started + timedelta(hours=1)).replace(tzinfo=UTC)
        found = warehouse_plan.ask(self.client, manifest, started, timedelta(minutes=10))
        return build_plan.make(manifest, found.known(manifest))

    def run_everything(self, *options: str) -> None:
        """Run every model; each looks for itself whether it has something to do."""
        self.shop.now = self.started
        self.started += timedelta(hours=1)
        needed = (
            "--select",
            "+path:dbt_project/models/ads",
            "+path:dbt_project/models/cdm",
            "--resource-type",
            "model",
            "--resource-type",
            "seed",
        )
        self.dbt.must("build", *BATCH, *needed, *options, environment=run_started(self.started))
        self.shop.now = self.started + timedelta(minutes=30)

    def tables(self) -> Tables:
        """The content of every fact, dimension and mart, without what tells runs apart."""
        listed = self.client.query(
            "select database || '.' || name from system.tables "
            "where database in ('ods', 'cdm', 'ads') order by 1"
        )
        return {name: self.rows(name) for (name,) in listed.result_rows}

    def rows(self, table: str) -> list[tuple[Any, ...]]:
        described = self.client.query(f"describe table {table}").result_rows
        columns = ", ".join(column[0] for column in described if column[0] not in RUN_COLUMNS)
        return sorted(self.client.query(f"select {columns} from {table}").result_rows, key=repr)

    def stored(self) -> dict[str, Any]:
        """Of every table what a run changes when it writes to it: its newest row, or the table itself."""
        listed = self.client.query(
            "select database || '.' || name, toString(uuid), engine from system.tables "
            "where database in ('ods', 'cdm', 'ads')"
        )
        newest = "select max(_loaded_at) from {} settings final = 0"
        return {
            name: self.value(newest.format(name)) if engine.startswith("Replacing") else uuid
            for name, uuid, engine in listed.result_rows
        }

    def value(self, sql: str) -> Any:
        return self.client.query(sql).result_rows[0][0]


@pytest.fixture(scope="module")
def pipeline(dbt_warehouse: DbtWarehouse) -> Pipeline:
    """Three orders in two currencies, built once in full and then incrementally after late changes."""
    pipeline = Pipeline(dbt_warehouse)
    shop = pipeline.shop
    shop.now = pipeline.started
    shop.open()
    shop.order(1, "THB", "10.00", "2026-01-05T10:00:00Z", status="delivered", paid_at="2026-01-05T11:00:00Z")
    shop.payment(1, 1, "20.00", "2026-01-05T11:00:00Z")
    shop.order(2, "VND", "10000.00", "2026-01-06T10:00:00Z", status="paid", paid_at="2026-01-06T11:00:00Z")
    shop.payment(2, 2, "20000.00", "2026-01-06T11:00:00Z")
    shop.order(3, "THB", "7.50", "2026-01-07T10:00:00Z")
    shop.payment(3, 3, "3.00", "2026-01-07T11:00:00Z")
    shop.refund(2, 3, "1.00", at="2026-02-10T00:00:00Z")
    add_line(shop, 31, order_id=3, line_number=2, unit_price="1.00")
    shop.order(4, "THB", "5.00", "2026-01-07T10:00:00Z")
    shop.put("users", user_id=2, status="active", is_test=False, is_bot=False)
    shop.order(5, "THB", "8.00", "2026-01-08T10:00:00Z", user_id=2)
    shop.event(1, "product_view", "2026-01-05T09:00:00Z")
    shop.event(2, "purchase", "2026-01-05T10:00:00Z", user_id=1)
    shop.delivery(1, "in_transit", None)
    shop.review(1, 1, rating=5)
    shop.review(2, 1, rating=1)
    shop.movement(1, "receipt", 9, lot_id=1)
    shop.spend("2026-01-06", "VND", "10000.00")
    shop.stock(9)
    shop.cart("active", None)
    pipeline.run_everything()
    return pipeline


def add_line(shop: SmallShop, order_item_id: int, **line: object) -> None:
    """One more piece of what order 1 is of."""
    new = {"order_item_id": order_item_id, "quantity": 1}
    shop.put("order_items", **(shop.rows["order_items", 10] | new | line))


def change_everything(shop: SmallShop) -> None:
    """Weeks later: a cancellation, a refund, a deleted order, a new rate, commission, line and visitor.

    And a visitor is known for a buyer and another buyer for a bot, a review is gone, a parcel has arrived, a
    piece is sold. A warehouse opens.
    """
    shop.put("orders", order_id=3, status="cancelled", cancelled_at="2026-02-20T00:00:00Z")
    shop.refund(1, 1, "5.00", at="2026-02-21T00:00:00Z")
    for table, key in (("order_items", 40), ("orders", 4)):
        shop.delete(table, key)
    shop.put("fx_rates", currency="VND", rate_date="2026-01-06Z", reporting_currency="THB", rate="0.00200000")
    shop.put("sellers", seller_id=1, commission_rate="0.2000")
    arrived = {"delivered_at": "2026-01-10T10:00:00Z"}
    shop.put("orders", order_id=1, subtotal_amount="23.00", total_amount="23.00", **arrived)
    add_line(shop, 11, line_number=2, unit_price="3.00")
    shop.put("users", user_id=2, is_bot=True)
    shop.event(3, "product_view", "2026-01-05T11:00:00Z")
    shop.event(4, "page_view", "2026-01-05T09:30:00Z", user_id=1, session=1)
    shop.delivery(1, "delivered", "2026-01-10T10:00:00Z")
    shop.delete("reviews", 2)
    shop.movement(2, "sale", -2, lot_id=1)
    shop.stock(7)
    shop.cart("abandoned", "2026-01-06T09:00:00Z")
    shop.warehouse(1, capacity=100)


def test_late_changes_reach_every_mart_and_a_full_refresh_agrees(pipeline: Pipeline) -> None:
    before = pipeline.tables()
    change_everything(pipeline.shop)
    pipeline.run()
    incremental = pipeline.tables()
    pipeline.run_everything("--full-refresh")
    assert incremental == pipeline.tables()
    unchanged = {name for name, rows in incremental.items() if rows == before[name]}
    marts = {name for name in incremental if name.startswith(("ads.", "cdm.fact_"))}
    # No row is excluded, and the shop has no vouchers and flash sales.
    assert unchanged & marts == {"ads.ads_mart_status", "ads.ads_voucher_effect", "ads.ads_flash_sale"}


def test_figures_are_those_a_person_works_out(pipeline: Pipeline) -> None:
    """Orders 1 (20.00 + 3.00 THB) and 2 (20,000 VND at 0.002) count; 3 was cancelled unpaid, 4 deleted.

    A piece of 10.00 came back, and 5 was a bot's.
    """
    assert pipeline.value("select sum(gmv) from ads.ads_daily_gmv") == Decimal("63.00")
    assert pipeline.value("select sum(net_gmv) from ads.ads_daily_gmv") == Decimal("53.00")
    assert pipeline.value("select sum(total_revenue) from ads.ads_revenue_daily") == Decimal("57.00")
    assert pipeline.value("select commission from cdm.fact_orders where order_id = 1") == Decimal("2.60")
    assert pipeline.value("select count() from cdm.fact_orders") == 4
    assert pipeline.value("select sum(cost_amount) from cdm.fact_inventory_movements") == Decimal("14.00")
    assert pipeline.value("select spend_amount_reporting from cdm.fact_campaign_spend") == Decimal("20.00")
    [stock] = pipeline.rows("cdm.fact_inventory_snapshot")
    assert stock[5:8] == (9, 2, 7)


def test_a_login_gives_the_visitor_the_visit_from_its_beginning(pipeline: Pipeline) -> None:
    """From 9:00 to 10:00 in two sessions, which the late event of 9:30 joins; 11:00 is someone else's."""
    columns = "visitor_id, session_id, event_count, is_converted"
    query = f"select {columns} from cdm.fact_sessions order by visit_id"
    visits = [("1", "session 1", 3, True), ("session 3", "session 3", 1, False)]
    assert pipeline.client.query(query).result_rows == visits


def test_a_run_with_nothing_new_writes_no_row(pipeline: Pipeline) -> None:
    before = pipeline.stored()
    built = {name.split(".")[1] for name in before}
    assert built & {name.split(".")[-1] for name in pipeline.plan().models} == set()
    pipeline.run_everything()
    assert pipeline.stored() == before


def test_a_replay_of_old_changes_writes_no_row(pipeline: Pipeline) -> None:
    before = pipeline.stored()
    for table in ("orders", "order_items", "payments", "fx_rates"):
        columns = "_topic, _partition, _offset, _timestamp, _key, payload"
        pipeline.client.command(
            f"insert into bronze.{table} ({columns}, _ingested_at) select {columns}, "
            f"toDateTime64('{pipeline.shop.now}', 3, 'UTC') from bronze.{table}"
        )
    pipeline.run_everything()
    assert pipeline.stored() == before


def test_only_what_a_change_reaches_is_written(pipeline: Pipeline) -> None:
    """A changed name of a product: no fact, no figure of a day."""
    before = pipeline.stored()
    pipeline.shop.put("products", product_id=1, product_name="green tea")
    pipeline.run()
    after = pipeline.stored()
    assert {name for name, state in after.items() if state != before[name]} == {
        "ods.ods_products",
        "cdm.dim_product",
        "ads.ads_product_performance",
        "ads.ads_contribution_margin_by_sku",
        "ads.ads_category_trends",
        "ads.ads_category_sales_daily",
        "ads.ads_flash_sale",
        "ads.ads_inventory_health",
        "ads.ads_returns",
    }


def test_what_a_plan_leaves_out_has_nothing_to_do(pipeline: Pipeline) -> None:
    """An order's new status: nothing of products and vouchers; then everything is run, and writes nothing."""
    pipeline.shop.put("orders", order_id=2, status="shipped")
    planned = pipeline.plan().models
    assert {
        "model.tradewind.ods_orders",
        "model.tradewind.fact_orders",
        "model.tradewind.ads_daily_gmv",
    } <= planned
    assert not planned & {
        f"model.tradewind.{name}" for name in ("ods_products", "dim_product", "dim_voucher")
    }
    pipeline.run()
    before = pipeline.stored()
    pipeline.run_everything()
    assert pipeline.stored() == before


def test_a_row_that_became_visible_late_is_read(pipeline: Pipeline) -> None:
    """It arrived a minute before the last run started, with an insert that the run has merged."""
    pipeline.shop.now = pipeline.started - timedelta(minutes=1)
    pipeline.shop.put("users", user_id=1, language="th")
    pipeline.run()
    pipeline.shop.now = pipeline.started - timedelta(minutes=1)
    pipeline.shop.put("users", user_id=1, language="en")
    pipeline.run()
    assert pipeline.value("select language from cdm.dim_user where user_id = 1") == "en"


def test_a_run_that_starts_before_the_last_one_is_refused(pipeline: Pipeline) -> None:
    pipeline.started -= timedelta(hours=1)
    refused = pipeline.dbt.dbt("run", environment=run_started(pipeline.started))
    pipeline.started += timedelta(hours=1)
    assert refused.code == 2
    assert "one that started at 2026-03-01" in refused.output
    assert "rows of this one would be missed" in " ".join(refused.output.split())


def test_what_moves_to_another_order_leaves_its_old_one(pipeline: Pipeline) -> None:
    """All is at rest, and order 3 has lost a line, a payment and a refund to order 1.

    That a full refresh agrees is seen after the next changes.
    """
    pipeline.shop.put("order_items", order_item_id=31, order_id=1, line_number=3)
    pipeline.shop.put("payments", payment_id=3, order_id=1, sequence_number=9)
    pipeline.shop.put("order_returns", return_id=2, order_id=1)
    pipeline.run()
    query = "select order_id, line_count, paid_amount, refunded_amount from cdm.fact_orders order by 1"
    figures = {order_id: rest for order_id, *rest in pipeline.client.query(query).result_rows}
    assert figures[1] == [3, Decimal("23.00"), Decimal("6.00")]
    assert figures[3] == [1, Decimal("0.00"), Decimal("0.00")]


def test_a_rebuild_after_superseded_changes_are_removed_gives_the_same_tables(pipeline: Pipeline) -> None:
    """The days that have passed are a reason to build what looks at today, though no order has changed."""
    before_the_days = pipeline.stored()
    pipeline.started += timedelta(days=3)
    for language in ("de", "fr"):
        pipeline.shop.put("users", user_id=1, language=language)
        pipeline.run()
    changed = {name for name, state in pipeline.stored().items() if state != before_the_days[name]}
    assert "ads.ads_category_trends" in changed and "ads.ads_daily_gmv" not in changed
    pipeline.shop.put(
        "users", user_id=1, registered_at="unknown"
    )  # newer than the cause for removal, and refused
    pipeline.run()
    logs = readers(json.loads((pipeline.dbt.target / "manifest.json").read_text()))
    now = pipeline.started.replace(tzinfo=UTC)
    before, rows = pipeline.tables(), pipeline.value("select count() from bronze.users")
    rehearsed = remove_superseded(pipeline.client, logs, 1, now, is_rehearsal=True)
    assert pipeline.value("select count() from bronze.users") == rows
    assert remove_superseded(pipeline.client, logs, 1, now) == rehearsed
    assert rehearsed["users"].removed > 0
    assert pipeline.value("select count() from bronze.users") == rehearsed["users"].kept < rows
    pipeline.run_everything("--full-refresh")
    assert pipeline.tables() == before


def test_a_log_whose_history_a_model_reads_is_kept_whole(pipeline: Pipeline) -> None:
    logs = {"orders": Readers(str, history=["dim_order_history"])}
    late = datetime(2031, 1, 1, tzinfo=UTC)
    kept = remove_superseded(pipeline.client, logs, 1, late, is_rehearsal=True)["orders"]
    assert (kept.removed, kept.reason) == (0, "dim_order_history needs every change")


def test_no_personal_data_leaves_the_ods(pipeline: Pipeline) -> None:
    for table, rows in pipeline.tables().items():
        if not table.startswith("ods."):
            assert "ada" not in repr(rows).lower(), table


def test_a_fact_with_other_columns_than_its_yaml_is_to_be_built_anew(pipeline: Pipeline) -> None:
    pipeline.client.command("alter table cdm.fact_returns add column stray Nullable(Int64)")
    pipeline.shop.refund(1, 1, "6.00", at="2026-02-21T00:00:00Z")
    pipeline.run_everything("--exclude", "fact_returns+")
    options = ("--select", "fact_returns", "--resource-type", "model")
    refused = pipeline.dbt.dbt("build", *options)
    assert refused.code == 1
    assert "has other columns than its YAML: drop column `stray`" in refused.output
    assert "--full-refresh" in refused.output
    pipeline.dbt.must("build", *options, "--full-refresh")
    names = pipeline.client.query("describe table cdm.fact_returns").result_columns[0]
    assert "stray" not in names
