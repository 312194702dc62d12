"""Reading tables again, by Debezium's blocking snapshots: the stream pauses while a table is read.

    note the log's position  ->  read the whole table  ->  void what bronze has from before that position

The last step comes when all rows are there, so that no build sees a part of them. It is a truncate event at
the noted position: all that was read and logged since is above it, rows that are gone without an event below.
"""

from __future__ import annotations

import json
import logging
import secrets
import time
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any

from connectors.bronze.writer import BronzeWriter
from connectors.definitions.definition import Properties
from connectors.definitions.plan import Reread
from connectors.definitions.selection import QUERIES, pattern
from connectors.embedded.source_check import Connection
from tradewind.source.naming import TableName

log = logging.getLogger(__name__)

ENGINE_PROPERTIES = {
    "notification.enabled.channels": "sink",
    "notification.sink.topic.name": "tradewind.notifications",
}
"""Let the engine report when it has read a table."""

_NOTIFICATION = b'"aggregate_type":"Initial Snapshot"'
_LOG_END = "select (pg_current_wal_insert_lsn() - '0/0')::bigint"
_RETRY_SECONDS = 60.0


class Rereads:
    """The tables that are to be read again, one after the other."""

    def __init__(self, writer: BronzeWriter) -> None:
        self._writer = writer
        self._waiting: deque[Reread] = deque()
        self._current: Reread | None = None
        self._lsn = 0
        self._retry_at: dict[TableName, float] = {}
        self.failures: dict[TableName, str] = {}
        """The tables that could not be read, and why."""

    @property
    def tables(self) -> list[TableName]:
        """Those that are not read yet."""
        current = [self._current] if self._current else []
        return [reread.table for reread in [*current, *self._waiting]]

    def replace(self, rereads: Iterable[Reread]) -> None:
        """Take these instead of all others; for a new engine."""
        self._current = None
        self._waiting.clear()
        self.add(rereads)

    def add(self, rereads: Iterable[Reread]) -> None:
        """Take those that are not to be read already, and did not fail a moment ago."""
        for reread in rereads:
            is_resting = time.monotonic() < self._retry_at.get(reread.table, 0.0)
            if not is_resting and reread.table not in self.tables:
                self._waiting.append(reread)

    def begin_next(self, connection: Connection, properties: Properties) -> None:
        """Ask the engine, which has these properties, for the next table, if it reads none."""
        if self._current is not None or not self._waiting:
            return
        reread = self._waiting.popleft()
        log.info("reading %s again: %s", reread.table, reread.reason)
        self._lsn = _position_before_a_commit(connection)
        self._current = reread
        data: dict[str, Any] = {"type": "blocking", "data-collections": [pattern(reread.table)]}
        name = f"{reread.table.schema}.{reread.table.table}"
        if query := properties.get(f"{QUERIES}.{name}"):
            data["additional-conditions"] = [{"data-collection": name, "filter": query}]
        connection.execute(
            "insert into cdc.signal (id, type, data) values (%s, 'execute-snapshot', %s)",
            (f"reread-{secrets.token_hex(8)}", json.dumps(data)),
        )

    def handle(self, payloads: Sequence[bytes]) -> None:
        """Act on the engine's notifications among these messages, after their rows are written."""
        if self._current is None:
            return
        for payload in payloads:
            if _NOTIFICATION in payload and payload.startswith(b'{"id":'):
                self._handle(json.loads(payload)["type"])

    def fail(self, reason: str) -> bool:
        """Give the present table up for a while; False if there is none."""
        if self._current is None:
            return False
        table, self._current = self._current.table, None
        self._retry_at[table] = time.monotonic() + _RETRY_SECONDS
        self.failures[table] = f"it cannot be read again: {reason}"
        log.error("%s cannot be read again: %s", table, reason)
        return True

    def _handle(self, kind: str) -> None:
        if kind == "ABORTED":
            self.fail("Debezium aborted its snapshot")
        elif kind == "COMPLETED" and self._current is not None:
            self._writer.write_truncate(self._current.table, self._lsn)
            self._writer.logs.register([self._current.registration])
            self.failures.pop(self._current.table, None)
            log.info("read %s again", self._current.table)
            self._current = None


def _position_before_a_commit(connection: Connection) -> int:
    """The end of the log, followed by a commit that the capture sees: all later ones are above it."""
    row = connection.execute(_LOG_END).fetchone()
    connection.execute("update cdc.heartbeat set beat_at = now()")
    assert row is not None
    return int(row[0])
