"""Idle engine connections, kept for the next query that needs an equal one."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from clickhouse_server.engine import Connection

MAX_IDLE = 8


@dataclass(frozen=True)
class ConnectionKey:
    """What a connection was made with; connections of equal keys are interchangeable."""

    roles: tuple[str, ...]
    database: str | None
    settings: frozenset[tuple[str, str]]


class IdleConnections:
    """The most recently used connections. A query removes the one it takes."""

    def __init__(self) -> None:
        self._idle: deque[tuple[ConnectionKey, Connection]] = deque()

    def take(self, key: ConnectionKey) -> Connection | None:
        """The most recently used connection with this key; None if there is none."""
        for entry in self._idle:
            if entry[0] == key:
                self._idle.remove(entry)
                return entry[1]
        return None

    def put(self, key: ConnectionKey, connection: Connection) -> Connection | None:
        """Keep a connection; returns the one that the caller must close, if there are too many."""
        self._idle.appendleft((key, connection))
        return self._idle.pop()[1] if len(self._idle) > MAX_IDLE else None

    def close_all(self) -> None:
        """Close every connection."""
        while self._idle:
            self._idle.pop()[1].close()
