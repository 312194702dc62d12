"""The live catalogue of the captured tables."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

import psycopg

from tradewind.source.mysql import is_mysql
from tradewind.source.mysql.catalog import read_catalog as read_mysql_catalog
from tradewind.source.table import Column, ForeignKey, Table

CAPTURED_SCHEMAS = ("public",)

_TEXT = r"'(?:[^']|'')*'::[a-z ]+"
_ALLOWED = re.compile(
    r"""^CHECK \(+(?:"(?P<quoted>[^"]+)"|(?P<plain>\w+))\)?(?:::text)? = ANY """
    rf"\(+ARRAY\[(?P<values>{_TEXT}(?:, {_TEXT})*)\]"
    r"\)*(?:::text\[\])?\)*$"
)
_TEXT_LITERAL = re.compile(r"'((?:[^']|'')*)'")


def read_catalog(database_url: str, schemas: Sequence[str] = CAPTURED_SCHEMAS) -> tuple[Table, ...]:
    """The tables of the schemas, by schema and name. Any role that may connect can read them.

    On a MySQL-family server, where a schema is a database, they are those of the shop's.
    """
    if is_mysql(database_url):
        return read_mysql_catalog(database_url)
    with psycopg.connect(database_url) as connection:
        connection.read_only = True
        return read_tables(connection, schemas)


def read_tables(
    connection: psycopg.Connection, schemas: Sequence[str] = CAPTURED_SCHEMAS
) -> tuple[Table, ...]:
    """As `read_catalog`, on an open connection."""
    wanted = [list(schemas)]
    columns: dict[int, list[Column]] = defaultdict(list)
    allowed = _allowed_values(connection, wanted)
    for row in connection.execute(_COLUMNS, wanted):
        table_oid, name, source_type, nullable, comment = row
        columns[table_oid].append(
            Column(name, source_type, nullable, comment, allowed.get((table_oid, name), ()))
        )
    keys: dict[int, tuple[str, ...]] = {oid: tuple(names) for oid, names in connection.execute(_KEYS, wanted)}
    foreign_keys = _foreign_keys(connection, wanted)
    return tuple(
        Table(schema, name, comment, tuple(columns[oid]), keys.get(oid, ()), tuple(foreign_keys[oid]))
        for oid, schema, name, comment in connection.execute(_TABLES, wanted)
    )


def _allowed_values(
    connection: psycopg.Connection, wanted: list[list[str]]
) -> dict[tuple[int, str], tuple[str, ...]]:
    """Values that a check constraint of one column lists: `check (status in ('a', 'b'))`."""
    found = {}
    for oid, column, definition in connection.execute(_CHECKS, wanted):
        match = _ALLOWED.match(definition)
        if match and column in (match["plain"], match["quoted"]):
            values = _TEXT_LITERAL.findall(match["values"])
            found[oid, column] = tuple(value.replace("''", "'") for value in values)
    return found


def _foreign_keys(connection: psycopg.Connection, wanted: list[list[str]]) -> dict[int, list[ForeignKey]]:
    found: dict[int, list[ForeignKey]] = defaultdict(list)
    for oid, name, columns, schema, table, referenced in connection.execute(_FOREIGN_KEYS, wanted):
        found[oid].append(ForeignKey(name, tuple(columns), schema, table, tuple(referenced)))
    return found


_RELATIONS = """
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace and n.nspname = any(%s)
        and c.relkind in ('r', 'p') and not c.relispartition
"""

_TABLES = f"""
    select c.oid, n.nspname, c.relname, coalesce(obj_description(c.oid, 'pg_class'), '')
    {_RELATIONS}
    order by n.nspname, c.relname
"""

_COLUMNS = f"""
    select c.oid, a.attname, format_type(a.atttypid, a.atttypmod), not a.attnotnull,
        coalesce(col_description(c.oid, a.attnum), '')
    {_RELATIONS}
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    order by c.oid, a.attnum
"""

_COLUMN_NAMES = """
    array(
        select a.attname::text
        from unnest({key}) with ordinality as k(attnum, position)
        join pg_attribute a on a.attrelid = {relation} and a.attnum = k.attnum
        order by k.position
    )
"""

_KEYS = f"""
    select c.oid, {_COLUMN_NAMES.format(key="k.conkey", relation="c.oid")}
    {_RELATIONS}
    join pg_constraint k on k.conrelid = c.oid and k.contype = 'p'
"""

_CHECKS = f"""
    select c.oid, a.attname, pg_get_constraintdef(k.oid)
    {_RELATIONS}
    join pg_constraint k on k.conrelid = c.oid and k.contype = 'c' and cardinality(k.conkey) = 1
    join pg_attribute a on a.attrelid = c.oid and a.attnum = k.conkey[1]
"""

_FOREIGN_KEYS = f"""
    select c.oid, k.conname, {_COLUMN_NAMES.format(key="k.conkey", relation="c.oid")},
        fn.nspname, f.relname, {_COLUMN_NAMES.format(key="k.confkey", relation="f.oid")}
    {_RELATIONS}
    join pg_constraint k on k.conrelid = c.oid and k.contype = 'f' and k.conparentid = 0
    join pg_class f on f.oid = k.confrelid
    join pg_namespace fn on fn.oid = f.relnamespace
    order by c.oid, k.conname
"""
