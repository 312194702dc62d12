"""Bringing a MySQL-family database to the state that `tradewind/marketplace/schema/mysql/` describes.

These servers commit around every DDL statement, so a failed `init` leaves the files before the failing one
applied; each file can be applied again, and repeating `init` completes it.
"""

from __future__ import annotations

from pathlib import Path

import pymysql

from tradewind.marketplace.schema.files import InitReport, SchemaError, SchemaFile, pending
from tradewind.settings import Endpoint
from tradewind.source.mysql.connection import Connection, connect, family_and_version, rows, run_all

FOLDER = Path(__file__).parents[1] / "schema" / "mysql"
DATABASE = "ecomm"
"""Fixed, because triggers, routines and keys of the databases beside it refer to it by name."""
CONFIGURATION = "deploy/mysql/tradewind.cnf"
OLDEST = {"MySQL": (8, 0, 19), "MariaDB": (10, 11, 0)}

# What the capture and the rules need of the server, and why.
_NEEDED = {
    "log_bin": ("ON", "changes cannot be captured"),
    "binlog_format": ("ROW", "changes cannot be captured"),
    "binlog_row_image": ("FULL", "captured changes would lack columns"),
    "log_bin_trust_function_creators": ("ON", "an ordinary owner may not create the rules' triggers"),
}
_NEEDED_OF_MYSQL = {"gtid_mode": ("ON", "the capture could not follow to another server")}
_INIT_LOCK = "tradewind_init"
_PATIENCE_SECONDS = 60


def init(owner_url: str) -> InitReport:
    """Create or bring up to date the shop's schema. Safe to repeat, also with data and after a failure.

    Raises SchemaError for a server that cannot be captured from, and for a changed table file.
    """
    if Endpoint(owner_url).database != DATABASE:
        raise SchemaError(
            f"on a MySQL-family server the shop's database is called {DATABASE}: let the address end in "
            f"/{DATABASE} (deploy/mysql/accounts.sql makes it and its accounts)"
        )
    with connect(owner_url) as connection:
        _require_capable_server(connection)
        if rows(connection, "select get_lock(%s, %s)", _INIT_LOCK, _PATIENCE_SECONDS) != [(1,)]:
            raise SchemaError(f"another `tradewind source init` has been running for {_PATIENCE_SECONDS} s")
        applied, unchanged = _apply_files(connection)
        return InitReport(tuple(applied), tuple(unchanged), tuple(_notes(connection)))


def _require_capable_server(connection: Connection) -> None:
    ((version,),) = rows(connection, "select version()")
    family, numbers = family_and_version(str(version))
    if numbers < OLDEST[family]:
        needed = ".".join(map(str, OLDEST[family]))
        raise SchemaError(f"{family} {version} is too old: Tradewind needs {needed} or newer")
    wanted = _NEEDED | (_NEEDED_OF_MYSQL if family == "MySQL" else {})
    found = _variables(connection, *wanted)
    for name, (value, why) in wanted.items():
        if found.get(name, value) != value:
            raise SchemaError(
                f"{name} is {found[name]}, so {why}: set it to {value} in the server's configuration "
                f"({CONFIGURATION} has all that is needed) and restart the server"
            )


def _notes(connection: Connection) -> list[str]:
    """What works but should be different."""
    found = _variables(connection, "tx_isolation", "transaction_isolation")
    if set(found.values()) == {"READ-COMMITTED"}:
        return []
    return [
        f"transaction_isolation is {', '.join(set(found.values()))}: sessions that do not choose "
        f"READ COMMITTED themselves can miss what others committed (see {CONFIGURATION})"
    ]


def _variables(connection: Connection, *names: str) -> dict[str, str]:
    found = rows(connection, "show global variables where variable_name in %s", names)
    return {str(name): str(value) for name, value in found}


def _apply_files(connection: Connection) -> tuple[list[str], list[str]]:
    """Apply what is new (tables) or changed (rules); returns the names applied and left alone."""
    run_all(
        connection,
        "create table if not exists tradewind.schema_version ("
        " file varchar(255) primary key, checksum char(64) not null,"
        " applied_at timestamp(6) not null default current_timestamp(6) on update current_timestamp(6))",
    )
    known = rows(connection, "select file, checksum from tradewind.schema_version")
    missing, unchanged = pending(FOLDER, {str(name): str(checksum) for name, checksum in known})
    for file in missing:
        _apply(connection, file)
    return [file.name for file in missing], unchanged


def _apply(connection: Connection, file: SchemaFile) -> None:
    try:
        run_all(connection, file.path.read_text())
    except pymysql.MySQLError as error:
        raise SchemaError(f"{file.name} failed: {error.args[-1]}") from error
    with connection.cursor() as cursor:
        cursor.execute(
            "replace into tradewind.schema_version (file, checksum) values (%s, %s)",
            (file.name, file.checksum),
        )
    connection.commit()
