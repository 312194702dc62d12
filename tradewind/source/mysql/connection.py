"""Connections to a MySQL-family server, all with the same session.

A session is strict, uses UTC, compares text byte by byte and reads committed data, as PostgreSQL does by
default; the settings of other clients' sessions change no rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeAlias

import pymysql
from pymysql.constants import CLIENT
from pymysql.cursors import Cursor

from tradewind.settings import Endpoint

Connection: TypeAlias = "pymysql.Connection[Cursor]"

SQL_MODE = (
    "STRICT_TRANS_TABLES,ONLY_FULL_GROUP_BY,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,"
    "NO_ENGINE_SUBSTITUTION"
)
_CONNECT_SECONDS = 10


class MysqlError(RuntimeError):
    """A MySQL-family server cannot be reached or refuses; the message says which and why."""


@contextmanager
def connect(url: str, *, local_files: bool = False) -> Iterator[Connection]:
    """A connection without autocommit: committed at the end of the block, rolled back by an error.

    `local_files` lets `load data local infile` read files of this machine. Raises MysqlError if there is no
    connection.
    """
    connection = _open(url, local_files)
    try:
        with connection.cursor() as cursor:
            cursor.execute("set names utf8mb4 collate utf8mb4_bin")
            cursor.execute("set session transaction isolation level read committed")
        yield connection
        connection.commit()
    finally:
        # The server rolls back what has not been committed by now.
        if connection.open:
            connection.close()


def _open(url: str, local_files: bool) -> Connection:
    address = Endpoint(url)
    where = f"{address.host}:{address.port}/{address.database}"
    try:
        return pymysql.connect(
            host=address.host,
            port=address.port,
            user=address.user,
            password=address.password,
            database=address.database,
            charset="utf8mb4",
            sql_mode=SQL_MODE,
            init_command="set time_zone = '+00:00'",
            client_flag=CLIENT.MULTI_STATEMENTS,
            connect_timeout=_CONNECT_SECONDS,
            local_infile=local_files,
        )
    except pymysql.OperationalError as error:
        raise MysqlError(f"{where} refuses a connection of {address.user!r}: {error.args[-1]}") from error


def run_all(connection: Connection, text: str) -> None:
    """Run every statement of a text; the server itself finds where each ends, also in routines."""
    with connection.cursor() as cursor:
        cursor.execute(text)
        while cursor.nextset():
            pass


def rows(connection: Connection, query: str, *parameters: object) -> list[tuple[object, ...]]:
    """The rows a query gives."""
    with connection.cursor() as cursor:
        cursor.execute(query, parameters or None)
        return list(cursor.fetchall())


def family_and_version(version: str) -> tuple[str, tuple[int, ...]]:
    """`10.11.19-MariaDB-...` -> MariaDB and (10, 11, 19)."""
    family = "MariaDB" if "mariadb" in version.lower() else "MySQL"
    return family, tuple(int(number) for number in re.findall(r"\d+", version)[:3])
