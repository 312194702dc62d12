"""Changes in the source land in bronze: every operation, type and size, in the order of the log.

The tests share one capture; each has its own table.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.fixtures.postgres import RunningPostgres
from tests.fixtures.warehouse import RunningWarehouse
from tests.integration.capture.conftest import Row, Shop, open_shop
from tradewind.warehouse import bronze

TYPES: list[tuple[str, str, Any]] = [
    ("numeric(18, 2)", "12345678901234.56", "12345678901234.56"),
    ("numeric", "'NaN'", "NAN"),
    ("numeric(30, 10)", "-0.0000000001", "-0.0000000001"),
    ("bigint", "9223372036854775807", 9223372036854775807),
    ("smallint", "-32768", -32768),
    ("double precision", "0.1", 0.1),
    ("boolean", "true", True),
    (
        "text",
        "E'tab\\t newline\\n return\\r quote\" backslash\\\\ comma,'",
        'tab\t newline\n return\r quote" backslash\\ comma,',
    ),
    ("text", "'emoji 🛒 สวัสดี \u2028'", "emoji 🛒 สวัสดี \u2028"),
    ("text", "''", ""),
    ("text", "null", None),
    ("text", "'\\N'", "\\N"),
    ("json", '\'{"nul": "a\\u0000b"}\'', '{"nul": "a\\u0000b"}'),
    ("jsonb", '\'{"b": [1, null, {"c": "d"}]}\'', '{"b": [1, null, {"c": "d"}]}'),
    ("uuid", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
    ("bytea", "'\\x00ff10'", "AP8Q"),
    ("text[]", "array['a', null, 'c,\"d']", ["a", None, 'c,"d']),
    ("bigint[]", "array[1, 2]::bigint[]", [1, 2]),
    ("date", "'2026-01-02'", "2026-01-02Z"),
    ("time check ({} < '24:00')", "'10:11:12.5'", "10:11:12.5Z"),
    ("timestamptz", "'2026-01-02 03:04:05.678901+07'", "2026-01-01T20:04:05.678901Z"),
    ("timestamp", "'2026-01-02 03:04:05.6'", "2026-01-02T03:04:05.6Z"),
    ("interval check (isfinite({}))", "'1 mon 1 day 02:03:04.5'", "P0Y1M1DT2H3M4.5S"),
    ("mood", "'so-so'", "so-so"),
    ("inet", "'10.0.0.1'", "10.0.0.1"),
]

COLUMNS = ", ".join(f"c{number} {kind.format(f'c{number}')}" for number, (kind, _, _) in enumerate(TYPES))
VALUES = ", ".join(literal for _, literal, _ in TYPES)
BEFORE_THE_START = (
    "create type mood as enum ('good', 'so-so')",
    f"create table samples (id bigint primary key, {COLUMNS})",
    f"insert into samples values (1, {VALUES})",
    "create table validity (id bigint primary key, until timestamptz)",
    "insert into validity values (1, 'infinity'), (2, '-infinity')",
    "create table empty (id bigint primary key)",
    "create table early (id bigint primary key, name text)",
    "alter table early replica identity full",
    "insert into early values (1, 'before')",
)


@pytest.fixture(scope="module")
def shop(
    postgres: RunningPostgres, private_warehouse: RunningWarehouse, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shop]:
    """One shop for all, with a few tables and rows from before the capture's start."""
    with open_shop(postgres, private_warehouse, tmp_path_factory.mktemp("changes")) as opened:
        opened.run(*BEFORE_THE_START)
        opened.capture.start()
        yield opened


def new_table(shop: Shop, name: str, columns: str = "id bigint primary key, name text") -> None:
    shop.run(f"create table {name} ({columns})", f"alter table {name} replica identity full")


def key(number: int, name: str = "id") -> str:
    return f'{{"{name}":{number}}}'


def operations(events: list[Row]) -> list[str]:
    return [event["_op"] for event in events]


def test_rows_from_before_and_after_the_start_are_captured(shop: Shop) -> None:
    shop.run("insert into early values (2, 'after')", "update early set name = 'changed' where id = 1")
    events = shop.events("early")
    assert operations(events) == ["r", "c", "u"]
    assert shop.state("early") == {
        key(1): {"id": 1, "name": "changed"},
        key(2): {"id": 2, "name": "after"},
    }
    assert events[2]["payload"]["before"] == {"id": 1, "name": "before"}


def test_changes_of_one_row_in_one_transaction_have_their_own_ordered_positions(shop: Shop) -> None:
    new_table(shop, "ordered")
    with shop.connect() as session:
        session.execute("insert into ordered values (1, 'a')")
        session.execute("update ordered set name = 'b' where id = 1")
        session.execute("delete from ordered where id = 1")
        session.execute("insert into ordered values (1, 'c')")
    events = shop.events("ordered")
    assert operations(events) == ["c", "u", "d", "c"]
    assert len({event["_position"] for event in events}) == 4
    assert shop.state("ordered") == {key(1): {"id": 1, "name": "c"}}


def test_a_key_that_changes_is_a_delete_and_an_insert(shop: Shop) -> None:
    new_table(shop, "moving")
    shop.run("insert into moving values (1, 'moves')")
    shop.run("update moving set id = 2")
    assert sorted(operations(shop.events("moving"))) == ["c", "c", "d"]
    assert shop.state("moving") == {key(2): {"id": 2, "name": "moves"}}


def test_a_rolled_back_transaction_is_not_captured(shop: Shop) -> None:
    new_table(shop, "undone")
    session = shop.connect()
    session.execute("insert into undone values (1, 'never')")
    session.rollback()
    session.close()
    shop.run("insert into undone values (2, 'kept')")
    assert [event["_key"] for event in shop.events("undone")] == [key(2)]


