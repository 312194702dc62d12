"""The text of generated dbt models: the SQL and the YAML of one table's ODS model, and the bronze sources."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tradewind.source.naming import TableName
from tradewind.source.table import Column, ForeignKey, Table
from tradewind.source.types import Carriage, carriage

PERSONAL_DATA = "Personal data."

_LARGEST_INLINE_TEXT = 500
_JINJA = re.compile(r"\{[{%#]")
_PLAIN_NAME = re.compile(r"[a-z_][a-z0-9_]*")
ORIGIN_COLUMN = "_table"
"""The table that holds a row, where rows of several are one model's."""
_CHANGE_COLUMNS = {
    "_version": "version",
    "_position": "text",
    "_op": "text",
    "_is_deleted": "flag",
    "_changed_at": "timestamptz",
    "_loaded_at": "timestamptz",
}
_RESERVED = frozenset(
    {*_CHANGE_COLUMNS, ORIGIN_COLUMN, "_value_positions", "_image", "_is_known", "_event_position", "_rank"}
)


@dataclass(frozen=True)
class Layer:
    """A set of models: the dbt source they read, and where they are written."""

    source: str
    """The name of the dbt source, which is its database's."""
    description: str
    folder: Path
    sources_file: str
    header: str


def model_sql(table: Table, layer: Layer) -> str:
    """The dbt model that turns a table's change log into its own current rows."""
    columns = _modelled(table)
    lines = "".join(f"        {c.name!r}: '{_carriage(c).neutral_type}',\n" for c in columns)
    toastable = [column.name for column in columns if _may_be_left_out(column, table)]
    encoded = [column.name for column in columns if _carriage(column).is_encoded]
    order = [_quoted(name) for name in table.primary_key]
    return (
        f"-- Grain: one row per {', '.join(table.primary_key)}. {layer.header}\n"
        f"{{{{ config(unique_key={order!r}, order_by={order!r}) }}}}\n"
        "{{ merge_changes(\n"
        f"    source('{layer.source}', '{_source_name(table.qualified_name)}'),\n"
        f"    key={list(table.primary_key)!r},\n"
        f"    columns={{\n{lines}    }},\n"
        f"{'' if table.logs_whole_rows else _argument('toastable', toastable)}"
        f"{_argument('encoded', encoded) if encoded else ''}"
        ") }}\n"
    )


def union_sql(table: Table, descendants: Sequence[Table], layer: Layer) -> str:
    """The dbt model with the rows of a table and of those that inherit from it, as a query returns them."""
    names = [*(_quoted(column.name) for column in _modelled(table)), *_CHANGE_COLUMNS]
    columns = ",\n        ".join(names)
    selects = [
        f"    select\n        {{{{ as_type(\"'{_origin(each)}'\", 'text') }}}} as {ORIGIN_COLUMN},\n"
        f"        {columns}\n    from {{{{ ref('{own_model_name(each)}') }}}}\n"
        for each in (table, *descendants)
    ]
    return (
        f"-- Grain: one row per {', '.join([*table.primary_key, ORIGIN_COLUMN])}. {layer.header}\n"
        "{{ config(materialized=inherited_rows_materialization(), contract={'enforced': false}) }}\n"
        "with own_and_inherited as (\n" + "    union all\n".join(selects) + ")\n\n"
        f"select\n    {ORIGIN_COLUMN},\n    " + ",\n    ".join(names) + "\nfrom own_and_inherited\n"
    )


def _origin(table: Table) -> str:
    """The table's name inside a string of SQL inside a string of Jinja."""
    return str(table.qualified_name).replace("'", "''").replace('"', '\\"')


def own_model_name(table: Table) -> str:
    """The model of a table's own rows: that of the table, unless others inherit from it."""
    return table.qualified_name.model_name + ("__own" if table.children else "")


def _argument(name: str, columns: Iterable[str]) -> str:
    lines = "".join(f"        {column!r},\n" for column in columns)
    return f"    {name}=[\n{lines}    ],\n"


def column_refusal(column: Column) -> str:
    """Why a column is not in the model; empty if it is."""
    return name_refusal(column.name) or column.refusal


def name_refusal(name: str) -> str:
    """Why no model can have a column of this name; empty if one can."""
    if name in _RESERVED:
        return f"{name} is the name of a column of ours; rename it"
    if _JINJA.search(name):
        return "dbt would take its name for a template; rename it"
    if "\\" in name:
        return "the engines read a backslash in a name differently; rename it"
    return ""


def _modelled(table: Table) -> list[Column]:
    """The columns of the model."""
    return [column for column in table.columns if not column_refusal(column)]


def _carriage(column: Column) -> Carriage:
    return carriage(column.source_type, column.is_enum)


def _may_be_left_out(column: Column, table: Table) -> bool:
    """Whether PostgreSQL may store the value apart (TOAST), so that an update may not log it."""
    if table.logs_whole_rows or column.name in table.primary_key or column.allowed_values:
        return False
    if match := re.fullmatch(r"character varying\((\d+)\)|character\((\d+)\)", column.source_type):
        return int(match[1] or match[2]) > _LARGEST_INLINE_TEXT
    return _carriage(column).neutral_type in ("text", "json", "array<text>")


