"""Reading data files strictly: `.csv` or `.csv.zst`, streamed, every value checked.

A problem is a LoadError with file, line (from 1, the header's), column and reason.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

import zstandard
from typing_extensions import Buffer

from tradewind.source.errors import LoadError

Check = Callable[[str], None]
"""Raises ValueError with the reason if the text is not such a value."""

_LARGEST_FIELD = 16 * 1024 * 1024
_CHUNK = 64 * 1024
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
    with _open_text(path) as stream:
        reader = csv.reader(stream, strict=True, delimiter=spec.delimiter)
        line = 1
        try:
            positions = _positions(path.name, next(reader, []), spec)
            width = len(positions)
            columns = [(positions[field.name], field, set[str]()) for field in spec.fields]
            line = reader.line_num + 1
            for row in reader:
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
                line = reader.line_num + 1
        except csv.Error as error:
            raise LoadError(path.name, f"is not valid CSV: {error}", line) from error
        except UnicodeDecodeError as error:
            # The text is decoded ahead of the row that is being read.
            line = reader.line_num + 1 + error.object[: error.start].count(b"\n")
            raise LoadError(path.name, f"is not valid UTF-8: {error.reason}", line) from error
        except (zstandard.ZstdError, EOFError) as error:
            raise LoadError(path.name, f"cannot be decompressed: {error}", line) from error


@contextmanager
def _open_text(path: Path) -> Iterator[io.TextIOBase]:
    csv.field_size_limit(_LARGEST_FIELD)
    try:
        opened = path.open("rb")
    except OSError as error:
        raise LoadError(path.name, f"cannot be read: {error.strerror}") from error
    with opened as raw:
        if path.suffix != ".zst":
            yield io.TextIOWrapper(raw, encoding="utf-8-sig", newline="")
            return
        yield io.TextIOWrapper(io.BufferedReader(_Decompressed(raw)), encoding="utf-8-sig", newline="")


class _Decompressed(io.RawIOBase):
    """A decompressed stream that detects a truncated file (zstandard's own reader does not)."""

    def __init__(self, compressed: BinaryIO) -> None:
        self._compressed = compressed
        self._frame = zstandard.ZstdDecompressor().decompressobj()
        self._compressed_rest = b""
        self._plain = b""

    def readable(self) -> bool:
        """A file opened for reading."""
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        """Fill the buffer; 0 at the end of a complete file, EOFError at the end of a truncated one."""
        while not self._plain:
            chunk = self._compressed_rest or self._compressed.read(_CHUNK)
            if not chunk:
                if not self._frame.eof:
                    raise EOFError("the file is cut off")
                return 0
            if self._frame.eof:
                self._frame = zstandard.ZstdDecompressor().decompressobj()
            self._plain = self._frame.decompress(chunk)
            self._compressed_rest = self._frame.unused_data
        target = memoryview(buffer).cast("B")
        count = min(len(target), len(self._plain))
        target[:count] = self._plain[:count]
        self._plain = self._plain[count:]
        return count


def _positions(file: str, header: list[str], spec: FileSpec) -> dict[str, int]:
    """The index of each column; unknown columns are an error too, as their values would be lost."""
    wanted = [field.name for field in spec.fields]
    if not header:
        raise LoadError(file, f"is empty; its first line should be {spec.delimiter.join(wanted)}", 1)
    for name in wanted:
        if header.count(name) != 1:
            raise LoadError(
                file, "column is missing" if name not in header else "column is there twice", 1, name
            )
    for name in header:
        if name not in wanted:
            raise LoadError(file, "column is unknown; its values would be lost", 1, name)
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
