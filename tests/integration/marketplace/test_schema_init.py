"""`schema.init`: repeatable, strict about what it finds, and complete for the capture."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import psycopg
import pytest

from tests.fixtures.postgres import RunningPostgres, free_port
from tests.integration.marketplace.conftest import ONE_OF_EACH, Shop
from tradewind.marketplace import schema
from tradewind.settings import PROJECT_ROOT
from tradewind.source.catalog import read_catalog
from tradewind.source.publication import SourceError
from tradewind.stack import postgres as server

TABLES = {
    "users",
    "customers",
    "sellers",
    "categories",
    "suppliers",
    "products",
    "product_skus",
    "warehouses",
    "inventory",
    "inventory_log",
    "orders",
    "order_items",
    "order_status_history",
    "payments",
    "shipments",
    "order_returns",
    "reviews",
    "user_events",
    "carts",
    "cart_items",
    "wishlists",
    "vouchers",
    "voucher_redemptions",
    "flash_sales",
    "campaigns",
    "campaign_spend",
    "fx_rates",
    "geolocations",
    "payouts",
    "payout_lines",
    "fraud_cases",
    "sku_price_history",
    "seller_contract_history",
    "customer_tier_history",
}


def column(connection: psycopg.Connection, query: str) -> set[str]:
    return {row[0] for row in connection.execute(query.encode())}


@pytest.fixture(scope="module")
def embedded(postgres: RunningPostgres) -> RunningPostgres:
    """The cluster's own database, where a superuser prepared publication and event trigger."""
    schema.init(postgres.owner_url)
    return postgres


def test_a_second_init_changes_nothing(shop: Shop) -> None:
    report = schema.init(shop.owner_url)
    assert report.applied == ()
    assert len(report.unchanged) == len(list(schema.FOLDER.glob("*/*.sql")))


def test_changed_rules_are_applied_again_and_keep_the_data(shop: Shop) -> None:
    with psycopg.connect(shop.owner_url) as connection:
        connection.execute("update tradewind.schema_version set checksum = 'old' where file like 'rules/02%'")
        before = connection.execute("select count(*) from orders").fetchone()
    report = schema.init(shop.owner_url)
    assert "rules/020_orders.sql" in report.applied
    assert not any(name.startswith("tables/") for name in report.applied)
    with psycopg.connect(shop.owner_url) as connection:
        assert connection.execute("select count(*) from orders").fetchone() == before
        assert connection.execute("select count(*) from rules.violations()").fetchone() == (0,)


def test_a_changed_table_file_is_refused_by_name(new_database: Callable[[], Shop]) -> None:
    made = new_database()
    schema.init(made.owner_url)
    with psycopg.connect(made.owner_url) as connection:
        connection.execute(
            "update tradewind.schema_version set checksum = 'old' where file = 'tables/060_orders.sql'"
        )
    with pytest.raises(schema.SchemaError, match=r"tables/060_orders\.sql has changed"):
        schema.init(made.owner_url)


def test_init_takes_all_or_nothing(new_database: Callable[[], Shop]) -> None:
    made = new_database()
    with psycopg.connect(made.owner_url) as connection:
        connection.execute("create table wishlists (mine text)")
    with pytest.raises(schema.SchemaError, match=r"tables/090_behaviour\.sql failed"):
        schema.init(made.owner_url)
    with psycopg.connect(made.owner_url) as connection:
        assert column(
            connection, "select relname from pg_class where relnamespace = 'public'::regnamespace"
        ) == {"wishlists"}


def test_every_table_is_there_with_a_meaning_for_each_column(shop: Shop) -> None:
    tables = read_catalog(shop.owner_url)
    assert {table.name for table in tables} == TABLES
    for table in tables:
        assert table.comment, table.name
        assert table.primary_key, table.name
        assert [each.name for each in table.columns if not each.comment] == [], table.name


def test_every_captured_table_keeps_full_rows_and_is_published(embedded: RunningPostgres) -> None:
    with psycopg.connect(embedded.owner_url) as connection:
        partial = (
            "select relname from pg_class where relkind = 'r' and relreplident <> 'f' "
            "and (relnamespace = 'public'::regnamespace or relname in ('heartbeat', 'signal'))"
        )
        assert column(connection, partial) == set()
        published = "select tablename from pg_publication_tables where pubname = 'tradewind'"
        assert column(connection, published) >= TABLES | {"heartbeat", "signal"}


def test_a_new_table_is_captured_without_touching_a_list(embedded: RunningPostgres) -> None:
    with psycopg.connect(embedded.owner_url) as connection:
        connection.execute("create table brand_new (id bigint primary key)")
        identity = connection.execute(
            "select relreplident from pg_class where relname = 'brand_new'"
        ).fetchone()
        assert identity == ("f",)
        published = "select tablename from pg_publication_tables where pubname = 'tradewind'"
        assert "brand_new" in column(connection, published)
        connection.rollback()


def test_without_a_superuser_new_tables_are_published_by_the_next_init_and_it_says_so(
    new_database: Callable[[], Shop],
) -> None:
    made = new_database()
    report = schema.init(made.owner_url)
    assert any("run `tradewind source init` again" in note for note in report.notes)
    with psycopg.connect(made.owner_url) as connection:
        connection.execute("create table brand_new (id bigint primary key)")
    schema.init(made.owner_url)
    with psycopg.connect(made.owner_url) as connection:
        published = "select tablename from pg_publication_tables where pubname = 'tradewind'"
        assert column(connection, published) == TABLES | {"heartbeat", "signal", "brand_new"}
        identity = connection.execute(
            "select relreplident from pg_class where relname = 'brand_new'"
        ).fetchone()
        assert identity == ("f",)


@pytest.fixture
def replica_level_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPostgres]:
    running = RunningPostgres(tmp_path_factory.mktemp("replica_level") / "data", free_port())
    server.prepare(running.data, running.passwords)
    with (running.data / "tradewind.conf").open("a") as configuration:
        configuration.write("wal_level = replica\n")
    running.start()
    yield running
    running.stop()


def test_a_server_without_logical_wal_is_refused_with_the_way_out(
    replica_level_server: RunningPostgres,
) -> None:
    with pytest.raises(SourceError, match="alter system set wal_level = logical"):
        schema.init(replica_level_server.owner_url)


def test_one_row_in_each_table_is_one_row_in_each_table(shop: Shop) -> None:
    """The other tests rely on it: no table is empty."""
    with psycopg.connect(shop.owner_url) as connection:
        empty = [
            name
            for name in TABLES
            if connection.execute(f"select exists (select from {name})".encode()).fetchone() == (False,)
        ]
    assert empty == [], ONE_OF_EACH.name


def test_the_schemas_page_names_every_table_and_rule() -> None:
    page = (PROJECT_ROOT / "docs" / "source-schema.md").read_text()
    rules = re.findall(r"select\s+'(\w+)',", (schema.FOLDER / "rules" / "080_violations.sql").read_text())
    assert len(rules) > 15
    assert [name for name in {*TABLES, *rules} if f"`{name}`" not in page] == []