def _source_name(table: TableName) -> str:
    """The dbt source of a table's log: its name in bronze where Dagster accepts that, as it does words."""
    return table.model_name.removeprefix("ods_")


def sources(tables: Iterable[Table], layer: Layer) -> dict[str, Any]:
    """The dbt source of each table's change log."""
    described = {"name": layer.source, "schema": layer.source, "description": layer.description}
    return {"version": 2, "sources": [described | {"tables": [_source(table) for table in tables]}]}


def _source(table: Table) -> dict[str, Any]:
    name, log_name = _source_name(table.qualified_name), table.qualified_name.log_name
    other_name = {} if name == log_name else {"identifier": log_name, "quoting": {"identifier": True}}
    return {"name": name, **other_name, "description": _literal(f"Changes of: {table.comment or table.name}")}


def model_properties(table: Table, modelled: Mapping[TableName, Table]) -> dict[str, Any]:
    """The YAML of a model; `modelled` are the tables that have one, for references."""
    columns = [_column_properties(column, table) for column in _modelled(table)]
    columns += _change_columns(has_toastable=any(_may_be_left_out(c, table) for c in _modelled(table)))
    return _properties(own_model_name(table), _description(table), _tests(table, modelled), columns)


def union_properties(table: Table, descendants: Sequence[Table]) -> dict[str, Any]:
    """The YAML of the model with a table's own and inherited rows."""
    origin = {
        "name": ORIGIN_COLUMN,
        "data_type": "text",
        "description": "{{ doc('cdc_table') }}",
    }
    columns = [origin, *(_column_properties(column, table) for column in _modelled(table))]
    columns += _change_columns(has_toastable=False)
    for column in columns:
        column.pop("constraints", None)  # no view has any
    name = table.qualified_name.model_name
    rules = {"name": f"{name}_rows_are_valid", "arguments": {"key": [*table.primary_key, ORIGIN_COLUMN]}}
    inherited = ", ".join(str(each.qualified_name) for each in descendants) or "none that has a model"
    description = f"{_literal(table.comment)} With the rows of tables that inherit from it: {inherited}."
    return _properties(name, description.strip(), [{"valid_rows": rules}], columns)


def _properties(
    name: str, description: str, tests: list[dict[str, Any]], columns: list[dict[str, Any]]
) -> dict[str, Any]:
    model = {"name": name, "description": description, "data_tests": tests, "columns": columns}
    return {"version": 2, "models": [model]}


def _description(table: Table) -> str:
    inherited = "Without the rows of tables that inherit from it." if table.children else ""
    return " ".join(
        f"{_literal(table.comment)} Current state; deleted rows stay as tombstones. {inherited}".split()
    )


def _column_properties(column: Column, table: Table) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "name": column.name,
        "data_type": _carriage(column).neutral_type,
        "description": _literal(column.comment),
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


def _tests(table: Table, modelled: Mapping[TableName, Table]) -> list[dict[str, Any]]:
    model = own_model_name(table)
    tests = [{"valid_rows": {"name": f"{model}_rows_are_valid", "arguments": _row_rules(table)}}]
    references = [_reference(key) for key in table.foreign_keys if _is_modelled(key, table, modelled)]
    if references:
        arguments = {"references": references, "settled_by": "_changed_at"}
        tests.append({"valid_references": {"name": f"{model}_references_exist", "arguments": arguments}})
    return tests


def _row_rules(table: Table) -> dict[str, Any]:
    rules: dict[str, Any] = {"key": list(table.primary_key)}
    columns = _modelled(table)
    if required := [c.name for c in columns if not c.nullable and c.name not in table.primary_key]:
        rules["not_null"] = required
    if allowed := {c.name: list(c.allowed_values) for c in columns if c.allowed_values}:
        rules["accepted_values"] = {
            name: [_literal(value) for value in values] for name, values in allowed.items()
        }
    if limited := {c.name: list(c.limits) for c in columns if c.limits}:
        rules["in_range"] = limited
    if table.rules:
        rules["expressions"] = dict(table.rules)
    return rules


def _is_modelled(key: ForeignKey, table: Table, modelled: Mapping[TableName, Table]) -> bool:
    """Whether both ends of a reference have models with its columns."""
    parent = modelled.get(TableName(key.schema, key.table))
    if parent is None:
        return False
    ends = ((table, key.columns), (parent, key.referenced_columns))
    return all(not column_refusal(end.column(name)) for end, names in ends for name in names)


def _reference(key: ForeignKey) -> dict[str, Any]:
    return {
        "columns": list(key.columns),
        "to": f"ref('{TableName(key.schema, key.table).model_name}')",
        "to_columns": list(key.referenced_columns),
    }


def _literal(text: str) -> str:
    """A text of the source that dbt must not take for a template."""
    return f"{{% raw %}}{text}{{% endraw %}}" if _JINJA.search(text) else text


def _quoted(name: str) -> str:
    """A column's name in SQL of both engines."""
    return name if _PLAIN_NAME.fullmatch(name) else "`" + name.replace("`", "``") + "`"
