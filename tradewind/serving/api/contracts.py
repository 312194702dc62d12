"""The rows of answers as types, from the contracts that the marts' models declare."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, create_model

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
    """A mart's columns, with their types and descriptions."""

    def __init__(self, manifest: Manifest, mart: str) -> None:
        """ContractError if the manifest has no such model."""
        node = manifest["nodes"].get(f"model.tradewind.{mart}")
        if node is None:
            raise ContractError(
                f"the project has no model {mart}; run `tradewind up` to read its models anew"
            )
        self.mart = mart
        self.description: str = " ".join(node["description"].split())
        self._columns: dict[str, dict[str, Any]] = node["columns"]

    @property
    def columns(self) -> list[str]:
        """The names of the columns, in the mart's order."""
        return list(self._columns)

    def type_of(self, column: str) -> type[Any]:
        """The Python type of a column's values; ContractError if there is no such column."""
        if column not in self._columns:
            raise ContractError(
                f"{self.mart} has no column {column}; its columns are {', '.join(self._columns)}"
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
        title = "".join(word.capitalize() for word in self.mart.split("_"))
        return create_model(title, __config__=ConfigDict(frozen=True), __doc__=self.description, **fields)

    def _example(self, column: str) -> Any:
        return EXAMPLES.get(self.type_of(column))


def _python_type(declared: str) -> type[Any]:
    if declared.startswith("decimal("):
        return Decimal
    if declared.startswith("array<"):
        inner: Any = _python_type(declared[len("array<") : -1])
        return list[inner]
    return TYPES[declared]


def _text(column: Mapping[str, Any]) -> str:
    return " ".join(str(column["description"]).split())
