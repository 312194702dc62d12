"""The shop's schema: bringing a database to the state that the SQL files beside this module describe.

`tables/` holds what is created once; to change it, add a file. `rules/` holds functions and triggers, which
are applied again whenever their text changes. What was applied is noted in `tradewind.schema_version`,
outside the captured schemas.
"""

from __future__ import annotations

from pathlib import Path

import psycopg

from tradewind.marketplace.schema.files import InitReport, SchemaError, SchemaFile, pending
from tradewind.source.mysql import is_mysql
from tradewind.source.owner import owner_connection

__all__ = ["CAPTURED_SCHEMAS", "FOLDER", "PUBLICATION", "InitReport", "SchemaError", "init"]

FOLDER = Path(__file__).parent / "postgres"
CAPTURED_SCHEMAS = ("public", "cdc")
PUBLICATION = "tradewind"
OLDEST_SERVER = 13
_INIT_LOCK = 7_240_031


def init(owner_url: str) -> InitReport:
    """Create or bring up to date the shop's schema. Safe to repeat, also with data.

    On PostgreSQL it is one transaction; the MySQL family knows none for DDL.

    Raises SchemaError for a server that cannot be captured from, and for a changed table file; and
    DatabaseUnreachable.
    """
    if is_mysql(owner_url):
        from tradewind.marketplace.mysql.init import init as init_mysql

        return init_mysql(owner_url)
    with owner_connection(owner_url) as connection:
        _require_capable_server(connection)
        connection.execute("select pg_advisory_xact_lock(%s)", [_INIT_LOCK])
        applied, unchanged = _apply_files(connection)
        notes = [*_keep_full_rows(connection)]
        publication, publication_notes = _publish(connection)
        return InitReport(tuple(applied), tuple(unchanged), publication, (*notes, *publication_notes))


def _require_capable_server(connection: psycopg.Connection) -> None:
    version = connection.info.server_version // 10_000
    if version < OLDEST_SERVER:
        raise SchemaError(f"PostgreSQL {version} is too old: Tradewind needs {OLDEST_SERVER} or newer")
    wal_level = _value(connection, "select current_setting('wal_level')")
    if wal_level != "logical":
        raise SchemaError(
            f"wal_level is '{wal_level}', so changes cannot be captured: run "
            "`alter system set wal_level = logical` as a superuser and restart the server"
        )


def _apply_files(connection: psycopg.Connection) -> tuple[list[str], list[str]]:
    """Apply what is new (tables) or changed (rules); returns the names applied and left alone."""
    connection.execute("create schema if not exists tradewind")
    connection.execute(
        "create table if not exists tradewind.schema_version ("
        " file text primary key, checksum text not null, applied_at timestamptz not null default now())"
    )
    known: dict[str, str] = dict(
        connection.execute("select file, checksum from tradewind.schema_version").fetchall()
    )
    missing, unchanged = pending(FOLDER, known)
    for file in missing:
        _apply(connection, file)
    return [file.name for file in missing], unchanged


def _apply(connection: psycopg.Connection, file: SchemaFile) -> None:
    try:
        connection.execute(file.path.read_bytes())
    except psycopg.Error as error:
        raise SchemaError(f"{file.name} failed: {error}") from error
    connection.execute(
        "insert into tradewind.schema_version (file, checksum) values (%s, %s) "
        "on conflict (file) do update set checksum = excluded.checksum, applied_at = now()",
        [file.name, file.checksum],
    )


def _keep_full_rows(connection: psycopg.Connection) -> list[str]:
    """REPLICA IDENTITY FULL on every captured table; a note where new tables will not get it."""
    for (table,) in connection.execute(_WITHOUT_FULL_ROWS, [list(CAPTURED_SCHEMAS)]).fetchall():
        connection.execute(f"alter table {table} replica identity full".encode())
    if _value(connection, "select exists (select from pg_event_trigger where evtname = 'capture_full_rows')"):
        return []
    return [
        "this server has no event trigger capture_full_rows (a superuser creates it): after adding a table, "
        "run `tradewind source init` again to give it REPLICA IDENTITY FULL"
    ]


def _publish(connection: psycopg.Connection) -> tuple[str, list[str]]:
    """Make sure the publication holds all captured tables; how it names them, and what follows from that."""
    row = connection.execute(
        "select oid, puballtables from pg_publication where pubname = %s", [PUBLICATION]
    ).fetchone()
    if row is None:
        if _may_publish_schemas(connection):
            connection.execute(f"create publication {PUBLICATION} for tables in schema public, cdc".encode())
            return "schemas", []
        connection.execute(f"create publication {PUBLICATION}".encode())
    missing = [name for (name,) in connection.execute(_UNPUBLISHED, [list(CAPTURED_SCHEMAS), PUBLICATION])]
    for table in missing:
        connection.execute(f"alter publication {PUBLICATION} add table {table}".encode())
    if row is not None and (row[1] or _publishes_schemas(connection)):
        return "schemas", []
    return "tables", [
        f"publication {PUBLICATION} lists its tables one by one (whole schemas need PostgreSQL 15 and a "
        "superuser): after adding a table, run `tradewind source init` again to have it captured"
    ]


_WITHOUT_FULL_ROWS = """
    select format('%%I.%%I', n.nspname, c.relname)
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = any(%s) and c.relkind in ('r', 'p') and c.relreplident <> 'f'
"""

_UNPUBLISHED = """
    select format('%%I.%%I', n.nspname, c.relname)
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = any(%s) and c.relkind in ('r', 'p') and not c.relispartition
        and not exists (
            select from pg_publication_tables p
            where p.pubname = %s and p.schemaname = n.nspname and p.tablename = c.relname
        )
    order by 1
"""


def _may_publish_schemas(connection: psycopg.Connection) -> bool:
    is_superuser = _value(connection, "select rolsuper from pg_roles where rolname = current_user")
    return bool(is_superuser) and connection.info.server_version >= 150_000


def _publishes_schemas(connection: psycopg.Connection) -> bool:
    if connection.info.server_version < 150_000:
        return False
    query = """
        select exists (
            select from pg_publication_namespace n
            join pg_publication p on p.oid = n.pnpubid
            where p.pubname = %s
        )
    """
    return bool(_value(connection, query, PUBLICATION))


def _value(connection: psycopg.Connection, query: str, *parameters: object) -> object:
    row = connection.execute(query.encode(), list(parameters) or None).fetchone()
    return None if row is None else row[0]
