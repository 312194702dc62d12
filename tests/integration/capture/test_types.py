"""Each type of PostgreSQL is carried exactly, or its column is left out by name: never another value."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import pytest

from application import health
from tests.fixtures.postgres import RunningPostgres
from tests.fixtures.warehouse import RunningWarehouse
from tests.integration.capture.conftest import Shop, open_shop


def encoded(text: str) -> str:
    return b64encode(text.encode()).decode()


# Type, value, and what the event has; `{}` stands for the column.
CARRIED: list[tuple[str, str, Any]] = [
    ("numeric", "'NaN'", "NAN"),
    ("numeric", "'Infinity'", "POSITIVE_INFINITY"),
    ("numeric(3,5)", "0.00123", "0.00123"),
    ("double precision", "'-Infinity'", "-Infinity"),
    ("real", "0.1", 0.1),
    ("money", "'-92233720368547758.08'", "-92233720368547758.08"),
    ("oid", "4294967295", 4294967295),
    ("bit(1)", "B'1'", True),
    ('"char"', "'x'", "x"),
    ("name", "'abc'", "abc"),
    ("char(5)", "'ab'", "ab   "),
    ("time check ({} < '24:00')", "'23:59:59.999999'", "23:59:59.999999Z"),
    ("working_time", "'10:11'", "10:11:00Z"),
    ("price_amount", "1.5", "1.50"),
    ("numbers", "'{1,2}'", [1, 2]),
    ("interval check (isfinite({}))", "'1 year 2 mons 3 days -04:05:06.789'", "P1Y2M3DT-4H-5M-6.789S"),
    ("int[]", "'{1,null}'", [1, None]),
    ("int[]", "'{}'", []),
    ("float8[]", "'{1,NaN,-Infinity}'", [1.0, "NaN", "-Infinity"]),
    ("numeric(10,2)[] check (array_position({}, 'NaN') is null)", "'{1.10,22}'", ["1.10", "22.00"]),
    ("timestamptz[]", "'{infinity,2026-01-02 00:00:00Z}'", ["infinity", "2026-01-02T00:00:00.000000Z"]),
    ("jsonb[]", "array['{\"a\": 1}'::jsonb]", ['{"a": 1}']),
    ("mood[]", "'{so-so}'", ["so-so"]),
    ("uuid[]", "'{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}'", ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"]),
    ("int4range", "'[1,5)'", "[1,5)"),
    ("tstzrange", "'[2026-01-01 00:00Z,)'", '["2026-01-01 00:00:00+00",)'),
    ("tsvector", "'a b'", "'a' 'b'"),
    ("macaddr8", "'08:00:2b:01:02:03:04:05'", "08:00:2b:01:02:03:04:05"),
    ("price", "row(1, 'a \"b\"')", encoded('(1,"a ""b""")')),
    ("box", "'((1,2),(3,4.25))'", encoded("(3.0,4.25),(1.0,2.0)")),
    ("polygon", "'((1,2),(3,4),(5,6))'", encoded("((1.0,2.0),(3.0,4.0),(5.0,6.0))")),
    ("circle", "'<(1,2),3>'", encoded("<(1.0,2.0),3.0>")),
    ("int4multirange", "'{[1,3),[5,7)}'", encoded("{[1,3),[5,7)}")),
    ("pg_lsn", "'0/16B3748'", encoded("0/16B3748")),
    ("tsquery", "'a & b'", encoded("'a' & 'b'")),
    ("xid8", "'5'", encoded("5")),
]
# Types whose columns are left out, and a value that would be altered.
LEFT_OUT: list[tuple[str, str]] = [
    ("time", "'24:00'"),
    ("time check ({} <> '12:00')", "'24:00'"),
    ("opening_time", "'24:00'"),
    ("timetz", "'24:00:00+07'"),
    ("bit(3)", "B'001'"),
    ("varbit", "B'001'"),
    ("numeric[]", "'{NaN}'"),
    ("numeric(5,-2)", "12345"),
    ("date[]", "'{0044-03-15 BC}'"),
    ("timestamp[]", "'{infinity}'"),
    ("time[]", "'{24:00}'"),
    ("interval[]", "'{1 day}'"),
    ("price[]", "array[row(1,'a')::price]"),
    ("point[]", "array['(1,2)'::point]"),
    ("int2vector", "'1 2'"),
]
SINCE_17 = [("interval", "'infinity'"), ("interval", "'-infinity'")]

TYPES = (
    "create type mood as enum ('good', 'so-so')",
    "create type price as (amount int, note text)",
    "create domain price_amount as numeric(10, 2)",
    "create domain numbers as int[]",
    "create domain working_time as time check (value between '06:00' and '22:00')",
    "create domain opening_time as time",
)


def column_list(prefix: str, kinds: list[str]) -> str:
    return "".join(
        f", {prefix}{number} {kind.format(f'{prefix}{number}')}" for number, kind in enumerate(kinds)
    )


@pytest.fixture(scope="module", params=["postgres", "postgres_15"])
def shop(
    request: pytest.FixtureRequest,
    private_warehouse: RunningWarehouse,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Shop]:
    """A shop on each server, with a row from before the capture's start and one from after it."""
    server: RunningPostgres = request.getfixturevalue(request.param)
    with open_shop(server, private_warehouse, tmp_path_factory.mktemp("types")) as opened:
        left_out = left_out_of(opened)
        columns = column_list("carried", [kind for kind, _, _ in CARRIED])
        columns += column_list("left", [kind for kind, _ in left_out])
        values = ", ".join([value for _, value, _ in CARRIED] + [value for _, value in left_out])
        opened.run(*TYPES, f"create table samples (id bigint primary key{columns})")
        opened.run(f"insert into samples values (1, {values})")
        opened.capture.start()
        opened.run(f"insert into samples values (2, {values})", "update samples set id = 3 where id = 2")
        yield opened


def left_out_of(shop: Shop) -> list[tuple[str, str]]:
    """The columns to be left out on this server."""
    version = shop.source.info.server_version
    return LEFT_OUT + (SINCE_17 if version >= 170_000 else []) if version >= 150_000 else LEFT_OUT


def test_what_is_carried_is_the_value_itself_as_snapshot_and_as_change(shop: Shop) -> None:
    expected = {f"carried{number}": value for number, (_, _, value) in enumerate(CARRIED)}
    state = shop.state("samples")
    for row in (1, 3):
        found = state[f'{{"id":{row}}}']
        assert {name: found.get(name, "absent") for name in expected} == expected, row


def test_what_would_be_altered_is_absent_and_named(shop: Shop) -> None:
    names = [f"left{number}" for number in range(len(left_out_of(shop)))]
    for event in shop.events("samples"):
        for image in (event["payload"]["before"], event["payload"]["after"]):
            assert not set(names) & set(image or ()), event["_op"]
    note = health.capture(shop.capture.home / "capture", shop.capture.owner_url) or ""
    for name in names:
        assert f"public.samples.{name} is not captured" in note, name
    assert "samples.carried" not in note
