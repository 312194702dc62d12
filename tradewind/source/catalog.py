"""The live catalogue of the captured tables."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from tradewind.source import catalog_sql
from tradewind.source.altered_values import not_excluded
from tradewind.source.mysql import is_mysql
from tradewind.source.mysql.catalog import read_catalog as read_mysql_catalog
from tradewind.source.naming import DEFAULT_SCHEMA, TableName
from tradewind.source.owner import owner_connection
from tradewind.source.table import Column, ForeignKey, Table
from tradewind.source.types import carriage

_TEXT = r"'(?:[^']|'')*'::[a-z ]+"
_ALLOWED = re.compile(
    r"""^CHECK \(+(?:"(?P<quoted>[^"]+)"|(?P<plain>\w+))\)?(?:::text)? = ANY """
    rf"\(+ARRAY\[(?P<values>{_TEXT}(?:, {_TEXT})*)\]"
    r"\)*(?:::text\[\])?\)*$"
)
_TEXT_LITERAL = re.compile(r"'((?:[^']|'')*)'")
_STORED_COLUMNS_LOGGED_SINCE = 180_000
_ROW_SECURITY = (
    "row-level security hides rows from the capture; to capture it, run as a superuser: "
    "alter role tradewind_cdc bypassrls"
)
_MONEY_READ_IN = ("C", "POSIX", "en_US")


def read_catalog(database_url: str, schemas: Sequence[str] | None = None) -> tuple[Table, ...]:
    """The tables of the schemas, by schema and name. Any role that may connect can read them.

    Without `schemas`, those whose tables are captured. On a MySQL-family server, where a schema is a
    database, they are the tables of the shop's.
    """
    if is_mysql(database_url):
        return read_mysql_catalog(database_url)
    with owner_connection(database_url) as connection:
        connection.read_only = True
        return read_tables(connection, schemas)


def read_tables(connection: psycopg.Connection, schemas: Sequence[str] | None = None) -> tuple[Table, ...]:
    """As `read_catalog`, on an open connection."""
    return _Reader(connection, schemas).tables()


