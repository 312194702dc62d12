"""Which tables and columns the engine reads: what is published, can be read and is carried exactly.

The engine's lists are regular expressions over `schema.table.column`; without them its snapshots would read
each partition beside its table, tables that this role may not read, and columns that end the capture.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import psycopg
from psycopg.rows import TupleRow

from connectors.definitions.definition import Properties
from tradewind.source.catalog import read_tables
from tradewind.source.naming import PLATFORM_SCHEMA, TableName
from tradewind.source.table import Table

_PLATFORM_TABLES = {TableName(PLATFORM_SCHEMA, name) for name in ("heartbeat", "signal")}
_PLAIN = re.compile(r"[A-Za-z0-9_]")

# Everything that the engine would take for a table, and whether this role may read it.
_RELATIONS = """
    select n.nspname, c.relname, has_table_privilege(c.oid, 'select')
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = any(%s) and c.relkind in ('r', 'p', 'f')
"""


@dataclass(frozen=True)
class Selection:
    """The tables to capture, and those and the columns left out."""

    tables: tuple[TableName, ...]
    refused: dict[str, str]
    """Table or column -> why it is not captured, without the tables that were excluded on purpose."""
    properties: Properties
    """The engine's lists."""


def select(connection: psycopg.Connection[TupleRow]) -> Selection:
    """What to capture of the source, as this role sees it."""
    declared = read_tables(connection)
    schemas = sorted({table.schema for table in declared} | {PLATFORM_SCHEMA})
    relations = {
        TableName(schema, name): may_read
        for schema, name, may_read in connection.execute(_RELATIONS, [schemas])
    }
    tables = {t.qualified_name: t for t in declared if not t.refusal and relations.get(t.qualified_name)}
    refused = {str(t.qualified_name): t.refusal for t in declared if t.refusal and not t.is_excluded}
    for table in declared:
        if not table.refusal and not relations.get(table.qualified_name):
            refused[str(table.qualified_name)] = (
                "this role may not read it; run `tradewind source init` as its owner"
            )
    columns = {f"{name}.{column}": reason for name, column, reason in _left_out(tables.values())}
    others = [table for table in sorted(relations) if table not in {*tables, *_PLATFORM_TABLES}]
    lists = {
        "schema.include.list": _patterns([schema] for schema in schemas),
        "table.exclude.list": _patterns([table.schema, table.table] for table in others),
        "column.exclude.list": _patterns([n.schema, n.table, c] for n, c, _ in _left_out(tables.values())),
    }
    return Selection(
        tuple(sorted(tables)), refused | columns, {name: text for name, text in lists.items() if text}
    )


def _left_out(tables: Iterable[Table]) -> list[tuple[TableName, str, str]]:
    return [
        (table.qualified_name, column.name, column.refusal)
        for table in tables
        for column in table.columns
        if column.refusal
    ]


def _patterns(names: Iterable[Iterable[str]]) -> str:
    """A list of patterns that match exactly these names, which Debezium would compare in any case."""
    return ",".join(f"(?-i:{'[.]'.join(map(_escaped, parts))})" for parts in names)


def _escaped(name: str) -> str:
    return "".join(c if _PLAIN.fullmatch(c) else f"\\x{{{ord(c):x}}}" for c in name)
