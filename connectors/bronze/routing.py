"""Which log an event belongs to, by the source table that the event itself names.

Never by its topic: Debezium gives the tables `user_events` and `user events` the same one.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from typing import NamedTuple

from tradewind.source.naming import PLATFORM_SCHEMA, TableName, assign
from tradewind.warehouse import bronze
from tradewind.warehouse.bronze import LogTable

log = logging.getLogger(__name__)

PLATFORM_LOGS = {
    TableName(PLATFORM_SCHEMA, name): LogTable(bronze.PLATFORM_DATABASE, name)
    for name in (bronze.MARKER_TABLE, bronze.SIGNAL_TABLE)
}
"""The capture's own tables and their logs."""

_SOURCE = b'"source":{'
_SCHEMA, _BEHIND_TABLE = b'"schema":', b',"txId":'


class Route(NamedTuple):
    """Where the events of a source table are written."""

    log: LogTable
    topic: bytes


class Router:
    """The log of each source table: one table each; tables with colliding names are refused."""

    def __init__(self) -> None:
        self._owners: dict[str, TableName] = {}
        self._routes: dict[TableName, Route | None] = {
            table: Route(target, table.topic.encode()) for table, target in PLATFORM_LOGS.items()
        }
        self._by_fields: dict[bytes, Route | None] = {}
        self._new: list[TableName] = []
        self.refused: dict[TableName, str] = {}

    @property
    def owners(self) -> list[TableName]:
        """The tables of the shop that have logs."""
        return sorted(self._owners.values())

    def assign(self, tables: Iterable[TableName], owners: Iterable[TableName] = ()) -> None:
        """Give each new table its log, or refuse it. `owners` have their logs already."""
        for owner in owners:
            self._owners[owner.collision_key] = owner
            self._routes[owner] = _route(owner)
        assignment = assign((table for table in tables if table not in self._routes), self._owners)
        for table in sorted(assignment.captured):
            self._owners[table.collision_key] = table
            self._routes[table] = _route(table)
            self._new.append(table)
        for table, reason in assignment.refused.items():
            self._routes[table] = None
            self.refused[table] = reason
            log.error("%s is not captured: %s", table, reason)

    def take_new(self) -> list[TableName]:
        """The tables that got a log since the last call."""
        new, self._new = self._new, []
        return new

    def route(self, payload: bytes) -> Route | None:
        """Where an event belongs; None for one of a refused table, and for other messages of Debezium."""
        fields = source_fields(payload)
        if fields is None:
            return None
        if fields not in self._by_fields:
            source = json.loads(b"{" + fields + b"}")
            self._by_fields[fields] = self._route_of(TableName(source["schema"], source["table"]))
        return self._by_fields[fields]

    def _route_of(self, table: TableName) -> Route | None:
        """The route of a table; None for the messages that programs write to the log by themselves."""
        if not table.table:
            return None
        self.assign([table])
        return self._routes[table]


def source_fields(payload: bytes) -> bytes | None:
    """The text `"schema":"...","table":"..."` of an event; None for messages that are not change events.

    No data of the shop follows the envelope's field `source`, so the last occurrence is the envelope's own,
    whatever the row holds.
    """
    start = payload.rfind(_SOURCE)
    begin = payload.find(_SCHEMA, start) if start >= 0 else -1
    end = payload.find(_BEHIND_TABLE, begin) if begin >= 0 else -1
    return payload[begin:end] if end >= 0 else None


def _route(table: TableName) -> Route:
    return Route(LogTable(bronze.DATABASE, table.log_name), table.topic.encode())
