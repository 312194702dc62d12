"""What rules read from a real ClickHouse, as the BI user, and a service's rounds over it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from clickhouse_connect.driver.client import Client

from application.alerts import Warehouse
from tests.fixtures.warehouse import RunningWarehouse
from tradewind.serving.alerts import rules
from tradewind.serving.alerts.pace import Activity
from tradewind.serving.alerts.published import Published
from tradewind.serving.alerts.readings import Outcome, Reader, Reading
from tradewind.serving.alerts.rules import Rule
from tradewind.serving.alerts.store import Store
from tradewind.serving.alerts.watch import STALE, Watch
from tradewind.warehouse import bronze
from tradewind.warehouse.bronze import LogTable
from tradewind.warehouse.client import WarehouseUnreachable

NOW = datetime(2026, 3, 30, 12, 0, 30, tzinfo=UTC)
"""A Monday; the clocks of Berlin were put forward on the day before."""
BERLIN = ZoneInfo("Europe/Berlin")
TABLES = {
    "rt.rt_order_metrics": "minute DateTime('UTC'), city String, channel String, order_count Int64",
    "rt.rt_funnel_metrics": "window_start DateTime('UTC'), platform String, views Int64, purchases Int64",
    "rt.rt_stock_alerts": "sku_id Int64, warehouse_id Int64, quantity Int64, is_below_safety_stock Bool, "
    "hours_left Nullable(Float64)",
    "rt.rt_freshness": "mart String, seconds_behind Float64, is_stale Bool",
}


@pytest.fixture(scope="module")
def admin(warehouse: RunningWarehouse) -> Iterator[Client]:
    """Tables with the columns of the marts, to be filled by hand."""
    client = warehouse.client("admin")
    for name, columns in TABLES.items():
        client.command(f"create or replace table {name} ({columns}) engine = MergeTree order by tuple()")
    client.command("insert into rt.rt_freshness values ('rt_order_metrics', 0.5, false)")
    client.command(bronze.create_table(LogTable(bronze.PLATFORM_DATABASE, bronze.MARKER_TABLE)))
    yield client
    for name in [*TABLES, "ops.alerts"]:
        client.command(f"drop table if exists {name}")


@pytest.fixture
def asked(warehouse: RunningWarehouse, admin: Client) -> Warehouse:
    for name in ("rt.rt_order_metrics", "rt.rt_funnel_metrics", "rt.rt_stock_alerts"):
        admin.command(f"truncate table {name}")
    return Warehouse(warehouse.bi_url, warehouse.writer_url)


def rule(name: str, **changes: Any) -> Rule:
    [found] = [rule for rule in rules.read() if rule.name == name]
    return Rule.model_validate(found.model_dump() | changes)


def orders(admin: Client, end: datetime, *counts: int, channel: str = "web") -> None:
    """So many orders in each of the minutes before `end`, the latest last."""
    for number, count in enumerate(reversed(counts), 1):
        minute = end.replace(second=0) - timedelta(minutes=number)
        admin.insert("rt.rt_order_metrics", [(minute, "Here", channel, count)])


def week_before(weeks: int) -> datetime:
    """Monday noon UTC is 14:00 in Berlin since yesterday; before, it was 13:00 UTC."""
    return NOW - timedelta(weeks=weeks) + timedelta(hours=1)


def take(asked: Warehouse, watched: Rule) -> Outcome:
    return Reader(asked.query, BERLIN).take(watched, NOW)


def reading(asked: Warehouse, watched: Rule) -> Reading:
    [found] = take(asked, watched).readings
    return found


def test_a_figure_is_the_sum_of_the_whole_minutes_in_its_window(asked: Warehouse, admin: Client) -> None:
    orders(admin, NOW, 100, *[1] * 29, 2)
    orders(admin, NOW + timedelta(minutes=1), 50)  # the minute that is not over
    watched = rule("no_purchases", limits={"below": 40})
    assert reading(asked, watched) == Reading("", is_alert=True, value=31.0)
    assert not reading(asked, rule("no_purchases", limits={"below": 31})).is_alert


def test_what_is_usual_is_the_median_of_the_same_time_by_the_shops_clocks(
    asked: Warehouse, admin: Client
) -> None:
    for weeks, count in ((1, 10), (2, 12), (3, 900), (4, 11)):
        orders(admin, week_before(weeks), count)
        orders(admin, week_before(weeks) - timedelta(hours=1), 5000)
    orders(admin, NOW, 30)
    found = reading(asked, rule("no_purchases", limits={"above_usual": 2, "below_usual": 0.5}))
    assert found == Reading("", is_alert=True, value=30.0, usual=11.5)


def test_no_orders_are_an_alert_only_where_there_usually_are_some(asked: Warehouse, admin: Client) -> None:
    for weeks in (1, 2, 3):
        orders(admin, week_before(weeks), 10)
    assert reading(asked, rule("no_purchases")) == Reading("", is_alert=True, value=0.0, usual=10.0)
    assert not reading(asked, rule("no_purchases", limits={"below": 1, "usual_at_least": 11})).is_alert


def test_a_shop_of_two_weeks_has_nothing_usual(asked: Warehouse, admin: Client) -> None:
    for weeks in (1, 2):
        orders(admin, week_before(weeks), 10)
    assert take(asked, rule("no_purchases")) == Outcome(
        unknown="the mart knows fewer than 3 of the weeks before"
    )


def test_a_rate_needs_enough_to_be_divided_by(asked: Warehouse, admin: Client) -> None:
    admin.command("insert into rt.rt_funnel_metrics values ('2026-03-30 11:30:00', 'web', 600, 3)")
    watched = rule("conversion_is_low", limits={"below": 0.01})
    assert take(asked, watched) == Outcome(unknown="fewer than 1000 views in the window")
    admin.command("insert into rt.rt_funnel_metrics values ('2026-03-30 11:35:00', 'ios', 600, 3)")
    assert reading(asked, watched) == Reading("", is_alert=True, value=0.005)


def test_rows_are_restricted(asked: Warehouse, admin: Client) -> None:
    orders(admin, NOW, 7)
    orders(admin, NOW, 9, channel="it's")
    figure = rule("no_purchases").model_dump()["figure"] | {"where": {"channel": "it's"}}
    assert reading(asked, rule("no_purchases", figure=figure, limits={"below": 10})).value == 9.0


def test_every_row_that_meets_the_condition_is_an_alert(asked: Warehouse, admin: Client) -> None:
    admin.command(
        "insert into rt.rt_stock_alerts values "
        "(7, 1, 3, true, 2.5), (8, 1, 50, false, null), (9, 2, 1, true, 9)"
    )
    assert take(asked, rule("stock_is_below_safety")).readings == (
        Reading("sku_id 7, warehouse_id 1", is_alert=True, value=3.0),
        Reading("sku_id 9, warehouse_id 2", is_alert=True, value=1.0),
    )
    assert [row.subject for row in take(asked, rule("stock_runs_out")).readings] == [
        "sku_id 7, warehouse_id 1"
    ]


class Round:
    """A service's rounds over the marts, without receivers."""

    def __init__(self, asked: Warehouse, folder: Path, *watched: Rule) -> None:
        self.store = Store(folder / "alerts.sqlite")
        self.watch = Watch(watched, asked.query, self.store, (), BERLIN, asked.activity, asked.publish)

    def firing(self) -> list[tuple[str, str]]:
        self.watch.round(datetime.now(UTC))
        return [(alert.rule, alert.subject) for alert in self.store.open_alerts()]


