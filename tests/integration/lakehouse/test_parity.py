"""Every table of both engines, row for row, on the Olist shop: built whole, and built on after changes."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from connectors.feeds.change_log import Change, ChangeLog, Delivery, Row
from connectors.feeds.drops import ingest
from connectors.feeds.enrichment import SUBJECTS
from connectors.feeds.samples import write_samples
from tests.fixtures.lakehouse import TwoEngines
from tests.integration.lakehouse.comparison import Content, differences
from tests.integration.lakehouse.tables import LAYERS, Tables, clickhouse_tables, spark_tables

pytestmark = pytest.mark.timeout(1800)

CHANGES = Path(__file__).with_name("changes.sql")
# When a row was written, and by which run: what a full refresh says differently of the same content.
RUN_COLUMNS = ("_loaded_at", "_version")
# Minutes more: the first build makes every table (else the facts and what they read, and the second one the
# others as well), and dbt's tests run on Spark too.
IS_THOROUGH = bool(os.environ.get("TRADEWIND_THOROUGH"))
FACTS = ("--select", "+path:dbt_project/models/cdm/facts")


@dataclass(frozen=True)
class Built:
    """What both engines held after a build."""

    clickhouse: Tables
    spark: Tables


def read(engines: TwoEngines) -> Built:
    with closing(engines.warehouse.client("admin")) as client:
        clickhouse = clickhouse_tables(client)
    with engines.lake.session() as session:
        return Built(clickhouse, spark_tables(session))


@pytest.fixture(scope="module")
def whole(two_engines: TwoEngines) -> Built:
    """Both engines, built from nothing: all tables, or the facts and what they read."""
    two_engines.build(*([] if IS_THOROUGH else FACTS))
    return read(two_engines)


@pytest.fixture(scope="module")
def continued(two_engines: TwoEngines, whole: Built) -> Built:
    """Both engines, built on after changes in the shop and a replay of old events."""
    with two_engines.shop() as shop:
        shop.execute(CHANGES.read_bytes())
    two_engines.capture.wait_until_caught_up()
    replay_old_events(two_engines)
    deliver_feeds(two_engines)
    two_engines.build_on(with_tests=IS_THOROUGH)
    return read(two_engines)


def replay_old_events(engines: TwoEngines) -> None:
    """Deliver again, after all that came since, what was captured first: states of the initial snapshot."""
    columns = "_topic, _partition, _offset, _timestamp, _key, payload"
    with closing(engines.warehouse.client("admin")) as client:
        for table in ("reviews", "orders", "payments", "geolocations"):
            where = "_op = 'r' and cityHash64(_key) % 5 = 0"
            client.command(
                f"insert into bronze.{table} ({columns}) select {columns} from bronze.{table} where {where}"
            )


def deliver_feeds(engines: TwoEngines) -> None:
    """A month of files, and what the reputation service says of one address and one device."""
    drops = engines.folder / "drops"
    write_samples(drops, date(2026, 10, 1), seed=1)
    verdict: Row = {"previous_incident_count": 3, "risk_score": "0.9000"}
    answers: dict[str, Row] = {
        "ip_address": {"country": "TH", "network_kind": "tor", "is_vpn": False, "is_tor": True},
        "device_fingerprint": {"device_kind": "emulator", "is_emulator": True, "is_automated": False},
    }
    with closing(engines.warehouse.client("admin")) as client:
        assert [outcome.result for outcome in ingest(drops, client)] == ["ingested"] * 2
        for subject in SUBJECTS:
            log = ChangeLog(client, subject.feed, (subject.column,))
            moment = log.moment()
            row = {subject.column: "known", "looked_up_at": moment.isoformat(), **verdict}
            change = Change("c", {**row, **answers[subject.column]})
            log.append(Delivery([change], {"service": "reputation"}, moment))


def assert_same(one: Tables, other: Tables, sides: tuple[str, str]) -> None:
    assert sorted(one) == sorted(other)
    found = [differences(name, one[name], other[name], sides) for name in one]
    assert not any(found), "\n".join(filter(None, found))


def without_run_columns(tables: Tables) -> Tables:
    return {name: _without_run_columns(table) for name, table in tables.items()}


def _without_run_columns(table: Content) -> Content:
    kept = [place for place, name in enumerate(table.columns) if name not in RUN_COLUMNS]
    rows = tuple(tuple(row[place] for place in kept) for row in table.rows)
    return Content(tuple(table.columns[place] for place in kept), rows)


def test_every_table_has_the_same_rows_on_both_engines(whole: Built) -> None:
    assert_same(whole.clickhouse, whole.spark, ("clickhouse", "spark"))


def test_the_shop_is_all_there(whole: Built) -> None:
    assert len(whole.spark["ods.ods_orders"].rows) == 8135
    assert len(whole.spark["cdm.fact_orders"].rows) == 8135
    assert len(whole.spark["cdm.fact_payments"].rows) > 8135


def test_every_table_has_the_same_rows_on_both_engines_after_changes(whole: Built, continued: Built) -> None:
    assert_same(continued.clickhouse, continued.spark, ("clickhouse", "spark"))
    assert {name.split(".")[0] for name in continued.spark} == set(LAYERS)
    empty = {name for name, table in continued.spark.items() if not table.rows}
    assert not empty, "the changes reach every table, or there is nothing to compare"
    assert len(continued.spark["ods.ods_orders"].rows) < len(whole.spark["ods.ods_orders"].rows)


def test_building_on_gives_what_a_full_refresh_gives(two_engines: TwoEngines, continued: Built) -> None:
    """Spark's increments against ClickHouse's full refresh, which both engines were seen to do alike."""
    two_engines.build_on_clickhouse(two_engines.moment, "--full-refresh")
    with closing(two_engines.warehouse.client("admin")) as client:
        refreshed = clickhouse_tables(client)
    assert_same(
        without_run_columns(refreshed),
        without_run_columns(continued.spark),
        ("full refresh", "spark, built on"),
    )
