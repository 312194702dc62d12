"""Generation of the ODS layer from the catalogue: dbt models, their YAML and the bronze sources.

A new source table needs its DDL with comments, and then `tradewind source models`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tradewind.source.table import Column, ForeignKey, Table
from tradewind.source.yaml_text import yaml_text

FOLDER = Path("dbt_project/models/ods")
SOURCES_FILE = "_bronze_sources.yml"
PERSONAL_DATA = "Personal data."
HEADER = "Written by `tradewind source models` from the source's DDL; change that instead."

_LARGEST_INLINE_TEXT = 500
_TYPES = {
    "bigint": "bigint",
    "integer": "int",
    "smallint": "int",
    "boolean": "boolean",
    "date": "date",
    "double precision": "double",
    "real": "double",
    "interval": "bigint",
    "json": "json",
    "jsonb": "json",
    "timestamp with time zone": "timestamptz",
    "timestamp without time zone": "timestamptz",
}
_ARRAY_ELEMENTS = {"bigint": "bigint", "int": "bigint", "boolean": "boolean", "double": "double"}
_CHANGE_COLUMNS = {
    "_version": "version",
    "_position": "text",
    "_op": "text",
    "_is_deleted": "flag",
    "_changed_at": "timestamptz",
    "_loaded_at": "timestamptz",
}


@dataclass(frozen=True)
class Layer:
    """A set of models: the dbt source they read, and where they are written."""

    source: str
    """The name of the dbt source, which is its database's."""
    description: str
    folder: Path
    sources_file: str
    header: str
    table_prefix: str = ""


SOURCE_TABLES = Layer(
    source="bronze",
    description="The change log of every source table, as Debezium delivered it.",
    folder=FOLDER,
    sources_file=SOURCES_FILE,
    header=HEADER,
)


class ModelError(ValueError):
    """A source table that cannot have an ODS model; the message names it and the way out."""


def model_files(tables: Iterable[Table], layer: Layer = SOURCE_TABLES) -> dict[str, str]:
    """Every generated file of a layer: its name in the layer's folder -> its text."""
    by_name = {table.name: table for table in sorted(tables, key=lambda table: table.name)}
    files = {layer.sources_file: _with_header(_sources(by_name.values(), layer), layer)}
    for table in by_name.values():
        files[f"ods_{table.name}.sql"] = model_sql(table, layer)
        files[f"ods_{table.name}.yml"] = _with_header(_model_properties(table, by_name), layer)
    return files


def write_models(tables: Iterable[Table], project: Path, layer: Layer = SOURCE_TABLES) -> list[str]:
    """Write a layer of a dbt project; returns the names of the files that changed."""
    folder = project / layer.folder
    folder.mkdir(parents=True, exist_ok=True)
    files = model_files(tables, layer)
    changed = [name for name, text in files.items() if _read(folder / name) != text]
    for name in changed:
        (folder / name).write_text(files[name])
    return changed


def model_sql(table: Table, layer: Layer = SOURCE_TABLES) -> str:
    """The dbt model that turns a table's change log into its current rows."""
    if not table.primary_key:
        raise ModelError(
            f"{table.schema}.{table.name} has no primary key, so its rows cannot be told apart; "
            f"declare one (`alter table {table.name} add primary key ...`)"
        )
    keys = list(table.primary_key)
    columns = "".join(f"        '{c.name}': '{neutral_type(c.source_type)}',\n" for c in table.columns)
    toastable = [column.name for column in table.columns if _may_be_left_out(column, table)]
    toastable_lines = "".join(f"        '{name}',\n" for name in toastable)
    toastable_argument = "" if table.logs_whole_rows else f"    toastable=[\n{toastable_lines}    ],\n"
    return (
        f"-- Grain: one row per {', '.join(keys)}. {layer.header}\n"
        f"{{{{ config(unique_key={keys!r}, order_by={keys!r}) }}}}\n"
        "{{ merge_changes(\n"
        f"    source('{layer.source}', '{layer.table_prefix}{table.name}'),\n"
        f"    key={keys!r},\n"
        f"    columns={{\n{columns}    }},\n"
        f"{toastable_argument}"
        ") }}\n"
    )


