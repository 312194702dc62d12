"""The shop's schema: bringing a database to the state that the SQL files beside this module describe.

`tables/` holds what is created once; to change it, add a file. `rules/` holds functions and triggers, which
are applied again whenever their text changes. What was applied is noted in `tradewind.schema_version`,
outside the captured schemas.
"""

from __future__ import annotations

from pathlib import Path

import psycopg

from tradewind.marketplace.schema.files import InitReport, SchemaError, SchemaFile, pending
from tradewind.source import publication
from tradewind.source.mysql import is_mysql
from tradewind.source.owner import owner_connection

__all__ = ["FOLDER", "InitReport", "SchemaError", "init"]

FOLDER = Path(__file__).parent / "postgres"
_INIT_LOCK = 7_240_031


def init(owner_url: str) -> InitReport:
    """Create or bring up to date the shop's schema. Safe to repeat, also with data.

    On PostgreSQL it is one transaction; the MySQL family knows none for DDL.

    Raises SourceError for a server that cannot be captured from, SchemaError for a changed table file, and
    DatabaseUnreachable.
    """
    if is_mysql(owner_url):
        from tradewind.marketplace.mysql.init import init as init_mysql

        return init_mysql(owner_url)
    with owner_connection(owner_url) as connection:
        publication.require_capable_server(connection)
        connection.execute("select pg_advisory_xact_lock(%s)", [_INIT_LOCK])
        applied, unchanged = _apply_files(connection)
        return InitReport(tuple(applied), tuple(unchanged), tuple(publication.prepare(connection)))


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
