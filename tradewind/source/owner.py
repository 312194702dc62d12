"""Connections to the shop's PostgreSQL as its owner: DDL, loads, catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from tradewind.settings import Endpoint

_CONNECT_SECONDS = 10


class DatabaseUnreachable(RuntimeError):
    """The shop's database cannot be reached as its owner; the message has the reason and the way out."""


@contextmanager
def owner_connection(owner_url: str, *, autocommit: bool = False) -> Iterator[psycopg.Connection]:
    """One transaction, committed at the end of the block and rolled back by an error; or one per statement.

    Raises DatabaseUnreachable if there is no connection.
    """
    with _opened(owner_url, autocommit) as connection:
        yield connection


def _opened(owner_url: str, autocommit: bool) -> psycopg.Connection:
    place = Endpoint(owner_url)
    try:
        return psycopg.connect(owner_url, autocommit=autocommit, connect_timeout=_CONNECT_SECONDS)
    except psycopg.OperationalError as error:
        reason = (str(error).strip().splitlines() or ["no answer"])[0].rpartition("failed: ")[2]
        raise DatabaseUnreachable(
            f"the shop's database at {place.host}:{place.port}/{place.database} is not reachable: {reason}; "
            "start it with `tradewind up`, or correct DATABASE_URL or --url"
        ) from error
