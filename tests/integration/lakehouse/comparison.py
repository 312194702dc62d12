"""Two tables row for row, whatever engine they come from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa

Row = tuple[object, ...]
SHOWN = 5
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Content:
    """A table's columns by name, and its rows in comparable values, in any order."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def content(table: pa.Table) -> Content:
    """What an Arrow table says, with its columns sorted by name."""
    names = tuple(sorted(table.column_names))
    columns = [_comparables(table.column(name)) for name in names]
    return Content(names, tuple(zip(*columns, strict=True)))


def _comparables(column: pa.ChunkedArray) -> list[object]:
    """A column's values; each that is there many times is made comparable once."""
    if pa.types.is_nested(column.type):
        return [comparable(value) for value in column.to_pylist()]
    encoded = column.combine_chunks().dictionary_encode()
    values = [comparable(value) for value in encoded.dictionary.to_pylist()]
    return [None if place is None else values[place] for place in encoded.indices.to_pylist()]


def comparable(value: object) -> object:
    """A value as both engines would write it: decimals as text, instants as microseconds since 1970, UTC.

    Kinds stay apart (`1`, `1.0`, `True`, `"1"` and the decimal 1 are all different), nothing is rounded.
    """
    match value:
        case None | str():
            return value
        case bool() | float():
            return (type(value).__name__, repr(value))
        case int():
            return value
        case Decimal():
            return ("decimal", f"{value:f}")
        case datetime():
            return ("instant", (value - EPOCH) // datetime.resolution)
        case date():
            return ("date", value.isoformat())
        case dict():
            return ("map", tuple(sorted((key, comparable(item)) for key, item in value.items())))
        case list() | tuple():
            return ("list", tuple(comparable(item) for item in value))
        case _:
            raise TypeError(f"no rule for comparing {type(value).__name__}: {value!r}")


def differences(name: str, one: Content, other: Content, sides: tuple[str, str]) -> str:
    """What differs between two contents of one table, the first rows named; an empty text if nothing does."""
    if one.columns != other.columns:
        return f"{name}: columns {_only(one, other, sides[0])}, {_only(other, one, sides[1])}"
    only_one, only_other = Counter(one.rows) - Counter(other.rows), Counter(other.rows) - Counter(one.rows)
    if not only_one and not only_other:
        return ""
    head = f"{name}: {only_one.total()} rows only in {sides[0]}, {only_other.total()} only in {sides[1]}"
    pairs = zip(_first(only_one), _first(only_other), strict=False)
    shown = [f"  {_difference(one.columns, *pair)}" for pair in pairs]
    lonely = [
        f"  only in {side}: {dict(zip(one.columns, row, strict=True))}"
        for side, rows in zip(sides, (only_one, only_other), strict=True)
        for row in _first(rows)[len(shown) :]
    ]
    return "\n".join([head, *shown, *lonely])


def _only(one: Content, other: Content, side: str) -> str:
    return f"only in {side}: {sorted(set(one.columns) - set(other.columns))}"


def _first(rows: Iterable[Row]) -> Sequence[Row]:
    return sorted(rows, key=repr)[:SHOWN]


def _difference(columns: Sequence[str], one: Row, other: Row) -> str:
    """Two rows beside each other: what is the same names them, what differs is shown."""
    same = {name: a for name, a, b in zip(columns, one, other, strict=True) if a == b and a is not None}
    differs = {name: (a, b) for name, a, b in zip(columns, one, other, strict=True) if a != b}
    return f"{differs} where {same}"
