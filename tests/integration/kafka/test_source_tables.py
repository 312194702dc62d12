"""Which tables of real sources are captured through Kafka, and what the connector is told to leave out."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from connectors.kafka.source_tables import read_source
from tests.fixtures.capture import source_for_capture
from tests.fixtures.mariadb import RunningMariadb
from tests.fixtures.postgres import RunningPostgres
from tradewind.marketplace import schema
from tradewind.source.mysql.connection import connect, rows
from tradewind.source.naming import TableName
from tradewind.source.publication import exclude

DATABASE = "source_tables"
OWNED = TableName("sales", "orders")
DDL = """
create schema sales;
grant usage on schema sales to tradewind_cdc;
alter default privileges in schema sales grant select on tables to tradewind_cdc;
insert into cdc.captured_schemas values ('sales');
create table orders (order_id bigint primary key, position point, amount numeric(18, 2));
create table sales.orders (order_id bigint, line bigint, primary key (order_id, line));
create table "sales orders" (order_id bigint primary key);
create table secrets (secret_id bigint primary key);
create table notes (note text);
"""


@pytest.fixture(scope="module")
def urls(postgres: RunningPostgres) -> Iterator[tuple[str, str]]:
    source_for_capture(postgres, DATABASE)
    owner, capture = (
        url.replace("/ecomm", f"/{DATABASE}") for url in (postgres.owner_url, postgres.replication_url)
    )
    with psycopg.connect(owner) as connection:
        connection.execute(DDL.encode())
        exclude(connection, TableName("public", "secrets"))
    yield owner, capture


def test_tables_of_all_captured_schemas_are_captured_by_their_keys(urls: tuple[str, str]) -> None:
    source = read_source(urls[1]).with_owners({OWNED.collision_key: OWNED})
    assert {each.topic: each.key for each in source.tables} == {
        "ecomm.cdc.cdc.heartbeat": ("heartbeat_id",),
        "ecomm.cdc.cdc.signal": ("id",),
        "ecomm.cdc.notes": (),
        "ecomm.cdc.orders": ("order_id",),
        "ecomm.cdc.sales.orders": ("order_id", "line"),
    }
    assert source.columns.keys() == source.structures.keys() - {
        TableName("public", "sales orders"), TableName("public", "secrets"),
    }  # fmt: skip


def test_what_collides_is_refused_by_name_and_left_out_by_the_connector(urls: tuple[str, str]) -> None:
    source = read_source(urls[1]).with_owners({OWNED.collision_key: OWNED})
    assert 'public."sales orders"' in source.refused
    assert "public.secrets" not in source.refused  # excluded on purpose
    lists = source.properties
    assert lists["schema.include.list"] == "(?-i:cdc),(?-i:public),(?-i:sales)"
    assert r"public[.]sales\x{20}orders" in lists["table.exclude.list"]
    assert "public[.]secrets" in lists["table.exclude.list"]


def test_on_mariadb_the_shops_database_stands_for_public(mariadb: RunningMariadb) -> None:
    mariadb.empty()
    schema.init(mariadb.url("owner"))
    with connect(mariadb.url("owner")) as shop:
        rows(shop, "create table `user events` (event_id bigint primary key)")
    source = read_source(mariadb.url("cdc")).with_owners({})
    tables = {each.topic: each for each in source.tables}
    assert tables["ecomm.cdc.cart_items"].key == ("cart_id", "sku_id")
    assert tables["ecomm.cdc.cart_items"].event_schema == "ecomm"
    assert tables["ecomm.cdc.cdc.heartbeat"].event_schema == "cdc"
    assert str(tables["ecomm.cdc.orders"].log) == "bronze.`orders`"
    assert source.refused.keys() == {'public."user events"'}
    assert source.properties == {"table.exclude.list": r"(?-i:ecomm[.]user\x{20}events)"}