@contextmanager
def one_moment(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """Let all readings of the catalogue within see the same moment, whatever DDL runs meanwhile."""
    with connection.transaction():
        connection.execute("set transaction isolation level repeatable read, read only")
        yield


def captured_schemas(connection: psycopg.Connection[Any]) -> list[str]:
    """The schemas whose tables are captured; the default one where this role may not read them."""
    if not _has_scope(connection):
        return [DEFAULT_SCHEMA]
    return [name for (name,) in connection.execute(catalog_sql.CAPTURED_SCHEMAS)]


def _has_scope(connection: psycopg.Connection[Any]) -> bool:
    return connection.execute(catalog_sql.HAS_SCOPE).fetchone() == (True,)


@dataclass(frozen=True)
class _Check:
    """A check constraint on one column."""

    definition: str
    condition: str


class _Reader:
    """One reading of the catalogue."""

    def __init__(self, connection: psycopg.Connection, schemas: Sequence[str] | None) -> None:
        self._connection = connection
        self._wanted = [list(schemas if schemas is not None else captured_schemas(connection))]
        excluded = connection.execute(catalog_sql.EXCLUDED) if _has_scope(connection) else ()
        self._excluded = {TableName(schema, table) for schema, table in excluded}
        self._checks: dict[tuple[int, str], list[_Check]] = defaultdict(list)

    def tables(self) -> tuple[Table, ...]:
        """The tables, in the order of their names."""
        for oid, column, definition, condition in self._rows(catalog_sql.CHECKS):
            self._checks[oid, column].append(_Check(definition, condition))
        columns: dict[int, list[Column]] = defaultdict(list)
        for oid, *properties in self._rows(catalog_sql.COLUMNS):
            columns[oid].append(self._column(oid, *properties))
        keys = {oid: tuple(names) for oid, names in self._rows(catalog_sql.KEYS)}
        foreign_keys: dict[int, list[ForeignKey]] = defaultdict(list)
        for oid, name, own, schema, table, referenced in self._rows(catalog_sql.FOREIGN_KEYS):
            foreign_keys[oid].append(ForeignKey(name, tuple(own), schema, table, tuple(referenced)))
        children: dict[int, list[TableName]] = defaultdict(list)
        for oid, schema, table in self._rows(catalog_sql.CHILDREN):
            children[oid].append(TableName(schema, table))
        return tuple(
            Table(
                schema,
                name,
                comment,
                tuple(columns[oid]),
                keys.get(oid, ()),
                tuple(foreign_keys[oid]),
                children=tuple(children[oid]),
                refusal=self._table_refusal(TableName(schema, name), *publication)
                or _key_refusal(columns[oid], keys.get(oid, ())),
                is_excluded=TableName(schema, name) in self._excluded,
            )
            for oid, schema, name, comment, *publication in self._rows(catalog_sql.TABLES)
        )

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(query.encode(), self._wanted).fetchall()

    def _table_refusal(
        self, table: TableName, persistence: str, is_published: bool, is_prepared: bool, hides_rows: bool
    ) -> str:
        if table in self._excluded:
            return f"it is excluded; to capture it: tradewind source include '{table}'"
        if persistence != "p":
            return f"PostgreSQL does not log unlogged tables; to capture it: alter table {table} set logged"
        if hides_rows:
            return _ROW_SECURITY
        if is_prepared and not is_published:
            return (
                "it is not published: run `tradewind source init`; a table with a virtual generated column "
                "also needs a primary key"
            )
        return ""

    def _column(
        self,
        oid: int,
        name: str,
        source_type: str,
        nullable: bool,
        comment: str,
        is_enum: bool,
        generated: str,
        domain: str | None,
    ) -> Column:
        refusal = self._generated_refusal(generated) or self._type_refusal(
            oid, name, source_type, is_enum, domain
        )
        allowed = self._allowed_values(oid, name)
        return Column(name, source_type, nullable, comment, allowed, None, is_enum, refusal)

    def _allowed_values(self, oid: int, column: str) -> tuple[str, ...]:
        """Values that a check constraint lists: `check (status in ('a', 'b'))`."""
        found: tuple[str, ...] = ()
        for check in self._checks[oid, column]:
            match = _ALLOWED.match(check.definition)
            if match and column in (match["plain"], match["quoted"]):
                values = _TEXT_LITERAL.findall(match["values"])
                found = tuple(value.replace("''", "'") for value in values)
        return found

    def _generated_refusal(self, generated: str) -> str:
        if generated == "v":
            return (
                "PostgreSQL does not log virtual generated columns; compute it in a model, or make it stored"
            )
        if generated == "s" and self._connection.info.server_version < _STORED_COLUMNS_LOGGED_SINCE:
            return "PostgreSQL logs stored generated columns since version 18 only; compute it in a model"
        return ""

    def _type_refusal(self, oid: int, name: str, source_type: str, is_enum: bool, domain: str | None) -> str:
        how = carriage(source_type, is_enum, self._connection.info.server_version)
        if how.refusal:
            return f"{source_type}: {how.refusal}"
        if source_type.startswith("money") and not self._reads_money():
            return (
                "money: the capture reads it as lc_monetary C or en_US writes it, and no other; use numeric"
            )
        checks = [check.condition for check in self._checks[oid, name]]
        if left := not_excluded(self._connection, name, how.altered, checks, domain):
            values = ", ".join(left)
            return (
                f"{source_type}: the capture would alter {values}; exclude it by a check on this column alone"
            )
        return ""

    def _reads_money(self) -> bool:
        row = self._connection.execute("select current_setting('lc_monetary')").fetchone()
        return row is not None and str(row[0]).partition(".")[0] in _MONEY_READ_IN


def _key_refusal(columns: Sequence[Column], key: Sequence[str]) -> str:
    """Why a table cannot be captured for what its key is."""
    for column in columns:
        if column.refusal and column.name in key:
            return f"its key column {column.name} cannot be captured ({column.refusal})"
    return ""
