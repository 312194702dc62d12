"""The rows of answers as types, from what the marts' models declare of their columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, Field, create_model

from tradewind.ml.outputs import Output
from tradewind.serving.alerts import published
from tradewind.warehouse import check_results

Manifest = Mapping[str, Any]

TYPES: dict[str, type[Any]] = {
    "text": str,
    "code": str,
    "int": int,
    "bigint": int,
    "double": float,
    "boolean": bool,
    "date": date,
    "timestamptz": datetime,
    "second": datetime,
}
STORED = {
    "String": "text",
    "Bool": "boolean",
    "UInt16": "int",
    "UInt32": "bigint",
    "Int64": "bigint",
    "Float64": "double",
    "Date": "date",
    "DateTime64(6, 'UTC')": "timestamptz",
}
"""ClickHouse's types of the models' tables, as contracts name them."""
EXAMPLES: dict[type[Any], Any] = {
    str: "text",
    int: 12,
    float: 0.25,
    bool: True,
    date: "2026-11-30",
    datetime: "2026-11-30T08:30:00Z",
    Decimal: "1250.00",
}


class ContractError(RuntimeError):
    """A mart that an address needs is not declared, or lacks a column; the message names both."""


class Contract:
    """A table's columns, with their types and descriptions."""

    def __init__(self, name: str, description: str, columns: Mapping[str, Mapping[str, Any]]) -> None:
        """`columns`: each with its data_type and description."""
        self.name = name
        self.description = " ".join(description.split())
        self._columns = columns

    @classmethod
    def of_mart(cls, manifest: Manifest, mart: str) -> Contract:
        """What the mart's model declares; ContractError if the manifest has no such model."""
        node = manifest["nodes"].get(f"model.tradewind.{mart}")
        if node is None:
            raise ContractError(
                f"the project has no model {mart}; run `tradewind up` to read its models anew"
            )
        return cls(mart, node["description"], node["columns"])

    @classmethod
    def of_checks(cls) -> Contract:
        """The latest results of the checks."""
        columns = {
            name: {"data_type": kind, "description": text}
            for name, (kind, text) in check_results.COLUMNS.items()
        }
        return cls("check_results", "The latest result of each check.", columns)

    @classmethod
    def of_alerts(cls) -> Contract:
        """The alerts that fire or did."""
        columns = {
            name: {"data_type": kind, "description": text} for name, (kind, text) in published.COLUMNS.items()
        }
        return cls("alerts", "Alerts that fire, and resolved ones.", columns)

    @classmethod
    def of_output(cls, output: Output) -> Contract:
        """What a model writes."""
        columns = {
            name: {"data_type": declared_type(kind), "description": f"{text}."}
            for name, (kind, text) in output.described().items()
        }
        return cls(output.name.partition(".")[2], f"{output.comment}.", columns)

    def with_columns(self, other: Contract, names: Sequence[str]) -> Contract:
        """This table's columns and then some of another one; ContractError if that lacks one."""
        for name in names:
            other.type_of(name)
        added = {name: other._columns[name] for name in names}
        return Contract(self.name, self.description, {**self._columns, **added})

    @property
    def columns(self) -> list[str]:
        """The names of the columns, in the table's order."""
        return list(self._columns)

    def type_of(self, column: str) -> type[Any]:
        """The Python type of a column's values; ContractError if there is no such column."""
        if column not in self._columns:
            raise ContractError(
                f"{self.name} has no column {column}; its columns are {', '.join(self._columns)}"
            )
        return _python_type(self._columns[column]["data_type"])

    def row_model(self) -> type[BaseModel]:
        """A row: decimals are strings with all their digits, times have an offset."""
        fields: dict[str, Any] = {
            name: (
                self.type_of(name) | None,
                Field(description=_text(column), examples=[self._example(name)]),
            )
            for name, column in self._columns.items()
        }
        title = "".join(word.capitalize() for word in self.name.split("_"))
        return create_model(title, __config__=ConfigDict(frozen=True), __doc__=self.description, **fields)

    def _example(self, column: str) -> Any:
        kind = self.type_of(column)
        inner = get_args(kind)
        return [EXAMPLES[inner[0]]] if inner else EXAMPLES[kind]


def declared_type(stored: str) -> str:
    """A type of ClickHouse as contracts name it, nullable or not."""
    for outer in ("LowCardinality(", "Nullable("):
        if stored.startswith(outer):
            return declared_type(stored[len(outer) : -1])
    if stored.startswith("Array("):
        return f"array<{declared_type(stored[len('Array(') : -1])}>"
    if stored.startswith("Decimal("):
        return stored.lower().replace(" ", "")
    return STORED[stored]


def _python_type(declared: str) -> type[Any]:
    if declared.startswith("decimal("):
        return Decimal
    if declared.startswith("array<"):
        inner: Any = _python_type(declared[len("array<") : -1])
        return list[inner]
    return TYPES[declared]


def _text(column: Mapping[str, Any]) -> str:
    return " ".join(str(column["description"]).split())
