"""Every table of both engines, row for row, on the Olist shop: built whole, and built on after changes.

These are several builds of everything, so only a thorough run (`TRADEWIND_THOROUGH`) does them. In any run
`tests/e2e/test_lakehouse.py` compares every table after a build and a change, and `test_macro_parity` builds
small tables.
"""

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
from tests.integration.lakehouse.tables import (
    LAYERS,
    Tables,
    assert_same,
    clickhouse_tables,
    spark_tables,
    without_run_columns,
)

pytestmark = [
    pytest.mark.timeout(3600),
    pytest.mark.skipif(
        not os.environ.get("TRADEWIND_THOROUGH"), reason="both engines build all in a thorough run alone"
    ),
]

CHANGES = Path(__file__).with_name("changes.sql")
STAGES = ("whole", "continued")


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
    """Both engines, built from nothing."""
    two_engines.build()
    return read(two_engines)


@pytest.fixture(scope="module")
def continued(two_engines: TwoEngines, whole: Built) -> Built:
    """Both engines, built on after changes in the shop and a replay of old events, and tested by dbt."""
    change(two_engines)
    two_engines.build_on()
    return read(two_engines)


@pytest.fixture(scope="module", params=STAGES)
def built(request: pytest.FixtureRequest) -> Built:
    """Both engines after one build, then after the other."""
    return _stage(request, request.param)


@pytest.fixture(scope="module")
def last(request: pytest.FixtureRequest) -> Built:
    """Both engines after the last build, with all changes in them."""
    return _stage(request, STAGES[-1])


def _stage(request: pytest.FixtureRequest, name: str) -> Built:
    found = request.getfixturevalue(name)
    assert isinstance(found, Built)
    return found


def change(engines: TwoEngines) -> None:
    """Change every table of the shop, replay old events and deliver the feeds."""
    with engines.shop() as shop:
        shop.execute(CHANGES.read_bytes())
    engines.capture.wait_until_caught_up()
    replay_old_events(engines)
    deliver_feeds(engines)


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
            log = ChangeLog(client, subject.feed.name, subject.feed.key)
            moment = log.next_time()
            row = {subject.column: "known", "looked_up_at": moment.isoformat(), **verdict}
            change = Change("c", {**row, **answers[subject.column]})
            log.append(Delivery([change], {"service": "reputation"}, moment))


def test_every_table_has_the_same_rows_on_both_engines(built: Built) -> None:
    assert_same(built.clickhouse, built.spark, ("clickhouse", "spark"))


def test_the_shop_is_all_there(two_engines: TwoEngines, last: Built) -> None:
    with two_engines.shop() as shop:
        for table in ("orders", "order_items", "payments", "reviews"):
            row = shop.execute(f"select count(*) from {table}".encode()).fetchone()
            assert row is not None and row[0] > 7000
            assert len(last.spark[f"ods.ods_{table}"].rows) == row[0]
    assert len(last.spark["cdm.fact_orders"].rows) == len(last.spark["ods.ods_orders"].rows)


def test_the_changes_reach_every_table(last: Built) -> None:
    """Or there would be nothing to compare."""
    assert {name.split(".")[0] for name in last.spark} == set(LAYERS)
    assert not {name for name, table in last.spark.items() if not table.rows}


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
