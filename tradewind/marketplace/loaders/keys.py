"""Foreign keys and secondary indexes, set aside while millions of rows are written and put back afterwards.

PostgreSQL checks a foreign key row by row while it exists, but all rows in one join when it is added; an
index builds faster than it grows. Adding fails, and with it the transaction, where a row refers to nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

_FOREIGN_KEYS = """
    select conrelid::regclass::text, conname, pg_get_constraintdef(oid)
    from pg_constraint
    where contype = 'f' and connamespace::regnamespace::text = any(%s)
    order by 1, 2
"""
_INDEXES = """
    select indexrelid::regclass::text, pg_get_indexdef(indexrelid)
    from pg_index
    join pg_class on pg_class.oid = indrelid
    where relnamespace::regnamespace::text = any(%s) and not indisunique and not indisprimary
    order by 1
"""
_SCHEMAS = ["public", "labels"]


@contextmanager
def set_aside(connection: psycopg.Connection) -> Iterator[None]:
    """Without foreign keys and secondary indexes inside, with the same ones as before afterwards."""
    connection.execute("set local search_path = pg_catalog")  # so that every name comes with its schema
    foreign_keys = connection.execute(_FOREIGN_KEYS, [_SCHEMAS]).fetchall()
    indexes = connection.execute(_INDEXES, [_SCHEMAS]).fetchall()
    connection.execute("set local search_path to default")
    for table, name, _ in foreign_keys:
        _run(connection, f"alter table {table} drop constraint", name)
    for index, _ in indexes:
        connection.execute(f"drop index {index}".encode())
    yield
    for _, definition in indexes:
        connection.execute(definition.encode())
    for table, name, definition in foreign_keys:
        _run(connection, f"alter table {table} add constraint", name, definition)


def _run(connection: psycopg.Connection, before: str, name: str, after: str = "") -> None:
    """A statement about a constraint; `before` and `after` come from the catalog itself."""
    statement = sql.SQL("{} {} {}").format(sql.SQL(before), sql.Identifier(name), sql.SQL(after))
    connection.execute(statement)
