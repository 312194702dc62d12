"""How each type of PostgreSQL is carried: its engine-neutral type, and what the capture would alter.

Found by sending edge values of every type through the capture, as snapshot and as change
(tests/integration/capture/test_types.py). A column that cannot be carried exactly is left out by name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LARGEST_PRECISION = 38
"""The digits of a decimal that both engines have."""

_TYPES = {
    "bigint": "bigint",
    "integer": "int",
    "smallint": "int",
    "oid": "bigint",
    "boolean": "boolean",
    "bit(1)": "boolean",
    "date": "date",
    "double precision": "double",
    "real": "double",
    "money": "decimal(19,2)",
    "json": "json",
    "jsonb": "json",
    "hstore": "json",
    "point": "json",
    "geometry": "json",
    "geography": "json",
    "vector": "json",
    "halfvec": "json",
    "sparsevec": "json",
    "timestamp with time zone": "timestamptz",
    "timestamp without time zone": "timestamptz",
}
_TEXT = frozenset(
    {
        *(
            "text",
            "character varying",
            "character",
            '"char"',
            "name",
            "citext",
            "ltree",
            "isbn",
            "xml",
            "uuid",
        ),
        *("bytea", "inet", "cidr", "macaddr", "macaddr8", "tsvector", "interval", "numeric"),
        *("int4range", "int8range", "numrange", "tsrange", "tstzrange", "daterange"),
        "time without time zone",
    }
)
_ARRAY_ELEMENTS = {
    **{name: "bigint" for name in ("bigint", "integer", "smallint", "oid")},
    **{name: "double" for name in ("double precision", "real")},
    **{"boolean": "boolean", "timestamp with time zone": "text", "hstore": "text", "numeric": "text"},
    **{
        name: "text"
        for name in ("text", "character varying", "character", '"char"', "citext", "ltree", "uuid")
    },
    **{name: "text" for name in ("json", "jsonb", "bytea", "inet", "cidr", "macaddr", "macaddr8")},
    **{name: "text" for name in ("int4range", "int8range", "numrange", "tsrange", "tstzrange", "daterange")},
}
_REFUSED = {
    "time with time zone": "the capture changes offsets, and ends at one with seconds; use timestamptz",
    "int2vector": "the capture loses its elements; use smallint[]",
    "oidvector": "the capture loses its elements; use oid[]",
    "bit": "the capture loses its length; use text or boolean",
    "bit varying": "the capture loses its length; use text",
}
_ALTERED = {
    "time without time zone": ("'24:00'::time",),
    "interval": ("'infinity'::interval", "'-infinity'::interval"),
    "numeric[]": ("array['NaN'::numeric]",),
}
"""Values that the capture alters so that they look like others."""
_FIRST_SERVER_WITH = {"interval": 170_000}
"""Servers older than this do not have the altered values."""


@dataclass(frozen=True)
class Carriage:
    """How the values of a type are carried."""

    neutral_type: str
    is_encoded: bool = False
    """Whether the event has the value's text in base64, as Debezium passes on types that it does not know."""
    refusal: str = ""
    """Why no value can be carried; empty if they can."""
    altered: tuple[str, ...] = ()
    """SQL expressions of the values that are altered: the column is carried if its checks exclude them."""


def carriage(source_type: str, is_enum: bool = False, server_version: int = 0) -> Carriage:
    """How a type is carried. `source_type` is PostgreSQL's spelling, domains resolved."""
    if source_type.endswith("[]"):
        return _array(source_type[:-2], is_enum)
    name, arguments = _parts(source_type)
    if reason := _REFUSED.get(name if source_type != "bit(1)" else ""):
        return Carriage("text", refusal=reason)
    if name == "numeric" and len(arguments) == 2:
        return _numeric(*arguments)
    altered = _ALTERED.get(name, ()) if server_version >= _FIRST_SERVER_WITH.get(name, 0) else ()
    neutral = _TYPES.get(source_type) or _TYPES.get(name)
    if neutral or is_enum or name in _TEXT:
        return Carriage(neutral or "text", altered=altered)
    return Carriage("text", is_encoded=True)


def neutral_type(source_type: str, is_enum: bool = False) -> str:
    """The engine-neutral type (macros/types.sql) of a PostgreSQL type."""
    return carriage(source_type, is_enum).neutral_type


def _array(element: str, is_enum: bool) -> Carriage:
    name, _ = _parts(element)
    neutral = "text" if is_enum else _ARRAY_ELEMENTS.get(name)
    if neutral is None:
        return Carriage("array<text>", refusal=f"the capture cannot carry arrays of {element}; use jsonb")
    return Carriage(f"array<{neutral}>", altered=_ALTERED.get(f"{name}[]", ()))


def _numeric(precision: int, scale: int) -> Carriage:
    """No decimal of both engines holds more than 38 digits: such numbers stay text."""
    if scale < 0:
        return Carriage("text", refusal="the capture pads numbers of a negative scale; use a scale of 0")
    precision = max(precision, scale)
    return Carriage(f"decimal({precision},{scale})" if precision <= LARGEST_PRECISION else "text")


def _parts(source_type: str) -> tuple[str, tuple[int, ...]]:
    """`numeric(18,2)` -> numeric, (18, 2); `timestamp(3) with time zone` -> without its precision."""
    if source_type.startswith("interval"):
        return "interval", ()
    match = re.search(r"\(([-0-9,]+)\)", source_type)
    if match is None:
        return source_type, ()
    name = source_type[: match.start()] + source_type[match.end() :]
    return name, tuple(int(number) for number in match[1].split(","))
