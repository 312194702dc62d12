"""Which tables and columns the engine reads: what is published, can be read and is carried exactly.

The engine's lists are regular expressions over `schema.table.column`; without them its snapshots would read
each partition beside its table, tables that this role may not read, and columns that end the capture.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import psycopg
from psycopg.rows import TupleRow

from connectors.definitions.definition import Properties
from tradewind.source.catalog import captured_schemas, read_tables
from tradewind.source.naming import PLATFORM_SCHEMA, TableName, assign
from tradewind.source.table import Table

_PLATFORM_TABLES = {TableName(PLATFORM_SCHEMA, name) for name in ("heartbeat", "signal")}
_SCOPE_TABLES = {
    TableName(PLATFORM_SCHEMA, name) for name in ("captured_schemas", "excluded_tables", "published_tables")
}
QUERIES = "snapshot.select.statement.overrides"
"""The property with the names of tables that are read by queries of their own, and the prefix of those."""
_PLAIN = re.compile(r"[A-Za-z0-9_]")

# Everything that the engine would take for a table, and whether this role may read all its rows.
_RELATIONS = """
    select n.nspname, c.relname,
        has_table_privilege(c.oid, 'select') and not row_security_active(c.oid)
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = any(%s) and c.relkind in ('r', 'p', 'f')
"""


@dataclass(frozen=True)
class Selection:
    """The tables to capture, and those and the columns left out."""

    columns: dict[TableName, tuple[str, ...]]
    """The captured columns of each captured table."""
    refused: dict[str, str]
    """Table or column -> why it is not captured, without the tables that were excluded on purpose."""
    properties: Properties
    """The engine's lists."""
    snapshot_properties: Properties
    """Those that a first snapshot needs as well."""


def select(connection: psycopg.Connection[TupleRow]) -> Selection:
    """What to capture of the source, as this role sees it."""
    declared = read_tables(connection)
    schemas = sorted({*captured_schemas(connection), PLATFORM_SCHEMA})
    relations = {
        TableName(schema, name): may_read
        for schema, name, may_read in connection.execute(_RELATIONS, [schemas])
    }
    tables = {t.qualified_name: t for t in declared if not t.refusal and relations.get(t.qualified_name)}
    columns = {f"{name}.{column}": reason for name, column, reason in _left_out(tables.values())}
    names = {table.qualified_name for table in declared}
    left_out = [table for table in sorted(relations) if table not in {*tables, *_PLATFORM_TABLES}]
    lists = {
        "schema.include.list": _patterns([schema] for schema in schemas),
        "table.exclude.list": _patterns(_parts(table) for table in left_out if table in names),
        "column.exclude.list": _patterns([*_parts(name), c] for name, c, _ in _left_out(tables.values())),
        **_without_children(table for table in tables.values() if table.children),
    }
    return Selection(
        {name: tuple(c.name for c in table.captured_columns) for name, table in tables.items()},
        _refused(declared, relations) | columns,
        {name: text for name, text in lists.items() if text},
        {"table.exclude.list": _patterns(map(_parts, left_out))} if left_out else {},
    )


def _refused(declared: Iterable[Table], relations: Mapping[TableName, bool]) -> dict[str, str]:
    """The tables that are not captured, without those that were excluded on purpose."""
    refused = {str(t.qualified_name): t.refusal for t in declared if t.refusal and not t.is_excluded}
    for table in declared:
        if not table.refusal and not relations.get(table.qualified_name):
            refused[str(table.qualified_name)] = (
                "this role may not read all its rows; run `tradewind source init` as its owner"
            )
    own = _PLATFORM_TABLES | _SCOPE_TABLES
    strangers = [table for table in relations if table.schema == PLATFORM_SCHEMA and table not in own]
    return refused | {str(table): reason for table, reason in assign(strangers, {}).refused.items()}


def pattern(table: TableName) -> str:
    """A regular expression that matches this table alone, in Debezium's comparison without case."""
    return _patterns([_parts(table)])


def _without_children(tables: Iterable[Table]) -> Properties:
    """How a snapshot reads tables from which others inherit, without the rows of those."""
    queries = {f"{table.schema}.{table.name}": _own_rows(table) for table in tables}
    names = {QUERIES: ",".join(queries)} if queries else {}
    return names | {f"{QUERIES}.{name}": query for name, query in queries.items()}


def _own_rows(table: Table) -> str:
    columns = ", ".join(_identifier(column.name) for column in table.captured_columns)
    return f"select {columns} from only {_identifier(table.schema)}.{_identifier(table.name)}"  # noqa: S608


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _parts(table: TableName) -> list[str]:
    return [table.schema, table.table]


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
