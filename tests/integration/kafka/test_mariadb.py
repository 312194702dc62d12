"""The shop on MariaDB, captured through Kafka: ODS is PostgreSQL's, row for row, from the same seed."""

from __future__ import annotations

import datetime as dt
import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from clickhouse_connect.driver.client import Client

from connectors.kafka import jars
from simulator.plan import make_plan
from simulator.seed import seed
from tests.fixtures.capture import RunningCapture
from tests.fixtures.dbt import DbtWarehouse
from tests.fixtures.kafka import RunningKafka, need_jars, wait_for
from tests.fixtures.mariadb import RunningMariadb
from tests.fixtures.postgres import RunningPostgres
from tests.integration.marketplace.conftest import _in_database
from tradewind.marketplace import schema
from tradewind.source.mysql.connection import connect, rows
from tradewind.stack import postgres as server

PLAN = make_plan("small", 7, 30, dt.date(2026, 6, 1), dt.date(2026, 6, 1))
OWN_COLUMNS = {"_version", "_position", "_op", "_is_deleted", "_changed_at", "_loaded_at", "_value_positions"}


@pytest.fixture(scope="module")
def through_kafka(
    tmp_path_factory: pytest.TempPathFactory, mariadb: RunningMariadb, dbt_parsed: Path
) -> Iterator[tuple[RunningKafka, DbtWarehouse]]:
    """MariaDB with a seeded shop, its connector, and a warehouse that has landed all of it."""
    need_jars(jars.BROKER, "debezium-mariadb")
    folder = tmp_path_factory.mktemp("kafka_mariadb")
    mariadb.empty()
    schema.init(mariadb.url("owner"))
    seed(mariadb.url("owner"), PLAN)
    warehouse = DbtWarehouse(folder / "warehouse", dbt_parsed)
    warehouse.start()
    urls = {
        "DATABASE_URL": mariadb.url("owner"),
        "DATABASE_APP_URL": mariadb.url("app"),
        "DATABASE_REPLICATION_URL": mariadb.url("cdc"),
    }
    kafka = RunningKafka(folder / "home", urls, warehouse.warehouse)
    try:
        kafka.start("broker", "connect", "landing")
        kafka.connectors.apply()
        kafka.wait_until_captured()
        yield kafka, warehouse
    finally:
        kafka.stop_all()
        warehouse.warehouse.stop(signal.SIGKILL)


@pytest.fixture(scope="module")
def embedded(
    tmp_path_factory: pytest.TempPathFactory, postgres: RunningPostgres, dbt_parsed: Path
) -> Iterator[DbtWarehouse]:
    """The same shop on PostgreSQL, captured by the embedded engine."""
    folder = tmp_path_factory.mktemp("kafka_postgres")
    with psycopg.connect(postgres.superuser_url, autocommit=True) as connection:
        connection.execute(f"create database same_shop owner {server.OWNER}".encode())
    schema.init(_in_database(postgres.owner_url, "same_shop"))
    seed(_in_database(postgres.owner_url, "same_shop"), PLAN)
    warehouse = DbtWarehouse(folder / "warehouse", dbt_parsed)
    warehouse.start()
    capture = RunningCapture(folder / "home", postgres, warehouse.warehouse.writer_url, "same_shop")
    try:
        capture.spawn()
        capture.wait_for(lambda status: status.state == "streaming", 300)
        capture.wait_until_caught_up(300)
        yield warehouse
    finally:
        capture.remove()
        warehouse.warehouse.stop(signal.SIGKILL)


def ods(client: Client) -> dict[str, list[tuple[Any, ...]]]:
    """Table -> its rows in order, the source's columns only; JSON by its meaning."""
    tables = client.query("select name from system.tables where database = 'ods' and name like 'ods_%'")
    found = {}
    for (name,) in tables.result_rows:
        columns = client.query(
            "select name from system.columns where database = 'ods' and table = {t:String} order by position",
            parameters={"t": name},
        ).result_columns[0]
        listed = ", ".join(f"`{column}`" for column in columns if column not in OWN_COLUMNS)
        rows_found = client.query(f"select {listed} from ods.{name} where _is_deleted = 0").result_rows
        found[name] = sorted((tuple(_plain(value) for value in row) for row in rows_found), key=repr)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("{", "["):
        return json.dumps(json.loads(value), sort_keys=True)
    return value


def test_ods_is_the_same_on_both_families_row_for_row(
    through_kafka: tuple[RunningKafka, DbtWarehouse], embedded: DbtWarehouse
) -> None:
    for warehouse in (through_kafka[1], embedded):
        warehouse.must("run", "--select", "path:dbt_project/models/ods", "--exclude", "path:*feeds*")
    maria, postgres = ods(through_kafka[1].client()), ods(embedded.client())
    assert sum(map(len, maria.values())) > 40_000
    for table, expected in postgres.items():
        assert maria[table] == expected, table
    assert maria.keys() == postgres.keys()


def test_changes_deletes_and_a_truncate_arrive_in_the_order_of_the_binlog(
    through_kafka: tuple[RunningKafka, DbtWarehouse],
) -> None:
    kafka, warehouse = through_kafka
    with connect(kafka.urls["DATABASE_APP_URL"]) as shop:
        rows(shop, "update products set product_name = 'First' where product_id = 1")
        rows(shop, "update products set product_name = 'Second' where product_id = 1")
    kafka.wait_until_captured()
    changes = (
        warehouse.client()
        .query(
            "select _position, JSONExtractString(assumeNotNull(payload), 'after', 'product_name') as name "
            "from bronze.products where _op = 'u' order by _position"
        )
        .result_rows
    )
    assert [name for _, name in changes][-2:] == ["First", "Second"]
    assert all(len(position) == 38 and position[:10] == "0000000000" for position, _ in changes)


def test_events_are_as_their_published_schemas_say(
    through_kafka: tuple[RunningKafka, DbtWarehouse],
) -> None:
    assert through_kafka[0].connectors.drift() == []


def test_a_connector_restarted_from_an_old_offset_repeats_and_changes_nothing(
    through_kafka: tuple[RunningKafka, DbtWarehouse],
) -> None:
    kafka, warehouse = through_kafka
    name = "mariadb-source"
    old = kafka.connect.offsets(name)
    with connect(kafka.urls["DATABASE_APP_URL"]) as shop:
        rows(shop, "update products set product_name = 'Third' where product_id = 1")
    kafka.wait_until_captured()
    name_of = "JSONExtractString(assumeNotNull(payload), 'after', 'product_name')"
    newest = f"select argMax({name_of}, _position), count() "
    before = warehouse.client().query(f"{newest} from bronze.products where _op = 'u'").result_rows[0]
    kafka.connect.stop(name)
    kafka.connect.wait_until(name, "STOPPED", 60)
    kafka.connect.alter_offsets(name, old)
    kafka.connect.resume(name)
    kafka.connect.wait_until(name, "RUNNING", 60)

    def repeated() -> Any:
        found = warehouse.client().query(f"{newest} from bronze.products where _op = 'u'").result_rows[0]
        return found[1] > before[1] and found

    assert wait_for(repeated, "the events come again")[0] == before[0] == "Third"