def test_a_truncate_lands_without_a_key_and_empties_the_table(shop: Shop) -> None:
    new_table(shop, "emptied")
    shop.run("insert into emptied select n, 'old' from generate_series(1, 10) n")
    shop.run("truncate emptied", "insert into emptied values (3, 'new')")
    events = shop.events("emptied")
    assert [(event["_op"], event["_key"]) for event in events[-2:]] == [("t", None), ("c", key(3))]
    assert shop.state("emptied") == {key(3): {"id": 3, "name": "new"}}


def test_a_table_created_later_gets_its_bronze_table_with_its_first_row(shop: Shop) -> None:
    shop.run("create table latecomers (id bigint primary key)", "insert into latecomers values (7)")
    assert shop.state("latecomers") == {key(7): {"id": 7}}


def test_a_table_without_rows_can_be_read(shop: Shop) -> None:
    assert shop.events("empty") == []


def test_an_added_column_appears_in_later_rows(shop: Shop) -> None:
    new_table(shop, "widened")
    shop.run("insert into widened values (1, 'narrow')")
    shop.run("alter table widened add column weight numeric(8, 3) default 1.5")
    shop.run(
        "insert into widened values (2, 'wide', 2.250)", "update widened set name = 'touched' where id = 1"
    )
    assert shop.state("widened") == {
        key(1): {"id": 1, "name": "touched", "weight": "1.500"},
        key(2): {"id": 2, "name": "wide", "weight": "2.250"},
    }


def test_a_row_of_a_megabyte_lands_whole(shop: Shop) -> None:
    new_table(shop, "large")
    text = "".join(hashlib.sha256(bytes([n % 256, n // 256])).hexdigest() for n in range(16_384))
    shop.source.execute("insert into large values (1, %s)", (text,))
    shop.run("update large set id = 2 where id = 1")
    assert len(text) == 1_048_576
    assert shop.state("large") == {key(2): {"id": 2, "name": text}}


def test_unchanged_toasted_values_are_in_the_event(shop: Shop) -> None:
    new_table(shop, "toasted", "id bigint primary key, name text, note text")
    shop.run("alter table toasted alter note set storage external")
    note = "0123456789" * 5_000
    shop.source.execute("insert into toasted values (1, 'a', %s)", (note,))
    shop.run("update toasted set name = 'b'")
    assert shop.state("toasted") == {key(1): {"id": 1, "name": "b", "note": note}}


def test_a_transaction_of_50000_rows_lands_whole(shop: Shop) -> None:
    new_table(shop, "bulk")
    shop.run("insert into bulk select n, 'row ' || n from generate_series(1, 50000) n")
    state = shop.state("bulk")
    assert len(state) == 50_000
    assert all(row["name"] == f"row {row['id']}" for row in state.values())


def test_rows_without_a_primary_key_land_without_a_key(shop: Shop) -> None:
    new_table(shop, "loose", "word text")
    shop.run("insert into loose values ('a'), ('a')")
    assert [(event["_key"], event["payload"]["after"]) for event in shop.events("loose")] == [
        (None, {"word": "a"}),
        (None, {"word": "a"}),
    ]


def test_values_of_every_type_land_exactly_from_the_snapshot_and_from_the_log(shop: Shop) -> None:
    shop.run(f"insert into samples values (2, {VALUES})")
    state = shop.state("samples")
    expected = {f"c{number}": value for number, (_, _, value) in enumerate(TYPES)}
    assert state[key(1)] == {"id": 1} | expected
    assert state[key(2)] == {"id": 2} | expected


def test_infinite_timestamps_land_as_values_that_no_date_has(shop: Shop) -> None:
    shop.run("insert into validity values (3, 'infinity'), (4, '-infinity')")
    state = shop.state("validity")
    assert state[key(1)]["until"] == state[key(3)]["until"]
    assert state[key(2)]["until"] == state[key(4)]["until"]
    assert state[key(1)]["until"] != state[key(2)]["until"]


def test_the_raw_columns_name_the_origin_of_a_row(shop: Shop) -> None:
    new_table(shop, "located")
    shop.run("insert into located values (1, 'a'), (2, 'b')")
    shop.capture.wait_until_caught_up()
    answer = shop.query(
        "select _topic, _partition, uniqExact(_offset), "
        "max(abs(dateDiff('second', _timestamp, _changed_at))) < 60, "
        "max(abs(dateDiff('second', _ingested_at, _changed_at))) < 60 from bronze.located group by all"
    )
    assert answer == "ecomm.cdc.located\t0\t2\t1\t1\n"


def test_the_headers_that_the_capture_parses_are_those_that_bronze_computes(shop: Shop) -> None:
    """Every row of every table, written raw into another one, gets the same operation, position and time."""
    new_table(shop, "read_here")
    shop.run(
        "insert into read_here values (1, 'a'), (2, 'b')",
        "update read_here set id = 3 where id = 1",
        "delete from read_here where id = 2",
        "truncate read_here",
    )
    assert [event["_op"] for event in shop.events("read_here")] == ["c", "c", "d", "c", "d", "t"]
    names = "_topic, _partition, _offset, _timestamp, _key, payload"
    read = "_op, _position, _changed_at"
    client = shop.warehouse.client()
    tables = shop.query("select name from system.tables where database = 'bronze' and total_rows > 0").split()
    assert {"read_here", "samples", "early"} <= set(tables)
    for table in tables:
        client.command(bronze.create_table("again"))
        client.command(f"insert into bronze.again ({names}) select {names} from bronze.`{table}`")
        columns = f"select {names}, {read} from bronze"
        more = f"select count() from ({columns}.`{table}` except all {columns}.again)"
        assert (table, shop.query(more)) == (table, "0\n")
        client.command("drop table bronze.again sync")
