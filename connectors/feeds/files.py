"""Reading a dropped file: every value checked by the declaration of its feed."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from connectors.feeds.change_log import Row
from connectors.feeds.declaration import PERIOD, FeedColumn, FileFeed, Format, Values
from connectors.feeds.errors import FeedError
from tradewind.source.errors import LoadError
from tradewind.source.files import Field, FileSpec, integer, one_of, read, text

LARGEST_TEXT = 16 * 1024 * 1024
"""Characters of one file; its rows are held in memory."""

_LARGEST_INTEGER = 2**63 - 1
_NUMERIC = re.compile(r"numeric\((\d+),(\d+)\)")


@dataclass(frozen=True)
class Content:
    """The checked rows of a file and the month they are valid for."""

    period: str
    rows: tuple[Row, ...]

    @property
    def digest(self) -> str:
        """The identity of the content: order of rows, line ends and compression do not matter."""
        rows = sorted(json.dumps(row, sort_keys=True) for row in self.rows)
        return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def read_content(path: Path, feed: FileFeed) -> Content:
    """The checked rows of a file; LoadError with file, line, column and reason for the first wrong one."""
    rows: list[Row] = []
    lines: dict[tuple[str | None, ...], int] = {}
    period: str | None = None
    names = [column.name for column in feed.columns]
    for line, found in read(path, file_spec(path.stem, feed)):
        values = dict(zip(names, found, strict=True))
        _check_rules(path.name, line, values, feed)
        period = period or values[PERIOD]
        if values[PERIOD] != period:
            raise LoadError(path.name, f"is not {period} as above; a file holds one month", line, PERIOD)
        key = tuple(values[name] for name in feed.key)
        if key in lines:
            raise LoadError(
                path.name, f"{', '.join(map(str, key))} is in line {lines[key]} too", line, feed.key[-1]
            )
        lines[key] = line
        rows.append(_typed(values, feed))
    if period is None:
        raise LoadError(path.name, "has no rows")
    return Content(period, tuple(rows))


def file_spec(stem: str, feed: FileFeed) -> FileSpec:
    """The columns and checks of a file of this feed."""
    fields = tuple(_field(column) for column in feed.columns)
    return FileSpec(stem, fields, is_flexible=True, largest_text=LARGEST_TEXT)


def _check_rules(file: str, line: int, values: Values, feed: FileFeed) -> None:
    for rule in feed.rules:
        if not rule.holds(values):
            raise LoadError(file, rule.reason.format(**values), line, rule.column)


def _typed(values: Values, feed: FileFeed) -> Row:
    """Whole numbers as numbers, everything else as text, as Debezium has it."""
    numbers = {column.name for column in feed.columns if column.is_whole_number}
    return {
        name: int(value) if name in numbers and value is not None else value for name, value in values.items()
    }


def _field(column: FeedColumn) -> Field:
    """The column's check in a file."""
    if column.name == PERIOD:
        return Field(column.name, "date", _check_first_of_month)
    if column.allowed_values:
        return one_of(column.name, *column.allowed_values, optional=column.nullable)
    if column.format is not None:
        return _formatted(column, column.format)
    if column.is_whole_number:
        smallest, largest = column.limits or (-_LARGEST_INTEGER, _LARGEST_INTEGER)
        return integer(column.name, smallest, largest, optional=column.nullable)
    if match := _NUMERIC.fullmatch(column.source_type):
        return _decimal(column, int(match[1]), int(match[2]))
    if column.source_type == "date":
        return Field(column.name, "date", _check_date, column.nullable)
    if column.source_type == "text":
        return text(column.name, optional=column.nullable)
    raise FeedError(
        f"column {column.name} is declared as {column.source_type}; a file's columns can be "
        "text, date, integer, bigint or numeric(p,s)"
    )


def _formatted(column: FeedColumn, wanted: Format) -> Field:
    def check(value: str) -> None:
        if not re.fullmatch(wanted.pattern, value):
            raise ValueError(f"'{value}' is not {wanted.words}")

    return Field(column.name, "text", check, column.nullable)


def _decimal(column: FeedColumn, digits: int, places: int) -> Field:
    pattern = re.compile(rf"-?[0-9]{{1,{digits - places}}}(\.[0-9]{{1,{places}}})?")

    def check(value: str) -> None:
        if re.fullmatch(r"-?[0-9]+,[0-9]+", value):
            raise ValueError(f"'{value}' has a decimal comma; write {value.replace(',', '.')}")
        if not pattern.fullmatch(value):
            raise ValueError(
                f"'{value}' is not a number with at most {digits - places} digits before "
                f"and {places} after the point"
            )
        if column.limits and not column.limits[0] <= Decimal(value) <= column.limits[1]:
            raise ValueError(f"{value} is outside {column.limits[0]} to {column.limits[1]}")

    return Field(column.name, column.source_type, check, column.nullable)


def _check_first_of_month(value: str) -> None:
    if not re.fullmatch(r"20[0-9]{2}-[0-9]{2}-01", value):
        raise ValueError(f"'{value}' is not the first day of a month since 2000, like 2026-10-01")
    date.fromisoformat(value)


def _check_date(value: str) -> None:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise ValueError(f"'{value}' is not a date like 2026-10-31")
    date.fromisoformat(value)
