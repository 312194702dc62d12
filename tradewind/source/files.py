"""Reading data files strictly: `.csv`, plain or compressed, streamed, every value checked.

A problem is a LoadError with file, line (from 1, the header's), column and reason.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from tradewind.source.errors import LoadError
from tradewind.source.text_file import DECOMPRESSION_ERRORS, LARGEST_TEXT, LONGEST_ROW, Lines, open_lines

Check = Callable[[str], None]
"""Raises ValueError with the reason if the text is not such a value."""

_DELIMITERS = (",", ";", "\t", "|")
# The line by which spreadsheets declare the delimiter.
_DECLARED_DELIMITER = re.compile(r'"?sep=(.)"?\r?\n?', re.IGNORECASE)
_MOST_KNOWN, _LONGEST_KNOWN = 10_000, 40


@dataclass(frozen=True)
class Field:
    """One column of a file: its name, its staging type, its check, and whether it may be empty (null)."""

    name: str
    sql_type: str
    check: Check
    is_optional: bool = False


@dataclass(frozen=True)
class FileSpec:
    """A file of a data set: its name without extension, its columns in any order, and its format."""

    stem: str
    fields: tuple[Field, ...]
    delimiter: str = ","
    endings: tuple[str, ...] = (".csv", ".csv.zst")
    is_flexible: bool = False
    """Whether people write such files: the delimiter is recognised, names may be capitalised, empty rows are
    skipped."""
    largest_text: int = LARGEST_TEXT
    """The most characters a file may have, decompressed."""


def text(name: str, *, optional: bool = False) -> Field:
    """Any text; PostgreSQL cannot hold a zero byte."""
    return Field(name, "text", _check_text, optional)


def one_of(name: str, *values: str, optional: bool = False) -> Field:
    """One of the texts listed."""

    def check(value: str) -> None:
        if value not in values:
            raise ValueError(f"'{value}' is unknown; known are {', '.join(values)}")

    return Field(name, "text", check, optional)


def timestamp(name: str, *, optional: bool = False) -> Field:
    """A moment as `YYYY-MM-DD hh:mm:ss`."""
    return Field(name, "timestamp", _check_timestamp, optional)


def day(name: str) -> Field:
    """A day as `YYYY-MM-DD`."""
    return Field(name, "date", _check_day)


def money(name: str) -> Field:
    """An amount, not negative, with at most two decimals."""
    return Field(name, "numeric(18, 2)", _check_money)


def integer(name: str, smallest: int, largest: int, *, optional: bool = False) -> Field:
    """A whole number within bounds."""

    def check(value: str) -> None:
        if not re.fullmatch(r"-?[0-9]{1,18}", value):
            raise ValueError(f"'{value}' is not a whole number")
        if not smallest <= int(value) <= largest:
            raise ValueError(f"{value} is outside {smallest} to {largest}")

    return Field(name, "integer", check, optional)


def degrees(name: str, largest: int) -> Field:
    """A coordinate from -largest to largest."""

    def check(value: str) -> None:
        if not re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]+)?(e-[0-9]{1,2})?", value, re.IGNORECASE):
            raise ValueError(f"'{value}' is not a coordinate")
        if abs(Decimal(value)) > largest:
            raise ValueError(f"{value} is outside -{largest} to {largest}")

    return Field(name, "numeric", check)


def locate(folder: Path, spec: FileSpec) -> Path:
    """The data file in `folder`, plain or compressed; LoadError if there is none or both."""
    if not folder.is_dir():
        raise LoadError(str(folder), "is not a folder")
    names = [f"{spec.stem}{ending}" for ending in spec.endings]
    found = [folder / name for name in names if (folder / name).is_file()]
    if not found:
        also = f" (also as {', '.join(names[1:])})" if names[1:] else ""
        raise LoadError(names[0], f"is missing in {folder}{also}")
    if len(found) > 1:
        raise LoadError(names[0], f"is there twice in {folder}, plain and compressed; remove one")
    return found[0]


def read(path: Path, spec: FileSpec) -> Iterator[tuple[int, list[str | None]]]:
    """Each row's first line number and its checked values in the order of the spec's fields."""
    csv.field_size_limit(LONGEST_ROW)
    with open_lines(path, spec.largest_text) as lines:
        line = 1
        try:
            header, delimiter = _header(lines, spec)
            positions = _positions(path.name, header, spec, lines.number or 1)
            width = len(positions)
            columns = [(positions[field.name], field, set[str]()) for field in spec.fields]
            line, lines.row_size = lines.number + 1, 0
            for row in csv.reader(lines, strict=True, delimiter=delimiter):
                if spec.is_flexible and not any(row):
                    line, lines.row_size = lines.number + 1, 0
                    continue
                if len(row) != width:
                    raise LoadError(path.name, f"has {len(row)} values, the header {width}", line)
                yield (
                    line,
                    [
                        row[position]
                        if row[position] in known
                        else _value(path.name, line, field, row[position], known)
                        for position, field, known in columns
                    ],
                )
                line, lines.row_size = lines.number + 1, 0
        except csv.Error as error:
            raise LoadError(path.name, f"is not valid CSV: {error}", line) from error
        except UnicodeDecodeError as error:
            # The text is decoded some way ahead of the row that is being read.
            line = lines.number + 1 + error.object[: error.start].count(b"\n")
            raise LoadError(path.name, f"is not valid UTF-8: {error.reason}", line) from error
        except DECOMPRESSION_ERRORS as error:
            raise LoadError(path.name, f"cannot be decompressed: {error}", line) from error


def _header(lines: Lines, spec: FileSpec) -> tuple[list[str], str]:
    """The names in the header, and the delimiter of the file."""
    if not spec.is_flexible:
        return next(csv.reader(lines, strict=True, delimiter=spec.delimiter), []), spec.delimiter
    first = next(lines, "")
    if declared := _DECLARED_DELIMITER.fullmatch(first):
        return _names(next(lines, ""), declared[1]), declared[1]
    wanted = {field.name for field in spec.fields}
    delimiter = max(_DELIMITERS, key=lambda candidate: len(wanted.intersection(_names(first, candidate))))
    return _names(first, delimiter), delimiter


def _names(line: str, delimiter: str) -> list[str]:
    """The names in a header that a person wrote, in lower case with underscores."""
    found = next(csv.reader([line], delimiter=delimiter), [])
    return [re.sub(r"[\s-]+", "_", name.strip().lower()) for name in found]


def _positions(file: str, header: list[str], spec: FileSpec, line: int) -> dict[str, int]:
    """Where each column stands; unknown columns are an error too, as their values would be lost."""
    wanted = [field.name for field in spec.fields]
    if not header:
        raise LoadError(file, f"is empty; its first line should be {spec.delimiter.join(wanted)}", line)
    for name in wanted:
        if header.count(name) != 1:
            found = f"column is missing; the header has {', '.join(header)}"
            raise LoadError(file, found if name not in header else "column is there twice", line, name)
    for name in header:
        if name not in wanted:
            raise LoadError(file, "column is unknown; its values would be lost", line, name)
    return {name: position for position, name in enumerate(header)}


def _value(file: str, line: int, field: Field, value: str, known: set[str]) -> str | None:
    """The checked value, or an error; valid values are cached in `known`, since most values repeat."""
    if value == "" and field.is_optional:
        return None
    if value == "":
        raise LoadError(file, "is empty", line, field.name)
    try:
        field.check(value)
    except ValueError as error:
        raise LoadError(file, str(error), line, field.name) from error
    if len(known) < _MOST_KNOWN and len(value) <= _LONGEST_KNOWN:
        known.add(value)
    return value


def _check_text(value: str) -> None:
    if "\0" in value:
        raise ValueError("contains a zero byte")


def _check_timestamp(value: str) -> None:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}", value):
        raise ValueError(f"'{value}' is not a time like 2018-01-31 23:59:59")
    datetime.fromisoformat(value)


def _check_day(value: str) -> None:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise ValueError(f"'{value}' is not a day like 2018-01-31")
    date.fromisoformat(value)


def _check_money(value: str) -> None:
    if not re.fullmatch(r"[0-9]{1,16}(\.[0-9]{1,2})?", value):
        raise ValueError(f"'{value}' is not an amount of money (not negative, at most two decimals)")