def test_a_change_of_a_table_shows_in_the_activity(asked: Warehouse, admin: Client) -> None:
    before = asked.activity()
    admin.command("create or replace table ml.more (id Int64) engine = MergeTree order by id")
    admin.command("insert into ml.more values (1)")
    assert asked.activity().rows != before.rows
    admin.command("drop table ml.more")


def test_stale_data_is_an_alert_and_rules_that_need_fresh_data_wait(
    asked: Warehouse, admin: Client, tmp_path: Path
) -> None:
    admin.command("insert into rt.rt_stock_alerts values (7, 1, 3, true, 2.5)")
    rounds = Round(asked, tmp_path, rule("stock_is_below_safety"), rule("data_is_stale"))
    stock = ("stock_is_below_safety", "sku_id 7, warehouse_id 1")
    assert rounds.firing() == [stock]
    admin.command("insert into rt.rt_freshness values ('rt_funnel_metrics', 99, true)")
    admin.command("truncate table rt.rt_stock_alerts")
    try:
        assert rounds.firing() == [("data_is_stale", "rt_funnel_metrics"), stock]
        assert rounds.store.unknown() == {"stock_is_below_safety": STALE}
    finally:
        admin.command("alter table rt.rt_freshness delete where is_stale settings mutations_sync = 2")


