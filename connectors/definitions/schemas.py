"""JSON schemas of change events, one per captured table, derived from the source's catalogue.

`connectors/definitions/schemas/<log>.json` (draft 2020-12) describes a whole event as Debezium writes it
with our definitions: numerics and times as text, booleans of both database families as booleans. Events are
checked against them after they have landed (`connectors/kafka/drift.py`); the quality gate before ODS reads
the same files.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from tradewind.source.table import Column, Table

FOLDER = Path(__file__).parent / "schemas"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
UNAVAILABLE = "__debezium_unavailable_value"

Schema = dict[str, Any]

_INTEGERS = {"smallint": 16, "integer": 32, "bigint": 64}
_MOMENT = r"^[+-]?\d{4,}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z?$"
_TEXTS = {
    "date": r"^[+-]?\d{4,}-\d{2}-\d{2}Z?$",
    "timestamp with time zone": _MOMENT,
    "timestamp without time zone": _MOMENT,
    "time without time zone": r"^\d{2}:\d{2}(:\d{2}(\.\d+)?)?Z?$",
    "uuid": r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
}
_NUMERIC = re.compile(r"numeric\((\d+), ?(\d+)\)")


def event_schema(table: Table) -> Schema:
    """The schema of a table's events."""
    row = {
        "type": "object",
        "properties": {column.name: column_schema(column) for column in table.captured_columns},
        "required": [column.name for column in table.captured_columns],
        "additionalProperties": False,
    }
    return {
        "$schema": DIALECT,
        "title": f"A change of {table.qualified_name}",
        "type": "object",
        "properties": {
            "op": {"enum": ["c", "r", "u", "d", "t"]},
            "before": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/row"}]},
            "after": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/row"}]},
            "source": {
                "type": "object",
                # Events of the MySQL family name a database and no schema.
                "properties": {
                    "schema": {"const": table.schema},
                    "table": {"const": table.name},
                    "snapshot": {"type": "string"},
                },
                "required": ["table", "snapshot", "ts_ms"],
            },
        },
        "required": ["op", "source"],
        "allOf": [
            _when(["c", "r", "u"], {"required": ["after"], "properties": {"after": {"type": "object"}}}),
            _when(["d"], {"required": ["before"], "properties": {"before": {"type": "object"}}}),
        ],
        "$defs": {"row": row},
    }


def column_schema(column: Column) -> Schema:
    """The schema of a column's value."""
    schema = _value(column.source_type)
    if column.allowed_values:
        schema = {"enum": [*column.allowed_values, *([None] if column.nullable else [])]}
    elif column.nullable:
        schema = {"anyOf": [schema, {"type": "null"}]} if "type" in schema else schema
    return schema


def _value(source_type: str) -> Schema:
    if bits := _INTEGERS.get(source_type):
        return {"type": "integer", "minimum": -(2 ** (bits - 1)), "maximum": 2 ** (bits - 1) - 1}
    if source_type in ("double precision", "real"):
        return {"type": ["number", "string"]}
    if source_type == "boolean":
        return {"type": "boolean"}
    if source_type.endswith("[]"):
        return {"type": "array"}
    if pattern := _TEXTS.get(source_type):
        return {"type": "string", "pattern": pattern}
    if numeric := _NUMERIC.fullmatch(source_type):
        digits, scale = int(numeric[1]), int(numeric[2])
        fraction = rf"(\.\d{{1,{scale}}})?" if scale else ""
        return {"type": "string", "pattern": rf"^(-?\d{{1,{max(digits - scale, 1)}}}{fraction}|NaN)$"}
    if source_type == "numeric":
        return {"type": "string", "pattern": r"^(-?\d+(\.\d+)?([eE][+-]?\d+)?|NaN|-?Infinity)$"}
    if source_type in ("text", "jsonb", "json", "bytea", "inet") or source_type.startswith("character"):
        return {"type": "string"}
    return {}


def write_schemas(tables: Iterable[Table], folder: Path = FOLDER) -> int:
    """Write the schemas of these tables and remove those of others; how many there are."""
    folder.mkdir(exist_ok=True)
    texts = {
        f"{table.qualified_name.log_name}.json": json.dumps(event_schema(table), indent=1) + "\n"
        for table in tables
        if not table.refusal
    }
    for path in folder.glob("*.json"):
        if path.name not in texts:
            path.unlink()
    for name, text in texts.items():
        (folder / name).write_text(text)
    return len(texts)


@cache
def read_schema(log_name: str, folder: Path = FOLDER) -> Schema | None:
    """The published schema of the events in a log; None where there is none."""
    path = folder / f"{log_name}.json"
    return json.loads(path.read_text()) if path.is_file() else None


def _when(operations: list[str], then: Schema) -> Schema:
    return {"if": {"properties": {"op": {"enum": operations}}, "required": ["op"]}, "then": then}
