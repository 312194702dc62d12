"""Preparing a PostgreSQL database for the capture: its own tables, the publication, the replica identities.

Which tables are captured is data in the database itself (`cdc.captured_schemas`, `cdc.excluded_tables`): the
event trigger that publishes new tables reads it there. The SQL is in `sql/`.
"""

from __future__ import annotations

from pathlib import Path

import psycopg

from tradewind.source.catalog import read_tables
from tradewind.source.naming import TableName

PUBLICATION = "tradewind"
_TRIGGER = "tradewind_capture_tables"
OLDEST_SERVER = 13

_SQL = Path(__file__).parent / "sql"
_BODY = "$capture$"


class SourceError(RuntimeError):
    """The database cannot be captured as it is; the message has the reason and the way out."""


def superuser_sql() -> str:
    """What a superuser runs in the database, once and after an upgrade of Tradewind; repeatable."""
    scope, function, rest = map(_text, ("capture_scope", "capture_tables", "capture_superuser"))
    return f"{scope}{function}{capture_block()};\n\n{rest}"


def capture_block() -> str:
    """The statement that publishes the captured tables and sets their replica identities."""
    return f"do {_BODY}{_text('capture_tables').split(_BODY)[1]}{_BODY}"


def require_capable_server(connection: psycopg.Connection) -> None:
    """SourceError for a server whose changes cannot be captured."""
    version = connection.info.server_version // 10_000
    if version < OLDEST_SERVER:
        raise SourceError(f"PostgreSQL {version} is too old: Tradewind needs {OLDEST_SERVER} or newer")
    wal_level = _value(connection, "select current_setting('wal_level')")
    if wal_level != "logical":
        raise SourceError(
            f"wal_level is '{wal_level}', so changes cannot be captured: run "
            "`alter system set wal_level = logical` as a superuser and restart the server"
        )


def prepare(connection: psycopg.Connection) -> list[str]:
    """Make the captured tables ready for the capture, within the caller's transaction; returns notes.

    Repeatable. Needs the owner of the tables. SourceError where the publication cannot be used.
    """
    connection.execute(_text("capture_scope").encode())
    connection.execute(_text("capture_signals").encode())
    _prepare_publication(connection)
    notes = [*publish_tables(connection), *_left_out(connection)]
    if not _value(connection, "select exists (select from pg_event_trigger where evtname = %s)", _TRIGGER):
        notes.append(
            f"this database has no event trigger {_TRIGGER}: run `tradewind source init` again after each "
            "change of a table, or let a superuser create it (tradewind source superuser-sql | psql ...)"
        )
    return notes


def publish_tables(connection: psycopg.Connection) -> list[str]:
    """Publish what is to be captured and nothing else; returns a note for each table where that failed."""
    notes: list[str] = []

    def keep(diagnostic: psycopg.errors.Diagnostic) -> None:
        if diagnostic.severity_nonlocalized == "WARNING" and diagnostic.message_primary:
            notes.append(diagnostic.message_primary)

    connection.add_notice_handler(keep)
    try:
        connection.execute(capture_block().encode())
    finally:
        connection.remove_notice_handler(keep)
    return notes


def exclude(connection: psycopg.Connection, table: TableName) -> list[str]:
    """Leave a table out of the capture; returns notes. SourceError if there is no such table."""
    if _value(connection, "select to_regclass(%s)", str(table)) is None:
        raise SourceError(f'there is no table {table}; names are written as in SQL, as public."user events"')
    row = [table.schema, table.table]
    connection.execute("insert into cdc.excluded_tables values (%s, %s) on conflict do nothing", row)
    return publish_tables(connection)


def include(connection: psycopg.Connection, table: TableName) -> list[str]:
    """Capture an excluded table again; returns notes. SourceError if it is not excluded."""
    row = [table.schema, table.table]
    done = connection.execute(
        "delete from cdc.excluded_tables where schema_name = %s and table_name = %s", row
    )
    if done.rowcount == 0:
        raise SourceError(f"{table} is not excluded")
    return publish_tables(connection)


def _left_out(connection: psycopg.Connection) -> list[str]:
    """A note for each table and column that is not captured."""
    notes = []
    for table in read_tables(connection):
        if table.refusal and not table.is_excluded:
            notes.append(f"{table.qualified_name} is not captured: {table.refusal}")
        elif not table.refusal:
            columns = [column for column in table.columns if column.refusal]
            notes += [f"{table.qualified_name}.{c.name} is not captured: {c.refusal}" for c in columns]
    return notes


def _prepare_publication(connection: psycopg.Connection) -> None:
    """Create it, or bring an existing one to the form that the captured tables need."""
    row = connection.execute(_PUBLICATION, [PUBLICATION]).fetchone()
    if row is None:
        connection.execute(f"create publication {PUBLICATION}".encode())
    elif not row[0]:
        raise SourceError(
            f"publication {PUBLICATION} belongs to {row[1]}: let a superuser hand it over "
            "(tradewind source superuser-sql | psql <its address>), then run this again"
        )
    options = ["publish_via_partition_root = true"]
    if connection.info.server_version >= 180_000:
        options.append("publish_generated_columns = stored")
    connection.execute(f"alter publication {PUBLICATION} set ({', '.join(options)})".encode())


_PUBLICATION = """
    select pg_has_role(p.pubowner, 'usage'), r.rolname
    from pg_publication p
    join pg_roles r on r.oid = p.pubowner
    where p.pubname = %s
"""


def _text(name: str) -> str:
    return (_SQL / f"{name}.sql").read_text()


def _value(connection: psycopg.Connection, query: str, *parameters: object) -> object:
    row = connection.execute(query.encode(), list(parameters) or None).fetchone()
    return None if row is None else row[0]