def neutral_type(source_type: str) -> str:
    """The engine-neutral type (macros/types.sql) for a PostgreSQL type as Debezium delivers it.

    An unconstrained numeric stays text, since no decimal holds every value of it exactly.
    """
    if source_type.endswith("[]"):
        return f"array<{_ARRAY_ELEMENTS.get(neutral_type(source_type[:-2]), 'text')}>"
    if match := re.fullmatch(r"numeric\((\d+),(\d+)\)", source_type):
        return f"decimal({match[1]},{match[2]})"
    return _TYPES.get(source_type, "text")


def _may_be_left_out(column: Column, table: Table) -> bool:
    """Whether PostgreSQL may store the value apart (TOAST), so that an update may not log it."""
    if table.logs_whole_rows or column.name in table.primary_key or column.allowed_values:
        return False
    if match := re.fullmatch(r"character varying\((\d+)\)|character\((\d+)\)", column.source_type):
        return int(match[1] or match[2]) > _LARGEST_INLINE_TEXT
    return neutral_type(column.source_type) in ("text", "json", "array<text>")


def _sources(tables: Iterable[Table], layer: Layer) -> dict[str, Any]:
    listed = [
        {"name": f"{layer.table_prefix}{t.name}", "description": f"Changes of: {t.comment or t.name}"}
        for t in tables
    ]
    described = {"name": layer.source, "schema": layer.source, "description": layer.description}
    return {"version": 2, "sources": [described | {"tables": listed}]}


def _model_properties(table: Table, by_name: Mapping[str, Table]) -> dict[str, Any]:
    columns = [_column_properties(column, table) for column in table.columns]
    columns += _change_columns(has_toastable=any(_may_be_left_out(c, table) for c in table.columns))
    model = {
        "name": f"ods_{table.name}",
        "description": f"{table.comment} Current state; deleted rows stay as tombstones.".strip(),
        "data_tests": _tests(table, by_name),
        "columns": columns,
    }
    return {"version": 2, "models": [model]}


def _column_properties(column: Column, table: Table) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "name": column.name,
        "data_type": neutral_type(column.source_type),
        "description": column.comment,
    }
    if PERSONAL_DATA in column.comment:
        properties["config"] = {"meta": {"personal_data": True}}
    if column.name in table.primary_key:
        properties["constraints"] = [{"type": "not_null"}]
    return properties


def _change_columns(has_toastable: bool) -> list[dict[str, Any]]:
    types = ({"_value_positions": "json"} if has_toastable else {}) | _CHANGE_COLUMNS
    columns: list[dict[str, Any]] = []
    for name, data_type in types.items():
        described = {"name": name, "data_type": data_type, "description": f"{{{{ doc('cdc{name}') }}}}"}
        required = (
            {} if name in ("_value_positions", "_changed_at") else {"constraints": [{"type": "not_null"}]}
        )
        columns.append(described | required)
    return columns


def _tests(table: Table, by_name: Mapping[str, Table]) -> list[dict[str, Any]]:
    rules = {"name": f"ods_{table.name}_rows_are_valid", "arguments": _row_rules(table)}
    tests = [{"valid_rows": rules}]
    references = [_reference(key) for key in table.foreign_keys if key.table in by_name]
    if references:
        arguments = {"references": references, "settled_by": "_changed_at"}
        name = f"ods_{table.name}_references_exist"
        tests.append({"valid_references": {"name": name, "arguments": arguments}})
    return tests


def _row_rules(table: Table) -> dict[str, Any]:
    rules: dict[str, Any] = {"key": list(table.primary_key)}
    if required := [c.name for c in table.columns if not c.nullable and c.name not in table.primary_key]:
        rules["not_null"] = required
    if allowed := {c.name: list(c.allowed_values) for c in table.columns if c.allowed_values}:
        rules["accepted_values"] = allowed
    if limited := {c.name: list(c.limits) for c in table.columns if c.limits}:
        rules["in_range"] = limited
    if table.rules:
        rules["expressions"] = dict(table.rules)
    return rules


def _reference(key: ForeignKey) -> dict[str, Any]:
    return {
        "columns": list(key.columns),
        "to": f"ref('ods_{key.table}')",
        "to_columns": list(key.referenced_columns),
    }


def _with_header(content: Mapping[str, Any], layer: Layer) -> str:
    return f"# {layer.header}\n{yaml_text(content)}"


def _read(path: Path) -> str | None:
    return path.read_text() if path.is_file() else None
