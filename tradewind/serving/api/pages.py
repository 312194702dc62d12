"""Pages of a table: a cursor is the key of the last row, so that rows which come or go move no page."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from tradewind.serving.api.table import Order

CLICKHOUSE_TYPES: dict[type[Any], str] = {
    str: "String",
    int: "Int64",
    float: "Float64",
    bool: "Bool",
    date: "Date32",
    datetime: "DateTime64(6, 'UTC')",
    Decimal: "Decimal(38, 10)",
}


class CursorError(ValueError):
    """A cursor that no answer has given."""


def cursor_after(order: Order, row: Mapping[str, Any]) -> str:
    """What asks for the rows after this one."""
    key = [_plain(row[column]) for column in order.columns]
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def key_of(cursor: str, order: Order, types: Mapping[str, type[Any]]) -> list[Any]:
    """The key that a cursor holds, in the types of its columns; CursorError for anything else."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        values = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if not isinstance(values, list) or len(values) != len(order.columns):
            raise CursorError(cursor)
        return [_typed(value, types[column]) for value, column in zip(values, order.columns, strict=True)]
    except (binascii.Error, UnicodeDecodeError, ValueError, TypeError, ArithmeticError) as error:
        raise CursorError("the cursor is not one that an answer has given as next_cursor") from error


def after(order: Order, key: Sequence[Any], types: Mapping[str, type[Any]]) -> tuple[str, dict[str, Any]]:
    """The condition for rows after a key, and its parameters."""
    names = [f"after_{number}" for number in range(len(key))]
    places = [
        f"{{{name}:{CLICKHOUSE_TYPES[types[column]]}}}"
        for name, column in zip(names, order.columns, strict=True)
    ]
    sign = "<" if order.is_descending else ">"
    left, right = ", ".join(order.columns), ", ".join(places)
    return f"({left}) {sign} ({right})", dict(zip(names, key, strict=True))


def _plain(value: Any) -> Any:
    return (
        value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, Decimal) else value
    )


def _typed(value: Any, kind: type[Any]) -> Any:
    if kind is datetime:
        return datetime.fromisoformat(value)
    if kind is date:
        return date.fromisoformat(value)
    if kind is Decimal:
        return Decimal(value)
    if type(value) is not kind:
        raise CursorError(str(value))
    return value
