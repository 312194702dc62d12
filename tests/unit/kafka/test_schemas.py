"""JSON schemas of events, and the drift that they find."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from connectors.definitions.schemas import FOLDER, event_schema, read_schema, write_schemas
from connectors.kafka.drift import differences
from connectors.kafka.topics import read_topics
from tradewind.source.table import Column, Table

TABLE = Table(
    "public",
    "orders",
    "",
    (
        Column("order_id", "bigint", False, ""),
        Column("status", "text", False, "", ("new", "paid")),
        Column("amount", "numeric(18,2)", True, ""),
        Column("placed_at", "timestamp with time zone", False, ""),
        Column("is_test", "boolean", False, ""),
    ),
    ("order_id",),
    (),
)
ROW: dict[str, Any] = {
    "order_id": 7, "status": "new", "amount": "12.50", "placed_at": "2026-01-02T03:04:05.678Z",
    "is_test": False,
}  # fmt: skip


def event(op: str = "c", **changes: Any) -> str:
    row = {name: value for name, value in (ROW | changes).items() if value != "absent"}
    return json.dumps(
        {
            "op": op,
            "before": row if op == "d" else None,
            "after": None if op == "d" else row,
            "source": {"schema": "public", "table": "orders", "snapshot": "false", "ts_ms": 1},
        }
    )


def found(*events: str) -> list[tuple[str, str, int]]:
    return [
        (item.column, item.what, item.events) for item in differences("orders", event_schema(TABLE), events)
    ]


def test_events_as_debezium_writes_them_have_no_drift() -> None:
    assert found(event(), event("d"), event(amount=None), event(amount="-0.05"), event(amount="NaN")) == []


def test_an_added_and_a_missing_column_are_named() -> None:
    assert found(event(color="red"), event(color="blue")) == [("color", "is not in the schema", 2)]
    assert found(event(is_test="absent")) == [("is_test", "is missing", 1)]


def test_a_value_of_another_type_or_range_is_named_by_its_column_and_not_shown() -> None:
    for changes in (
        {"order_id": "seven"}, {"order_id": 2**63}, {"status": "lost"}, {"amount": 12.5},
        {"amount": "1.234"}, {"placed_at": "yesterday"}, {"is_test": 2}, {"placed_at": None},
    ):  # fmt: skip
        ((column, what, events),) = found(event(**changes))
        assert (column, events) == (next(iter(changes)), 1)
        assert "not allowed" in what
        assert "yesterday" not in what and "lost" not in what


def test_an_event_of_another_table_is_drift() -> None:
    for field, value in (("table", "users"), ("schema", "sales")):
        other = json.loads(event())
        other["source"][field] = value
        assert [column for column, _, _ in found(json.dumps(other))] == [""]


def test_events_of_the_mysql_family_name_no_schema() -> None:
    other = json.loads(event())
    del other["source"]["schema"]
    assert found(json.dumps(other)) == []


def test_the_published_schemas_are_those_of_the_declared_tables() -> None:
    logs = {each.log for each in read_topics().tables}
    assert {path.stem for path in FOLDER.glob("*.json")} == {
        log.name for log in logs if log.database == "bronze"
    }


def test_schemas_of_tables_that_are_gone_are_removed(tmp_path: Path) -> None:
    (tmp_path / "old.json").write_text("{}")
    other = replace(TABLE, schema="sales")
    assert write_schemas([TABLE, other, replace(TABLE, name="temporary", refusal="unlogged")], tmp_path) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["orders.json", "sales.orders.json"]
    assert read_schema("orders", tmp_path) == event_schema(TABLE)
    assert read_schema("missing", tmp_path) is None
