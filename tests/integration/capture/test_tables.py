"""Tables as PostgreSQL means them: generated columns, partitions, inheritance, and rows that DDL changes.

Each test runs on PostgreSQL 18 and 15; what differs between them is said where it does.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from application import health
from tests.fixtures.postgres import RunningPostgres
from tests.fixtures.warehouse import RunningWarehouse
from tests.integration.capture.conftest import Row, Shop, open_shop
from tests.integration.capture.test_capture_faults import wait_until

PARTITIONED = (
    "create table sales (id int, day date, amount numeric(10,2), primary key (id, day)) "
    "partition by range (day)",
    "create table sales_2025 partition of sales for values from ('2025-01-01') to ('2026-01-01')",
    "create table sales_2026 partition of sales for values from ('2026-01-01') to ('2027-01-01') "
    "partition by list (id)",
    "create table sales_2026_a partition of sales_2026 for values in (1, 2, 3)",
    "create table sales_2026_b partition of sales_2026 default",
)


@pytest.fixture(params=["postgres", "postgres_15"])
def shop(
    request: pytest.FixtureRequest, private_warehouse: RunningWarehouse, tmp_path: Path
) -> Iterator[Shop]:
    server: RunningPostgres = request.getfixturevalue(request.param)
    with open_shop(server, private_warehouse, tmp_path) as opened:
        yield opened


def rows(shop: Shop, table: str) -> list[Row]:
    """The rows of the table in bronze's fold, in the order of their ids."""
    return sorted(shop.state(table).values(), key=lambda row: (row["id"], str(row)))


def source_rows(
    shop: Shop, table: str, columns: str = "id, day::text || 'Z' as day, amount::text"
) -> list[Row]:
    with shop.source.cursor(row_factory=psycopg.rows.dict_row) as cursor:
        return cursor.execute(f"select {columns} from {table} order by id".encode()).fetchall()


def logs(shop: Shop) -> list[str]:
    """The names of the tables in bronze."""
    return shop.query("select name from system.tables where database = 'bronze' order by name").split()


def note(shop: Shop) -> str:
    return health.capture(shop.capture.home / "capture", shop.capture.owner_url) or ""


def test_a_partitioned_table_is_one_table_whatever_happens_to_its_partitions(shop: Shop) -> None:
    shop.run(*PARTITIONED, "insert into sales values (1, '2025-05-05', 1.5), (2, '2026-05-05', 2.5)")
    shop.capture.start()
    shop.run(
        "insert into sales values (9, '2026-06-06', 3.5)",
        "update sales set amount = 8 where id = 1",
        "update sales set id = 5 where id = 9",
    )
    assert rows(shop, "sales") == source_rows(shop, "sales")
    for change in (
        "create table sales_2027 (id int, day date, amount numeric(10,2), primary key (id, day))",
        "insert into sales_2027 values (77, '2027-01-02', 1)",
        "alter table sales attach partition sales_2027 for values from ('2027-01-01') to ('2028-01-01')",
        "insert into sales values (78, '2027-01-03', 1)",
        "truncate sales_2026_a",
        "insert into sales values (3, '2026-01-01', 4)",
        "alter table sales detach partition sales_2025",
        "drop table sales_2026",
        "truncate sales",
        "insert into sales values (79, '2027-01-04', 2)",
    ):
        shop.run(change)
        assert rows(shop, "sales") == source_rows(shop, "sales"), change
    assert set(logs(shop)) == {"sales", "sales_2025", "sales_2027"}


def test_an_empty_partitioned_table_stops_nothing_at_the_next_start(shop: Shop) -> None:
    shop.run(PARTITIONED[0], "create table others (id int primary key)")
    shop.capture.start()
    shop.capture.stop()
    shop.run("insert into others values (1)", PARTITIONED[1], "insert into sales values (4, '2025-01-01', 1)")
    shop.capture.start()
    assert rows(shop, "sales") == source_rows(shop, "sales")
    assert len(shop.state("others")) == 1 and set(logs(shop)) == {"others", "sales"}


def test_a_table_is_read_again_after_a_change_without_events_while_the_capture_was_down(shop: Shop) -> None:
    shop.run(*PARTITIONED, "insert into sales values (1, '2025-05-05', 1.5), (2, '2026-05-05', 2.5)")
    shop.capture.start()
    assert len(rows(shop, "sales")) == 2
    shop.capture.stop()
    shop.run(
        "alter table sales detach partition sales_2025", "alter table sales add column note text default 'x'"
    )
    shop.capture.start()
    expected = source_rows(shop, "sales", "id, day::text || 'Z' as day, amount::text, note")
    assert rows(shop, "sales") == expected


def test_stored_generated_columns_let_every_update_through(shop: Shop) -> None:
    shop.run(
        "create table sums (id int primary key, a int, doubled int generated always as (a * 2) stored)",
        "insert into sums values (1, 10)",
    )
    shop.capture.start()
    shop.run(
        "update sums set a = 11", "alter table sums add column tripled int generated always as (a * 3) stored"
    )
    shop.run("update sums set a = 12", "delete from sums", "insert into sums values (2, 1), (3, 2)")
    captured = {"doubled", "tripled"} if shop.source.info.server_version >= 180_000 else set()
    names = ", ".join(["id", "a", *sorted(captured)])
    assert rows(shop, "sums") == source_rows(shop, "sums", names)
    for name in {"doubled", "tripled"} - captured:
        wait_until(lambda name=name: f"public.sums.{name} is not captured: PostgreSQL logs" in note(shop))  # type: ignore[misc]


