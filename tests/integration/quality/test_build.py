"""Builds of a small shop with events that cannot be taken: ODS goes on without them, and a replay heals."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.fixtures.dbt import DbtRun, DbtWarehouse, run_started
from tests.integration.dbt.changes import Change, write
from tests.integration.dbt.shop import SmallShop
from tradewind.quality import gate
from tradewind.quality.logs import ChangeLog, change_logs
from tradewind.quality.quarantine import Quarantine

pytestmark = pytest.mark.timeout(900)

MODELS = "ods_orders ods_order_items ods_payments ods_users"


class GatedShop:
    """A shop, the gate before its models, and builds of these an hour apart."""

    def __init__(self, dbt: DbtWarehouse) -> None:
        self.dbt = dbt
        self.client = dbt.client()
        self.shop = SmallShop(self.client)
        self.started = datetime(2026, 3, 1)
        self.shop.now = self.started

    def build(self, *options: str) -> DbtRun:
        self.started += timedelta(hours=1)
        self.shop.now = self.started + timedelta(minutes=20)
        return self.dbt.must("run", "--select", MODELS, *options, environment=run_started(self.started))

    def logs(self) -> list[ChangeLog]:
        return change_logs(json.loads((self.dbt.target / "manifest.json").read_text()))

    def gate(self) -> gate.Outcome:
        return gate.run(self.client, self.dbt.warehouse.writer_url, self.logs())

    @property
    def quarantine(self) -> Quarantine:
        return Quarantine(self.client, self.logs())

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.client.query(sql).result_rows]

    def orders(self) -> list[tuple[Any, ...]]:
        return self.rows("select order_id, total_amount, status, _is_deleted from ods.ods_orders order by 1")


@pytest.fixture(scope="module")
def gated(dbt_warehouse: DbtWarehouse) -> GatedShop:
    """A shop with two orders, built; nothing is odd yet."""
    gated = GatedShop(dbt_warehouse)
    gated.shop.open()
    gated.shop.order(1, "THB", "10.00", "2026-01-05T08:00:00Z", status="paid")
    gated.shop.order(2, "THB", "20.00", "2026-01-06T08:00:00Z", status="paid")
    gated.build()
    assert gated.gate().quarantined == {}
    return gated


def test_ods_goes_on_without_what_cannot_be_taken(gated: GatedShop) -> None:
    shop = gated.shop
    shop.order(3, "THB", "30.00", "2026-01-07T08:00:00Z", total_amount="NaN")
    shop.order(4, "THB", "40.00", "infinity")
    shop.put("orders", order_id=1, status="shipped", total_amount="20.001")
    shop.put("orders", order_id=2, status="shipped")
    gated.build()
    assert [
        row[:3] for row in gated.rows("select order_id, total_amount, status from ods.ods_orders order by 1")
    ] == [
        (1, pytest.approx(20), "paid"),
        (2, pytest.approx(40), "shipped"),
    ]
    outcome = gated.gate()
    named = {
        (e.log, e.event_key, e.rule, e.column_name, e.value) for e in gated.quarantine.list("bronze.orders")
    }
    assert named == {
        ("bronze.orders", '{"order_id":"1"}', "value", "total_amount", "20.001"),
        ("bronze.orders", '{"order_id":"3"}', "value", "total_amount", "NaN"),
        ("bronze.orders", '{"order_id":"4"}', "value", "ordered_at", "infinity"),
    }
    assert outcome.quarantined["bronze.orders"] == 3


def test_feeds_pass_the_same_gate(gated: GatedShop) -> None:
    row = {"period_date": "2026-01-01Z", "region_code": "TH-10", "country": "TH", "population_count": "many"}
    arrived_at = gated.shop.now
    write(gated.client, "feeds.geography", [Change("c", 5, after=row)], arrived_at=arrived_at)
    assert gated.gate().quarantined["feeds.geography"] == 1
    [event] = gated.quarantine.list("feeds.geography")
    assert (event.rule, event.column_name, event.value) == ("value", "population_count", "many")


def test_a_full_refresh_leaves_out_the_same_events(gated: GatedShop) -> None:
    incremental = gated.orders()
    gated.build("--full-refresh")
    assert gated.orders() == incremental


def test_the_shops_next_valid_change_takes_the_place(gated: GatedShop) -> None:
    gated.shop.put("orders", order_id=3, total_amount="60.00")
    gated.shop.put("orders", order_id=1, total_amount="20.00")
    gated.build()
    assert [(row[0], str(row[1])) for row in gated.orders()] == [(1, "20.00"), (2, "40.00"), (3, "60.00")]


def test_a_row_that_is_deleted_goes_whatever_its_values_were(gated: GatedShop) -> None:
    gated.shop.put("orders", order_id=2, total_amount="NaN")
    gated.build()
    assert 2 in [row[0] for row in gated.orders()]
    gated.shop.delete("orders", 2)
    gated.build()
    assert 2 not in [
        row[0] for row in gated.rows("select order_id from ods.ods_orders where _is_deleted = 0")
    ]
