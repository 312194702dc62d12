"""Writing much at once: staged files, row rules off, all rules checked over all rows before the commit.

The rules' triggers work row by row and would also derive what a load brings with it (an order's
history). So a load switches them off within its own transaction, writes what they would have
written, and lets `rules.violations()` judge the result: any finding undoes the whole load. Foreign keys
and check constraints stay on. The tables are locked against other writers meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from tradewind.source.errors import LoadError
from tradewind.source.files import FileSpec, locate, read
from tradewind.source.mysql import is_mysql
from tradewind.source.owner import owner_connection

_BULK_LOCK = 7_240_032
_SHOWN_VIOLATIONS = 5


@contextmanager
def bulk_load(owner_url: str) -> Iterator[psycopg.Connection]:
    """One transaction for a load; it commits only if every rule holds over every row."""
    if is_mysql(owner_url):
        raise LoadError("database", "data sets are loaded through PostgreSQL; name a PostgreSQL database")
    with owner_connection(owner_url) as connection:
        connection.execute("set local timezone = 'UTC'")
        connection.execute("select pg_advisory_xact_lock(%s)", [_BULK_LOCK])
        tables = _tables_with_rules(connection)
        if not tables:
            raise no_schema()
        _switch_rules(connection, tables, "disable")
        yield connection
        for table in tables:
            connection.execute(sql.SQL("analyze {}").format(sql.Identifier("public", table)))
        _require_no_violations(connection)
        _switch_rules(connection, tables, "enable")


def no_schema() -> LoadError:
    """There is a database, but not the shop's tables."""
    return LoadError("database", "has no shop schema; run `tradewind source init` first")


def stage(connection: psycopg.Connection, folder: Path, spec: FileSpec) -> tuple[str, int]:
    """Copy a file into the temporary table `staged_<stem>` (with `line`); its file name and row count."""
    path = locate(folder, spec)
    table = sql.Identifier(f"staged_{spec.stem}")
    columns = [sql.SQL("{} {}").format(sql.Identifier(f.name), sql.SQL(f.sql_type)) for f in spec.fields]
    create = sql.SQL("create temporary table {} (line integer primary key, {}) on commit drop")
    connection.execute(create.format(table, sql.SQL(", ").join(columns)))
    rows = 0
    with connection.cursor().copy(sql.SQL("copy {} from stdin").format(table)) as copy:
        for line, values in read(path, spec):
            copy.write_row((line, *values))
            rows += 1
    connection.execute(sql.SQL("analyze {}").format(table))
    return path.name, rows


def run_file(connection: psycopg.Connection, path: Path) -> int:
    """Run a file that holds one statement; the number of rows it wrote."""
    return connection.execute(path.read_bytes()).rowcount


def _tables_with_rules(connection: psycopg.Connection) -> list[str]:
    found = connection.execute(
        "select distinct c.relname::text from pg_class c join pg_trigger t on t.tgrelid = c.oid "
        "where c.relnamespace = 'public'::regnamespace and not t.tgisinternal order by 1"
    )
    return [name for (name,) in found]


def _switch_rules(connection: psycopg.Connection, tables: list[str], how: str) -> None:
    """`disable` or `enable` every rule trigger; foreign keys are not touched."""
    for table in tables:
        statement = sql.SQL("alter table {} {} trigger user")
        connection.execute(statement.format(sql.Identifier("public", table), sql.SQL(how)))


def _require_no_violations(connection: psycopg.Connection) -> None:
    found = connection.execute("select rule, key, detail from rules.violations()").fetchall()
    if not found:
        return
    shown = "; ".join(f"{rule}, key {key}: {detail}" for rule, key, detail in found[:_SHOWN_VIOLATIONS])
    raise LoadError(
        "database", f"{len(found)} rows would break the shop's rules, nothing was loaded: {shown}"
    )
