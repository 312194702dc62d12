"""Which tables of the source are captured, and by what their records are keyed: asked from its catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import psycopg
import pymysql

from connectors.definitions.definition import Properties
from connectors.definitions.selection import pattern, select
from connectors.kafka.errors import KafkaError
from connectors.kafka.topics import TopicTable
from tradewind.settings import Endpoint
from tradewind.source.catalog import one_moment, read_tables
from tradewind.source.mysql import is_mysql
from tradewind.source.mysql.catalog import read_tables as read_mysql_tables
from tradewind.source.mysql.connection import MysqlError
from tradewind.source.mysql.connection import connect as connect_mysql
from tradewind.source.naming import DEFAULT_SCHEMA, PLATFORM_SCHEMA, TableName, assign
from tradewind.source.structure import LiveTable, read_structures
from tradewind.source.table import Table

_EXCLUDED = "table.exclude.list"


@dataclass(frozen=True)
class SourceTables:
    """The tables of a source as its capture's role sees them."""

    tables: list[TopicTable]
    """Those that are captured, and the capture's own."""
    columns: dict[TableName, tuple[str, ...]]
    """The captured columns of each captured table of the shop."""
    refused: dict[str, str]
    """Table or column -> why it is not captured."""
    structures: Mapping[TableName, LiveTable] = field(default_factory=dict)
    """PostgreSQL: by what it is seen that a table's rows changed without events."""
    properties: Properties = field(default_factory=dict)
    """The connector's lists of schemas, tables and columns."""
    snapshot_properties: Properties = field(default_factory=dict)
    """Those that a snapshot needs as well."""

    def with_owners(self, owners: Mapping[str, TableName]) -> SourceTables:
        """Without tables whose names collide; `owners` are those that have a log already.

        No connector reads what is refused: in a topic that two tables share, nobody could tell them apart.
        """
        assignment = assign(self.columns, owners)
        if not assignment.refused:
            return self
        left_out = [each for each in self.tables if each.table in assignment.refused]
        return replace(
            self,
            tables=[each for each in self.tables if each not in left_out],
            columns={name: self.columns[name] for name in self.columns if name in assignment.captured},
            refused=self.refused | {str(table): reason for table, reason in assignment.refused.items()},
            properties=_excluding(self.properties, left_out),
            snapshot_properties=_excluding(self.snapshot_properties, left_out),
        )


def read_source(source_url: str) -> SourceTables:
    """The tables that can be captured; KafkaError if the source cannot be asked."""
    try:
        return _mysql(source_url) if is_mysql(source_url) else _postgres(source_url)
    except (psycopg.Error, pymysql.Error, MysqlError) as error:
        reason = " ".join(str(error).split())
        raise KafkaError(f"the source's catalogue cannot be read: {reason}") from error


def _postgres(url: str) -> SourceTables:
    with psycopg.connect(url, connect_timeout=5, autocommit=True) as connection, one_moment(connection):
        selection = select(connection)
        tables = [*read_tables(connection), *read_tables(connection, [PLATFORM_SCHEMA])]
        structures = read_structures(connection)
    own = [table for table in tables if table.schema == PLATFORM_SCHEMA and not table.refusal]
    shop = [table for table in tables if table.qualified_name in selection.columns]
    return SourceTables(
        [TopicTable(table.qualified_name, table.primary_key) for table in [*own, *shop]],
        selection.columns,
        selection.refused,
        structures,
        selection.properties,
        selection.snapshot_properties,
    )


def _mysql(url: str) -> SourceTables:
    database = Endpoint(url).database
    with connect_mysql(url) as connection:
        found = read_mysql_tables(connection, (database, PLATFORM_SCHEMA))
    tables = {_name(table, database): table for table in found}
    return SourceTables(
        [TopicTable(name, table.primary_key, table.schema) for name, table in tables.items()],
        {name: _columns(table) for name, table in tables.items() if name.schema != PLATFORM_SCHEMA},
        {},
    )


def _name(table: Table, database: str) -> TableName:
    """The shop's database of a MySQL-family server is what the default schema is in PostgreSQL."""
    return TableName(DEFAULT_SCHEMA if table.schema == database else table.schema, table.name)


def _columns(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.captured_columns)


def _excluding(lists: Properties, tables: Iterable[TopicTable]) -> Properties:
    patterns = [pattern(TableName(each.event_schema, each.table.table)) for each in tables]
    return lists | {_EXCLUDED: ",".join([text for text in [lists.get(_EXCLUDED)] if text] + patterns)}
