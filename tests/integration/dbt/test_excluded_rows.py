"""Rows that cannot be valued are named and left out with what depends on them; everything else is built."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.fixtures.dbt import BATCH, DbtRun, DbtWarehouse, run_started
from tests.integration.dbt.shop import SmallShop

pytestmark = pytest.mark.timeout(900)

GOOD_ORDERS = (1, 2)
ALL_ROWS = "select table_name, row_key, column_name, rule, value from cdm.excluded_rows order by all"


class Builds:
    """A shop and whole builds of it, an hour apart."""

    def __init__(self, dbt: DbtWarehouse) -> None:
        self.dbt = dbt
        self.client = dbt.client()
        self.shop = SmallShop(self.client)
        self.started = datetime(2026, 3, 1)

    def build(self, *options: str) -> None:
        """Build every model; the data tests are left out."""
        done = self._run("--exclude-resource-type", "test", *options)
        assert done.code == 0, done.output[-6000:]

    def build_and_test(self, *options: str) -> DbtRun:
        return self._run(*options)

    def _run(self, *options: str) -> DbtRun:
        self.started += timedelta(hours=1)
        self.shop.now = self.started + timedelta(minutes=20)
        unit_tests = ("--exclude-resource-type", "unit_test")
        return self.dbt.dbt("build", *BATCH, *unit_tests, *options, environment=run_started(self.started))

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.client.query(sql).result_rows]

    def tables(self) -> dict[str, list[tuple[Any, ...]]]:
        """The content of every fact, dimension and mart."""
        listed = (
            "select database || '.' || name from system.tables where database in ('cdm', 'ads') order by 1"
        )
        return {name: self._content(name) for (name,) in self.rows(listed)}

    def _content(self, table: str) -> list[tuple[Any, ...]]:
        described = [row[0] for row in self.rows(f"describe table {table}")]
        columns = ", ".join(name for name in described if name not in ("_version", "_loaded_at"))
        return sorted(self.rows(f"select {columns} from {table}"), key=repr)


@pytest.fixture(scope="module")
def builds(dbt_warehouse: DbtWarehouse) -> Builds:
    """A shop of 2010 to 2026, built; nothing is odd yet."""
    builds = Builds(dbt_warehouse)
    builds.shop.now = builds.started
    builds.shop.open()
    builds.shop.order(1, "THB", "10.00", "2010-12-01T08:00:00Z", status="delivered")
    builds.shop.payment(1, 1, "20.00", "2010-12-01T09:00:00Z")
    builds.shop.order(2, "VND", "10000.00", "2026-01-06T10:00:00Z", status="paid")
    builds.shop.payment(2, 2, "20000.00", "2026-01-06T11:00:00Z")
    builds.build()
    assert builds.rows(ALL_ROWS) == []
    return builds


def add_odd_rows(shop: SmallShop) -> None:
    """A currency without rates, dates far ahead of an order, a payment and an event; and a good order."""
    shop.order(3, "XXX", "5.00", "2026-01-07T10:00:00Z", status="paid")
    shop.payment(3, 3, "10.00", "2026-01-07T11:00:00Z")
    shop.refund(3, 3, "1.00", at="2026-01-08T00:00:00Z")
    shop.order(4, "THB", "6.00", "2028-12-31T10:00:00Z", status="paid")
    shop.payment(4, 4, "12.00", "2026-01-07T11:00:00Z")
    shop.payment(5, 1, "1.00", "2199-01-07T11:00:00Z")
    shop.put("payments", payment_id=5, sequence_number=2)
    shop.event(1, "product_view", "2199-01-05T09:00:00Z")
    shop.order(5, "THB", "7.00", "2026-01-09T10:00:00Z", status="paid")


def test_the_calendar_and_the_rates_reach_as_far_as_the_data(builds: Builds) -> None:
    assert builds.rows("select min(year), max(year) from cdm.dim_date") == [(2010, 2027)]
    query = "select order_id, fx_rate, gmv_amount_reporting from cdm.fact_orders order by 1"
    assert builds.rows(query) == [
        (1, Decimal(1), Decimal("20.00")),
        (2, Decimal("0.0014"), Decimal("28.00")),
    ]


def test_odd_rows_are_named_with_what_depends_on_them_and_all_else_is_built(builds: Builds) -> None:
    add_odd_rows(builds.shop)
    done = builds.build_and_test()
    assert done.code == 0, done.output[-6000:]
    assert done.with_status("skipped", "error", "fail") == set()
    assert done.with_status("warn") == {"assert_no_row_is_excluded"}
    assert builds.rows(ALL_ROWS) == [
        ("order_items", "30", "order_id", "refers_to_excluded_row", "3"),
        ("order_items", "40", "order_id", "refers_to_excluded_row", "4"),
        ("order_returns", "3", "currency", "no_exchange_rate", "XXX"),
        ("orders", "3", "currency", "no_exchange_rate", "XXX"),
        ("orders", "4", "ordered_at", "date_too_far_ahead", "2028-12-31"),
        ("payments", "3", "currency", "no_exchange_rate", "XXX"),
        ("payments", "4", "order_id", "refers_to_excluded_row", "4"),
        ("payments", "5", "captured_at", "date_too_far_ahead", "2199-01-07"),
        ("user_events", "1", "occurred_at", "date_too_far_ahead", "2199-01-05"),
    ]
    assert builds.rows("select order_id from cdm.fact_orders order by 1") == [(1,), (2,), (5,)]
    assert builds.rows("select count() from ods.ods_orders") == [(5,)]
    assert builds.rows("select max(year) from cdm.dim_date") == [(2027,)]


def test_each_mart_says_how_many_rows_it_leaves_out(builds: Builds) -> None:
    counts = dict(builds.rows("select mart, excluded_row_count from ads.ads_mart_status"))
    marts = {name for (name,) in builds.rows("select name from system.tables where database = 'ads'")}
    assert set(counts) == marts - {"ads_mart_status"}
    assert counts["ads_conversion_rate_daily"] == 1
    assert counts["ads_category_trends"] == 5  # returns among them, which net GMV is less of
    assert counts["ads_daily_gmv"] == 8
    assert counts["ads_kpi_summary"] == 9


def test_an_incremental_build_is_what_a_full_refresh_is(builds: Builds) -> None:
    incremental = builds.tables()
    builds.build("--full-refresh")
    assert builds.tables() == incremental


def test_a_row_comes_back_once_its_cause_is_mended_and_leaves_again(builds: Builds) -> None:
    shop = builds.shop
    shop.put("fx_rates", currency="XXX", rate_date="2026-01-01Z", reporting_currency="THB", rate="2.00000000")
    shop.put("orders", order_id=4, ordered_at="2026-01-31T10:00:00Z")
    shop.put("orders", order_id=2, ordered_at="2199-01-31T10:00:00Z")
    builds.build()
    query = "select order_id, gmv_amount_reporting from cdm.fact_orders where order_id > 1 order by 1"
    assert builds.rows(query) == [(3, Decimal("20.00")), (4, Decimal("12.00")), (5, Decimal("14.00"))]
    assert builds.rows("select payment_id from cdm.fact_payments order by 1") == [(1,), (3,), (4,)]
    incremental = builds.tables()
    builds.build("--full-refresh")
    assert builds.tables() == incremental


def test_the_reporting_currency_needs_no_row(builds: Builds) -> None:
    builds.shop.delete("fx_rates", ("THB", "2026-01-01Z"))
    builds.build()
    assert builds.rows("select fx_rate from cdm.fact_orders where currency = 'THB'") == [(Decimal(1),)] * 3


def test_limits_that_are_lowered_fail_the_next_build_though_nothing_arrived(builds: Builds) -> None:
    limits = "{max_excluded_rows: 0, max_excluded_rate: '0.1'}"
    done = builds.build_and_test("--select", "excluded_rows+", "--vars", limits)
    assert done.code == 1
    assert done.with_status("error") == {"excluded_rows"}
    assert (
        "1 of 5 rows of orders cannot be valued, such as 2 (ordered_at 2199-01-31: date_too_far_ahead)"
        in " ".join(done.output.split())
    )
    assert {"fact_orders", "ads_daily_gmv"} <= done.with_status("skipped")
