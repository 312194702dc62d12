from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pyarrow as pa
import pytest

from tests.integration.lakehouse.comparison import comparable, content, differences

SIDES = ("clickhouse", "spark")


def compare(one: dict[str, list[object]], other: dict[str, list[object]]) -> str:
    return differences("ods.x", content(pa.table(one)), content(pa.table(other)), SIDES)


def test_tables_with_the_same_rows_in_another_order_do_not_differ() -> None:
    assert compare({"a": [1, 2], "b": ["x", None]}, {"b": [None, "x"], "a": [2, 1]}) == ""


def test_a_row_that_is_there_twice_differs_from_one_that_is_there_once() -> None:
    assert compare({"a": [1, 1]}, {"a": [1]}).startswith("ods.x: 1 rows only in clickhouse, 0 only in spark")


def test_a_differing_value_is_named_with_its_row_and_column() -> None:
    found = compare({"id": [1, 2], "name": ["a", "b"]}, {"id": [1, 2], "name": ["a", "c"]})
    assert found == (
        "ods.x: 1 rows only in clickhouse, 1 only in spark\n  {'name': ('b', 'c')} where {'id': 2}"
    )


def test_columns_that_only_one_side_has_are_named() -> None:
    found = compare({"a": [1], "b": [1]}, {"a": [1]})
    assert found == "ods.x: columns only in clickhouse: ['b'], only in spark: []"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (1, 1.0),
        (1, "1"),
        (Decimal("1.0"), Decimal("1.00")),
        (0.1 + 0.2, 0.3),
        ("", None),
        ([], None),
    ],
)
def test_values_that_only_look_alike_differ(one: object, other: object) -> None:
    assert comparable(one) != comparable(other)


def test_instants_are_equal_in_any_zone_to_the_microsecond() -> None:
    utc = datetime(2026, 3, 29, 1, 30, 0, 123456, tzinfo=UTC)
    assert comparable(utc) == comparable(utc.astimezone(timezone(timedelta(hours=-3))))
    assert comparable(utc) != comparable(utc + timedelta(microseconds=1))
    assert comparable(date(2026, 3, 29)) != comparable("2026-03-29")


def test_maps_are_equal_in_any_order() -> None:
    assert comparable({"a": 1, "b": 2}) == comparable({"b": 2, "a": 1})
    assert comparable({"a": 1}) != comparable({"a": 2})
