"""Writing a history into an empty shop on either database family, in one transaction.

Row rules are off while rows are written; all rules are checked over all rows before the commit, so an
interrupted or faulty load leaves the database as it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import psycopg
import pyarrow as pa
from psycopg import sql
from pyarrow import csv

from tradewind.marketplace.loaders import bulk
from tradewind.marketplace.loaders.keys import set_aside
from tradewind.marketplace.mysql import bulk as mysql_bulk
from tradewind.source.errors import LoadError
from tradewind.source.mysql import is_mysql
from tradewind.source.mysql.connection import Connection as MysqlConnection
from tradewind.source.mysql.connection import rows, run_all
from tradewind.source.owner import owner_connection

_WITHOUT_HEADER = csv.WriteOptions(include_header=False)
_CHECKED_TABLES = ("users", "products", "orders", "user_events", "fx_rates")


class EmptyShop(Protocol):
    """A shop to append rows to, within one transaction."""

    def has_rows(self, table: str) -> bool:
        """Whether a table has rows."""

    def append(self, name: str, table: pa.Table) -> None:
        """Append rows; columns missing in them take their default."""

    def align_identities(self) -> None:
        """Continue identifiers after the largest one written."""


@contextmanager
def empty_shop(owner_url: str) -> Iterator[EmptyShop]:
    """The shop at this address; LoadError if it has no schema, is not empty, or ends up breaking a rule."""
    shop = _mysql(owner_url) if is_mysql(owner_url) else _postgresql(owner_url)
    with shop as opened:
        _require_empty(opened)
        yield opened
        opened.align_identities()


def _require_empty(shop: EmptyShop) -> None:
    for table in _CHECKED_TABLES:
        if shop.has_rows(table):
            raise LoadError(
                "database",
                f"the shop already holds data (table {table} has rows); seed an empty database, "
                "such as that of another TRADEWIND_HOME",
            )


class _Postgresql:
    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def has_rows(self, table: str) -> bool:
        query = sql.SQL("select exists (select from {})").format(sql.Identifier(table))
        return self._connection.execute(query).fetchone() == (True,)

    def append(self, name: str, table: pa.Table) -> None:
        if not table.num_rows:
            return
        target = sql.Identifier(*name.split(".")) if "." in name else sql.Identifier("public", name)
        names = sql.SQL(", ").join(sql.Identifier(column) for column in table.column_names)
        sink = pa.BufferOutputStream()
        csv.write_csv(table, sink, _WITHOUT_HEADER)
        statement = sql.SQL("copy {} ({}) from stdin (format csv)").format(target, names)
        with self._connection.cursor().copy(statement) as copy:
            copy.write(memoryview(sink.getvalue()))

    def align_identities(self) -> None:
        self._connection.execute("select rules.align_identities()")


class _Mysql:
    def __init__(self, connection: MysqlConnection) -> None:
        self._connection = connection

    def has_rows(self, table: str) -> bool:
        return bool(rows(self._connection, f"select 1 from {table} limit 1"))  # noqa: S608 - a name of ours

    def append(self, name: str, table: pa.Table) -> None:
        mysql_bulk.append(self._connection, name, table)

    def align_identities(self) -> None:
        run_all(self._connection, "call align_identities()")


@contextmanager
def _postgresql(owner_url: str) -> Iterator[EmptyShop]:
    _require_empty_unlocked(owner_url)
    with bulk.bulk_load(owner_url) as connection, set_aside(connection):
        yield _Postgresql(connection)


def _require_empty_unlocked(owner_url: str) -> None:
    """Check before the load locks every table, so that a shop in use is not blocked just to be refused."""
    with owner_connection(owner_url) as connection:
        try:
            _require_empty(_Postgresql(connection))
        except psycopg.errors.UndefinedTable as error:
            raise bulk.no_schema() from error


@contextmanager
def _mysql(owner_url: str) -> Iterator[EmptyShop]:
    with mysql_bulk.bulk_load(owner_url) as connection:
        yield _Mysql(connection)
