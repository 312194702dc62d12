"""Idle engine connections, kept for the next query that wants the same of one."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from clickhouse_server.engine import Connection

KEPT = 8


@dataclass(frozen=True)
class Setup:
    """What a connection was made for: a role, a current database and settings."""

    role: str
    database: str | None
    settings: frozenset[tuple[str, str]]


class IdleConnections:
    """The connections used last. A query takes one away, so that none serves two at once."""

    def __init__(self) -> None:
        self._idle: deque[tuple[Setup, Connection]] = deque()

    def take(self, setup: Setup) -> Connection | None:
        """A connection with this set-up, the one used last; None where there is none."""
        for entry in self._idle:
            if entry[0] == setup:
                self._idle.remove(entry)
                return entry[1]
        return None

    def keep(self, setup: Setup, connection: Connection) -> Connection | None:
        """Keep a connection; the one to be closed in exchange, where there are enough."""
        self._idle.appendleft((setup, connection))
        return self._idle.pop()[1] if len(self._idle) > KEPT else None

    def close_all(self) -> None:
        """Close every connection."""
        while self._idle:
            self._idle.pop()[1].close()
