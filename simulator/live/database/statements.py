"""Dispatch of records to their transactions, and inserts by column name."""

from __future__ import annotations

from functools import lru_cache, singledispatch

from simulator.live.database.session import Session, insertion


@singledispatch
def write(record: object, session: Session) -> None:
    """Write one record within the session's transaction."""
    raise TypeError(f"the shop has no transaction for {type(record).__name__}")


def insert(session: Session, table: str, **values: object) -> None:
    """Insert one row into a table, which may be qualified."""
    session.execute(_statement(table, tuple(values)), tuple(values.values()))


def insert_missing(session: Session, table: str, **values: object) -> None:
    """Insert one row unless its key exists."""
    session.insert_missing(table, tuple(values), [tuple(values.values())])


_statement = lru_cache(insertion)
