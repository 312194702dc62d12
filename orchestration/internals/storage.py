"""Dagster's records in SQLite, with one connection per file instead of one per event.

Dagster makes a new SQLAlchemy engine and connection for every event, so each statement is compiled again and
each file flushed. A build has hundreds of events: recording them took longer than dbt took to build.
`synchronous = normal` with a write-ahead log may lose the last events in a power cut, never older ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine, event

ENGINES_KEPT = 16
"""Every run has its own database file; a server reads a few of them at a time."""


class EventLog(SqliteEventLogStorage):
    """The event log; one engine per file."""

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            engine = _engine(self.conn_string_for_shard(shard))
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.connect() as connection, connection.begin():
                yield connection


class Storage(DagsterSqliteStorage):
    """The class that `storage` in dagster.yaml names."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(base_dir, inst_data)
        self._event_log_storage = EventLog(self._event_log_storage._base_dir)

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> Storage:
        """The storage that dagster.yaml describes."""
        return cls.from_local(inst_data=inst_data, **config_value)


@lru_cache(ENGINES_KEPT)
def _engine(address: str) -> Engine:
    """An engine that keeps its connection: closing the last one writes the whole log back, file by file."""
    arguments = {"timeout": SQLITE_BUSY_TIMEOUT_SECONDS}
    engine = create_engine(address, pool_size=1, connect_args=arguments)
    event.listen(engine, "connect", lambda connection, _: connection.execute("pragma synchronous = normal"))
    return engine
