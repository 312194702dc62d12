"""Bulk loads on a MySQL-family server: values arrive as they are, and a load is whole or not at all."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from decimal import Decimal

import psycopg
import pyarrow as pa
import pytest

from tests.fixtures.mariadb import RunningMariadb
from tests.fixtures.postgres import RunningPostgres
from tradewind.marketplace.mysql.bulk import append, bulk_load
from tradewind.marketplace.mysql.checksums import row_text
from tradewind.source.errors import LoadError
from tradewind.source.mysql.connection import connect, rows, run_all

MOMENT = dt.datetime(2026, 1, 5, 1, 2, 3, tzinfo=dt.UTC)
TEXTS = [
    "plain",
    "",
    None,
    "\\N",
    "NULL",
    "tab\there",
    "two\nlines\r\n",
    "back\\slash\\",
    "'\"",
    "ไทย 🛒",
    " x ",
]


@pytest.fixture(autouse=True)
def as_before(shop: RunningMariadb) -> Iterator[None]:
    """Loaded users go again; whatever a test loads refers to nothing else."""
    yield
    with connect(shop.url("app")) as connection:
        run_all(connection, "delete from users where user_id > 2")


def users(**columns: pa.Array) -> pa.Table:
    count = len(next(iter(columns.values())))
    needed = {
        "user_id": pa.array(range(10, 10 + count), pa.int64()),
        "country": pa.array(["TH"] * count),
        "registered_at": pa.array([MOMENT] * count, pa.timestamp("s", tz="UTC")),
    }
    return pa.table(needed | columns)


def count_users(shop: RunningMariadb) -> object:
    with connect(shop.url("app")) as connection:
        return rows(connection, "select count(*) from users")[0][0]


def test_texts_arrive_as_they_are(shop: RunningMariadb) -> None:
    with bulk_load(shop.url("owner")) as connection:
        append(connection, "users", users(phone=pa.array(TEXTS)))
    with connect(shop.url("app")) as connection:
        found = rows(connection, "select phone from users where user_id >= 10 order by user_id")
    assert [text for (text,) in found] == TEXTS


def test_instants_flags_amounts_and_json_arrive_as_they_are(shop: RunningMariadb) -> None:
    table = pa.table(
        {
            "customer_id": pa.array([50, 51], pa.int64()),
            "user_id": pa.array([1, 2], pa.int64()),
            "country": pa.array(["TH", "VN"]),
            "birth_date": pa.array([dt.date(1970, 2, 3), None]),
            "lifetime_spend_amount": pa.array([Decimal("0.00"), Decimal("0.00")], pa.decimal128(18, 2)),
            "has_marketing_consent": pa.array([True, False]),
            "address": pa.array(['{"street": "1/2 \\"Soi\\" 3"}', "{}"]),
            "created_at": pa.array([MOMENT, MOMENT], pa.timestamp("us", tz="UTC")),
        }
    )
    with bulk_load(shop.url("owner")) as connection:
        append(connection, "customers", table)
    with connect(shop.url("app")) as connection:
        found = rows(
            connection,
            "select birth_date, lifetime_spend_amount, has_marketing_consent, address, created_at "
            "from customers where customer_id >= 50 order by customer_id",
        )
        run_all(connection, "delete from customers where customer_id >= 50")
    moment = MOMENT.replace(tzinfo=None)
    assert [row[:3] + row[4:] for row in found] == [
        (dt.date(1970, 2, 3), Decimal("0.00"), 1, moment),
        (None, Decimal("0.00"), 0, moment),
    ]
    assert [json.loads(str(row[3])) for row in found] == [{"street": '1/2 "Soi" 3'}, {}]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"phone": pa.array(["x" * 256])}, "Data truncated for column 'phone'"),
        ({"email": pa.array(["ada@example.org"])}, "Duplicate entry 'ada@example.org'"),
        ({"user_type": pa.array(["robot"])}, "users_user_type_known"),
    ],
)
def test_a_row_the_server_cannot_take_undoes_the_load(
    shop: RunningMariadb, columns: dict[str, pa.Array], said: str
) -> None:
    with pytest.raises(LoadError, match=said), bulk_load(shop.url("owner")) as connection:
        append(connection, "users", users(language=pa.array(["th"])))
        append(connection, "users", users(**columns, user_id=pa.array([20], pa.int64())))
    assert count_users(shop) == 2


def test_a_row_without_its_parent_undoes_the_load(shop: RunningMariadb) -> None:
    lost = pa.table(
        {
            "user_id": pa.array([999], pa.int64()),
            "product_id": pa.array([1], pa.int64()),
            "added_at": pa.array([MOMENT], pa.timestamp("s", tz="UTC")),
        }
    )
    with pytest.raises(LoadError, match="0 of 1 rows"), bulk_load(shop.url("owner")) as connection:
        append(connection, "wishlists", lost)


def test_a_load_that_breaks_a_rule_is_undone_and_names_it(shop: RunningMariadb) -> None:
    with (
        pytest.raises(LoadError, match="nothing was loaded: vouchers_used_count_follows_redemptions, key 1"),
        bulk_load(shop.url("owner")) as connection,
    ):
        append(connection, "users", users(language=pa.array(["th"])))
        run_all(connection, "update vouchers set used_count = 5")
    assert count_users(shop) == 2


def test_after_a_load_the_row_rules_hold_again(shop: RunningMariadb) -> None:
    with bulk_load(shop.url("owner")) as connection:
        append(connection, "users", users(language=pa.array(["th"])))
    with connect(shop.url("owner")) as connection:
        assert rows(connection, "select * from rules.writers") == []


ROWS: list[tuple[list[object], list[str]]] = [
    ([1, None, "a", ""], ["bigint", "text", "text", "text"]),
    (['"quoted"', "back\\slash", "a,b", "(x)", " y", "z\n"], ["text"] * 6),
    ([Decimal("1.50"), 0, 1], ["numeric(18,2)", "boolean", "boolean"]),
    ([dt.date(2026, 1, 2), dt.datetime(2026, 1, 2)], ["date", "timestamp with time zone"]),
    ([dt.datetime(2026, 1, 2, 3, 4, 5, 120000)], ["timestamp with time zone"]),
    (['{"bb": [1, 2.50, "ไ\\n"], "a": {"c": null, "d": true}, "é": "\\u001f"}', "[]"], ["jsonb"] * 2),
]


@pytest.mark.parametrize(("values", "types"), ROWS)
def test_a_row_is_written_as_postgresql_writes_it(
    postgres: RunningPostgres, values: list[object], types: list[str]
) -> None:
    row = ", ".join(f"%s::text::{kind}" for kind in types)
    with psycopg.connect(postgres.owner_url) as connection:
        connection.execute("set timezone = 'UTC'")
        given = [None if value is None else str(value) for value in values]
        written = connection.execute(f"select row({row})::text".encode(), given).fetchone()
    assert written == (row_text(values, types),)