def test_virtual_generated_columns_let_every_update_through(shop: Shop) -> None:
    if shop.source.info.server_version < 180_000:
        pytest.skip("PostgreSQL has virtual generated columns since 18")
    shop.run(
        "create table prices (id int primary key, net int, note text)",
        "insert into prices values (1, 10, 'a')",
        "create table keyless (net int)",
        "create table indexed (net int not null)",
        "create unique index on indexed (net)",
    )
    shop.capture.start()
    for table in ("prices", "keyless", "indexed"):
        shop.run(f"alter table {table} add column gross int generated always as (net + 1) virtual")
    shop.run(
        "update prices set net = 11",
        "insert into prices values (2, 20, 'b')",
        "delete from prices where id = 1",
        "insert into keyless values (1)",
        "update keyless set net = 2",
        "insert into indexed values (1)",
        "update indexed set net = 2",
    )
    assert rows(shop, "prices") == [{"id": 2, "net": 20, "note": "b"}]
    wait_until(lambda: "public.prices.gross is not captured: PostgreSQL does not log" in note(shop))
    assert "public.keyless is not captured" in note(shop)
    shop.run("alter table prices drop constraint prices_pkey", "update prices set net = 21")
    wait_until(lambda: "public.prices is not captured" in note(shop))


def test_a_table_that_others_inherit_from_has_its_own_rows(shop: Shop) -> None:
    shop.run(
        "create table vehicles (id int primary key, name text)",
        "create table trucks (load int, primary key (id)) inherits (vehicles)",
        "insert into vehicles values (1, 'car')",
        "insert into trucks values (2, 'truck', 5)",
    )
    shop.capture.start()
    shop.run("update vehicles set name = name || '!'", "insert into trucks values (3, 'van', 6)")
    assert rows(shop, "vehicles") == source_rows(shop, "only vehicles", "id, name")
    assert rows(shop, "trucks") == source_rows(shop, "trucks", "id, name, load")
    shop.run("alter table vehicles add column wheels int not null default 4")
    assert rows(shop, "vehicles") == source_rows(shop, "only vehicles", "id, name, wheels")
    assert rows(shop, "trucks") == source_rows(shop, "trucks", "id, name, load, wheels")


DDL = (
    "alter table {table} add column colour text not null default 'red'",
    "alter table {table} add column token uuid default gen_random_uuid()",
    "alter table {table} rename column name to title",
    "alter table {table} alter column name type int using length(name)",
    "alter table {table} drop column name; alter table {table} add column name text",
    "alter table {table} alter column name set not null; alter table {table} drop constraint {table}_pkey; "
    "alter table {table} add primary key (name)",
    "alter table {table} rename to other; create table {table} (id int primary key, name text); "
    "insert into {table} values (9, 'new')",
    "drop table {table}; create table {table} (id int primary key); insert into {table} values (8)",
    "create schema elsewhere; create table elsewhere.stock (id int primary key); "
    "insert into elsewhere.stock values (5); drop table {table}; "
    "alter table elsewhere.stock rename to {table}; alter table elsewhere.{table} set schema public",
    "create table copied as select 7 as id, 'c' as name; drop table {table}; "
    "alter table copied add primary key (id); alter table copied rename to {table}",
)


def test_rows_that_ddl_changes_are_read_again(shop: Shop) -> None:
    changes = {f"things_{number}": change for number, change in enumerate(DDL)}
    for table in changes:
        shop.run(
            f"create table {table} (id int primary key, name text)",
            f"insert into {table} values (1, 'a'), (2, 'bb')",
        )
    shop.capture.start()
    for table, change in changes.items():
        assert len(rows(shop, table)) == 2
        shop.run(*change.format(table=table).split("; "))
        columns = ", ".join(
            f"{name}::text" if kind == "uuid" else name
            for name, kind in shop.source.execute(
                "select attname, atttypid::regtype::text from pg_attribute "
                "where attrelid = %s::regclass and attnum > 0 and not attisdropped order by attnum",
                (table,),
            )
        )
        assert rows(shop, table) == source_rows(shop, table, columns), change


def test_rows_that_change_while_a_table_is_read_again_are_those_of_the_source(shop: Shop) -> None:
    shop.run(
        "create table things (id int primary key, name text)",
        "insert into things select n, 'old' from generate_series(1, 20000) n",
    )
    shop.capture.start()
    shop.run("alter table things add column colour text not null default 'red'")
    for number in range(40):
        shop.run(
            f"update things set name = 'new {number}' where id % 40 = {number}",
            f"delete from things where id % 97 = {number}",
            f"insert into things values ({30000 + number}, 'late')",
        )
    assert rows(shop, "things") == source_rows(shop, "things", "id, name, colour")


def test_a_table_created_while_streaming_is_not_read_twice(shop: Shop) -> None:
    shop.capture.start()
    shop.run("create table fresh (id int primary key)", "insert into fresh values (1), (2)")
    assert [event["_op"] for event in shop.events("fresh")] == ["c", "c"]
    assert "read public.fresh again" not in shop.capture.log