def test_a_mart_that_does_not_exist_is_said_and_stops_no_other_rule(
    asked: Warehouse, admin: Client, tmp_path: Path
) -> None:
    admin.command("insert into rt.rt_stock_alerts values (7, 1, 3, true, 2.5)")
    rounds = Round(asked, tmp_path, rule("order_looks_fraudulent"), rule("stock_is_below_safety"))
    assert rounds.firing() == [("stock_is_below_safety", "sku_id 7, warehouse_id 1")]
    assert "fraud_scores" in rounds.store.unknown()["order_looks_fraudulent"]


def test_a_warehouse_that_does_not_answer_is_an_alert(tmp_path: Path) -> None:
    away = Warehouse("http://bi:x@127.0.0.1:9/", "http://writer:x@127.0.0.1:9/")
    rounds = Round(away, tmp_path, rule("data_is_stale"), rule("no_purchases"))
    assert rounds.firing() == [("data_is_stale", "the warehouse does not answer")]


def published(asked: Warehouse) -> list[tuple[Any, ...]]:
    """The alerts on stock as readers see them."""
    query = (
        "select subject, state, value, resolved_at is null as is_open from ops.alerts "
        "where rule = 'stock_is_below_safety' order by subject"
    )
    return [tuple(row.values()) for row in asked.query(query, {})]


def test_open_and_resolved_alerts_are_in_the_warehouse(
    asked: Warehouse, admin: Client, tmp_path: Path
) -> None:
    watched = rule("stock_is_below_safety", for_seconds=0, resolved_after_seconds=0)
    rounds = Round(asked, tmp_path, watched)
    admin.command("insert into rt.rt_stock_alerts values (7, 1, 3, true, 2.5), (9, 2, 1, true, 9)")
    rounds.firing()
    admin.command("truncate table rt.rt_stock_alerts")
    admin.command("insert into rt.rt_stock_alerts values (9, 2, 1, true, 9)")
    rounds.firing()
    assert published(asked) == [
        ("sku_id 7, warehouse_id 1", "resolved", 3.0, 0),
        ("sku_id 9, warehouse_id 2", "firing", 1.0, 1),
    ]


def test_what_is_over_when_the_service_starts_again_is_shown_as_resolved(
    warehouse: RunningWarehouse, asked: Warehouse, admin: Client, tmp_path: Path
) -> None:
    """It was resolved while the warehouse did not answer, or its rule is gone."""
    admin.command("insert into rt.rt_stock_alerts values (7, 1, 3, true, 2.5)")
    Round(asked, tmp_path, rule("stock_is_below_safety", for_seconds=0)).firing()
    assert published(asked)[0][1] == "firing"
    Published(warehouse.client("writer")).write([])
    assert published(asked)[0][1] == "resolved"


def test_a_round_that_changes_nothing_writes_nothing(
    warehouse: RunningWarehouse, asked: Warehouse, admin: Client, tmp_path: Path
) -> None:
    admin.command("insert into rt.rt_stock_alerts values (7, 1, 3, true, 2.5)")
    rounds = Round(asked, tmp_path, rule("stock_is_below_safety", for_seconds=0))
    shown = Published(warehouse.client("writer"))
    rounds.firing()
    alerts = rounds.store.open_alerts()
    assert [shown.write(alerts), shown.write(alerts)] == [1, 0]


def test_the_service_goes_on_after_an_error(tmp_path: Path) -> None:
    """A round that raises is logged; the next ones are made, until it is told to stop."""
    asked, stopping = threading.Event(), threading.Event()

    def fail(sql: str, parameters: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        asked.set()
        raise ZeroDivisionError

    def away() -> Activity:
        raise WarehouseUnreachable

    watch = Watch(
        (rule("no_purchases"),), fail, Store(tmp_path / "a.sqlite"), (), BERLIN, away, lambda alerts: None
    )
    thread = threading.Thread(target=watch.run, args=(stopping,))
    thread.start()
    assert asked.wait(20)
    started = time.monotonic()
    stopping.set()
    thread.join(20)
    assert not thread.is_alive() and time.monotonic() - started < 5
