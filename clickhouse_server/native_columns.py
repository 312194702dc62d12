"""Where a column ends in a block of the format Native, from its type."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from clickhouse_server.errors import ClickHouseError
from clickhouse_server.lexer import Token, tokens

Skip = Callable[[bytes, int, int], int]
"""(block, place, rows) -> the place after the data of so many rows."""

FIXED_SIZES = {
    "Nothing": 1, "Bool": 1, "Int8": 1, "UInt8": 1, "Enum8": 1,
    "Int16": 2, "UInt16": 2, "Enum16": 2, "Date": 2, "BFloat16": 2,
    "Int32": 4, "UInt32": 4, "Float32": 4, "Date32": 4, "DateTime": 4, "DateTime32": 4, "Time": 4, "IPv4": 4,
    "Int64": 8, "UInt64": 8, "Float64": 8, "DateTime64": 8, "Time64": 8,
    "Int128": 16, "UInt128": 16, "UUID": 16, "IPv6": 16, "Int256": 32, "UInt256": 32,
    "Decimal32": 4, "Decimal64": 8, "Decimal128": 16, "Decimal256": 32,
}  # fmt: skip
GEOMETRIES = {
    "Point": "Tuple(Float64, Float64)",
    "Ring": "Array(Point)",
    "LineString": "Array(Point)",
    "MultiLineString": "Array(LineString)",
    "Polygon": "Array(Ring)",
    "MultiPolygon": "Array(Polygon)",
}
DECIMAL_SIZES = ((9, 4), (18, 8), (38, 16), (76, 32))
KEYS_SIZE = 8
HAS_KEYS = 1 << 9
INTERVAL = re.compile(r"Interval[A-Z][a-z]+")


def varint(block: bytes, place: int) -> tuple[int, int]:
    """The number at this place, and the place after it."""
    value = shift = 0
    while True:
        byte = block[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
        shift += 7


def skip_column(block: bytes, place: int, rows: int, kind: str) -> int:
    """The place after a column of this type; raises ClickHouseError for types that cannot be measured."""
    if rows == 0:
        return place
    prefix, skip = _parse(kind)
    return skip(block, place + prefix, rows)


@lru_cache(1024)
def _parse(kind: str) -> tuple[int, Skip]:
    """The size of what precedes the data of a column, and how to skip the data."""
    return _type(kind, list(tokens(kind)))


def _type(kind: str, found: list[Token]) -> tuple[int, Skip]:
    name = found[0].name
    arguments = _arguments(kind, found)
    if name in GEOMETRIES:
        return _parse(GEOMETRIES[name])
    if (size := _fixed_size(name, arguments)) is not None:
        return 0, _fixed(size)
    if name == "String":
        return 0, _strings
    if name == "Nullable":
        prefix, inner = _parse(arguments[0])
        return prefix, lambda block, place, rows: inner(block, place + rows, rows)
    if name == "LowCardinality":
        return _low_cardinality(arguments[0])
    if name in {"Array", "Map", "Nested"}:
        return _array(arguments if name == "Array" else [f"Tuple({', '.join(arguments)})"])
    if name == "Tuple":
        return _tuple(arguments)
    if name in {"SimpleAggregateFunction"}:
        return _parse(arguments[1])
    raise ClickHouseError(
        48,
        "NOT_IMPLEMENTED",
        f"A column of type {kind} is not available in Native with this client_protocol_version; "
        "convert it to String or select it as the last column",
    )


def _fixed_size(name: str, arguments: list[str]) -> int | None:
    if name == "FixedString":
        return int(arguments[0])
    if name == "Decimal":
        return next(size for digits, size in DECIMAL_SIZES if int(arguments[0]) <= digits)
    return 8 if INTERVAL.fullmatch(name) else FIXED_SIZES.get(name)


def _arguments(kind: str, found: list[Token]) -> list[str]:
    """The texts between the commas of the outermost parentheses."""
    if len(found) < 2 or not found[1].is_symbol("("):
        return []
    depth, start, texts = 0, found[1].end, []
    for token in found[2:-1]:
        depth += token.is_symbol("(") - token.is_symbol(")")
        if depth == 0 and token.is_symbol(","):
            texts.append(kind[start : token.start].strip())
            start = token.end
    texts.append(kind[start : found[-1].start].strip())
    return texts


def _fixed(size: int) -> Skip:
    return lambda block, place, rows: place + size * rows


def _strings(block: bytes, place: int, rows: int) -> int:
    for _ in range(rows):
        size = block[place]
        if size < 0x80:
            place += size + 1
        else:
            size, place = varint(block, place)
            place += size
    return place


def _tuple(arguments: list[str]) -> tuple[int, Skip]:
    elements = [_parse(_without_name(text)) for text in arguments]

    def skip(block: bytes, place: int, rows: int) -> int:
        for _, inner in elements:
            place = inner(block, place, rows)
        return place

    if not elements:
        return 0, _fixed(1)
    return sum(prefix for prefix, _ in elements), skip


def _without_name(text: str) -> str:
    """The type of a tuple's element, `name Type` or `Type`."""
    found = list(tokens(text))
    named = len(found) > 1 and bool(found[1].name)
    return text[found[1].start :] if named else text


def _array(arguments: list[str]) -> tuple[int, Skip]:
    prefix, inner = _parse(arguments[0])

    def skip(block: bytes, place: int, rows: int) -> int:
        end = place + 8 * rows
        total = int.from_bytes(block[end - 8 : end], "little")
        return inner(block, end, total) if total else end

    return prefix, skip


def _low_cardinality(kind: str) -> tuple[int, Skip]:
    """A dictionary of values, then an index into it for each row; the version of this comes first."""
    value = kind[len("Nullable(") : -1] if kind.startswith("Nullable(") else kind
    _, keys = _parse(value)

    def skip(block: bytes, place: int, rows: int) -> int:
        flags = int.from_bytes(block[place : place + 8], "little")
        place += 8
        if flags & HAS_KEYS:
            count = int.from_bytes(block[place : place + 8], "little")
            place = keys(block, place + 8, count)
        return place + 8 + rows * (1 << (flags & 0xFF))

    return KEYS_SIZE, skip
