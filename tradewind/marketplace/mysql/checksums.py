"""Checksums of a shop on a MySQL-family server that are equal to those of the same shop on PostgreSQL."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from pymysql.cursors import SSCursor

from tradewind.marketplace.mysql.init import DATABASE
from tradewind.source.mysql.catalog import read_tables
from tradewind.source.mysql.connection import Connection, connect
from tradewind.source.table import Table

_DATABASES = (DATABASE, "labels")
_DIGITS = 15
_NEEDS_QUOTES = re.compile(r'[\s"\\(),]|^$')


def checksums(owner_url: str) -> dict[str, str]:
    """Per table of the shop (labels too): its rows, and 16 hexadecimal digits over their content."""
    with connect(owner_url) as connection:
        tables = read_tables(connection, _DATABASES)
        found = {(table.schema != DATABASE, table.name): _checksum(connection, table) for table in tables}
    return {
        f"labels.{name}" if is_label else name: checksum
        for (is_label, name), checksum in sorted(found.items())
    }


def row_text(values: Iterable[object], types: Iterable[str]) -> str:
    """A row as PostgreSQL writes it: `(1,,"two words",t)`."""
    return "(" + ",".join(map(_field, values, types)) + ")"


def _checksum(connection: Connection, table: Table) -> str:
    types = [column.source_type for column in table.columns]
    names = ", ".join(f"`{column.name}`" for column in table.columns)
    count = total = 0
    with connection.cursor(SSCursor) as cursor:
        cursor.execute(f"select {names} from `{table.schema}`.`{table.name}`")  # noqa: S608 - names of the catalogue
        for row in cursor:
            digest = hashlib.md5(row_text(row, types).encode(), usedforsecurity=False).hexdigest()
            total += int(digest[:_DIGITS], 16)
            count += 1
    return f"{count}:{total % 2**64:016x}"


def _field(value: object, kind: str) -> str:
    if value is None:
        return ""
    text = _text(value, kind)
    if _NEEDS_QUOTES.search(text):
        return '"' + text.replace("\\", "\\\\").replace('"', '""') + '"'
    return text


def _text(value: object, kind: str) -> str:
    if kind == "boolean":
        return "t" if value else "f"
    if kind == "jsonb":
        return _json(json.loads(str(value), parse_float=Decimal))
    if isinstance(value, dt.datetime):
        fraction = f".{value.microsecond:06d}".rstrip("0") if value.microsecond else ""
        return f"{value:%Y-%m-%d %H:%M:%S}{fraction}+00"
    return str(value)


def _json(value: Any) -> str:
    """As jsonb is written: shorter keys first, a space after comma and colon."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: (len(key.encode()), key.encode()))
        return "{" + ", ".join(f"{_json(key)}: {_json(value[key])}" for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_json, value)) + "]"
    return str(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)
