"""The golden order book: the rows of a small shop, and what every mart has to make of them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from clickhouse_connect.driver.client import Client

from tests.integration.dbt.changes import Change, write
from tradewind.settings import PROJECT_ROOT
from tradewind.source.layer import FOLDER

BOOK = Path(__file__).parent / "book"
EXPECTED = Path(__file__).parent / "expected"

NOTE = "note"
BECAUSE = "because"
ALTERNATIVES = " | "
DELETED_ORDER = "14"
FIRST_POSITION, DELETED_AT = 1_000, 100_000

Row = dict[str, str]


def load(client: Client, arrived_at: datetime) -> None:
    """Write the rows of the book into bronze, and take order 14 away again."""
    for table in sorted(path.stem for path in BOOK.glob("*.csv")):
        typed = [_typed(table, row) for row in rows(table)]
        changes = [Change("c", FIRST_POSITION + 10 * number, after=row) for number, row in enumerate(typed)]
        write(client, f"bronze.{table}", changes, arrived_at)
    for table in ("order_items", "orders"):
        gone = [_typed(table, row) for row in rows(table) if row["order_id"] == DELETED_ORDER]
        deletes = [Change("d", DELETED_AT + number, before=row) for number, row in enumerate(gone)]
        write(client, f"bronze.{table}", deletes, arrived_at)


def rows(table: str) -> list[Row]:
    """The rows of a table of the shop, as texts."""
    return _rows(BOOK / f"{table}.csv")


def marts_with_a_file() -> set[str]:
    """The marts whose expected rows are written down."""
    return {path.stem for path in EXPECTED.glob("*.csv")}


def expected_rows(mart: str) -> list[Row]:
    """The expected rows of a mart as texts, with the column `because` that works them out.

    A value `a | b` stands for one row with each.
    """
    written = _rows(EXPECTED / f"{mart}.csv")
    return [whole for row in written for whole in _one_per_alternative(row)]


def _one_per_alternative(row: Row) -> Iterator[Row]:
    for column, value in row.items():
        if column != BECAUSE and ALTERNATIVES in value:
            for choice in value.split(ALTERNATIVES):
                yield from _one_per_alternative(row | {column: choice})
            return
    yield row


def _rows(path: Path) -> list[Row]:
    """The rows of a file; lines that begin with # explain it."""
    with path.open(newline="") as file:
        reader = csv.DictReader((line for line in file if not line.startswith("#")), strict=True)
        found = list(reader)
    for number, row in enumerate(found, 1):
        if None in row or None in row.values():
            raise ValueError(f"{path.name}, row {number}: it has {len(row)} values, not {reader.fieldnames}")
    return found


def _typed(table: str, row: Row) -> dict[str, Any]:
    """A row as Debezium has it; who wrote it and when is the same in all."""
    types = _column_types(table)
    known = {name: value for name, value in row.items() if name != NOTE}
    if unknown := sorted(known.keys() - types.keys()):
        raise ValueError(f"{table}.csv: ods_{table} has no column {', '.join(unknown)}")
    values = {name: _value(types[name], value) for name, value in known.items()}
    times = {"created_at": "2025-01-01T00:00:00Z", "updated_at": "2025-01-01T00:00:00Z"}
    return values | {name: time for name, time in times.items() if name in types}


def _value(data_type: str, text: str) -> Any:
    if not text:
        return None
    if data_type in ("bigint", "int"):
        return int(text)
    if data_type == "boolean":
        return {"true": True, "false": False}[text]
    return f"{text}Z" if data_type == "date" else text


@cache
def _column_types(table: str) -> dict[str, str]:
    described = yaml.safe_load((PROJECT_ROOT / FOLDER / f"ods_{table}.yml").read_text())
    return {column["name"]: column["data_type"] for column in described["models"][0]["columns"]}
