"""Sessions: what a `session_id` keeps from one request to the next."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from clickhouse_server.engine import Connection, quote
from clickhouse_server.errors import ClickHouseError

MAX_SESSIONS = 256


class State(Protocol):
    """What a session keeps."""

    def close(self) -> None:
        """Called when the session ends."""


S = TypeVar("S", bound=State)


@dataclass
class ReaderState:
    """A reader's session: its current database and settings. Each of its queries gets a new connection."""

    database: str | None = None
    settings: dict[str, str] = field(default_factory=dict)

    def close(self) -> None:
        """Nothing is open."""


class QueryOverrides:
    """A query's own database and settings on a session's connection, which can be removed again."""

    def __init__(self, connection: Connection, database: str | None, settings: Mapping[str, str]) -> None:
        self._connection = connection
        self._values = (database, dict(settings))
        self._database_before = connection.rows("SELECT currentDatabase()")[0][0] if database else None
        names = ", ".join(quote(name) for name in settings)
        before = f"SELECT name, value, changed FROM system.settings WHERE name IN ({names})"  # noqa: S608
        self._settings_before = connection.rows(before) if settings else []

    def equal(self, database: str | None, settings: Mapping[str, str]) -> bool:
        """Whether these are the database and settings that they set."""
        return self._values == (database, settings)

    def remove(self) -> None:
        """Restore the values from before."""
        if self._database_before:
            self._connection.use(self._database_before)
        before = self._settings_before
        self._connection.set({name: value for name, value, changed in before if changed == "1"})
        self._connection.reset([name for name, _, changed in before if changed == "0"])


@dataclass
class ConnectionState:
    """A session's engine connection, with its temporary tables and settings.

    The last query's overrides stay until a query comes that needs others; most need the same.
    """

    connection: Connection
    overrides: QueryOverrides | None = None

    def remove_overrides(self) -> None:
        """Have the session's own database and settings in force."""
        overrides, self.overrides = self.overrides, None
        if overrides is not None:
            overrides.remove()

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()


@dataclass
class Session(Generic[S]):
    """One session. `locked` while a query runs in it."""

    state: S
    timeout_seconds: float
    locked: bool = True
    used_at: float = field(default_factory=time.monotonic)


class Sessions(Generic[S]):
    """All sessions of one kind, by key. Called from the event loop only; opening one blocks it shortly."""

    def __init__(self) -> None:
        self._open: dict[tuple[object, ...], Session[S]] = {}

    def take(
        self, key: tuple[object, ...], timeout_seconds: float, *, must_exist: bool, create: Callable[[], S]
    ) -> Session[S]:
        """The session, locked for the caller; a new one if there is none."""
        self.close_expired()
        session = self._open.get(key)
        if session is None:
            return self._create(key, timeout_seconds, must_exist=must_exist, create=create)
        if session.locked:
            raise ClickHouseError(
                373, "SESSION_IS_LOCKED", f"Session {key[-1]} is locked by a concurrent client"
            )
        session.locked = True
        session.timeout_seconds = timeout_seconds
        return session

    def _create(
        self, key: tuple[object, ...], timeout_seconds: float, *, must_exist: bool, create: Callable[[], S]
    ) -> Session[S]:
        if must_exist:
            raise ClickHouseError(372, "SESSION_NOT_FOUND", f"Session {key[-1]} not found")
        if len(self._open) >= MAX_SESSIONS:
            raise ClickHouseError(
                202,
                "TOO_MANY_SIMULTANEOUS_QUERIES",
                f"Too many sessions: {MAX_SESSIONS} are open; close one or wait for one to expire",
            )
        session = self._open[key] = Session(create(), timeout_seconds)
        return session

    def give_back(self, session: Session[S], *, close: bool) -> None:
        """Unlock the session; it expires `timeout_seconds` from now."""
        session.locked = False
        session.used_at = time.monotonic()
        if close:
            session.timeout_seconds = -1
            self.close_expired()

    def close_expired(self) -> None:
        """Close every session that has been idle for longer than its timeout."""
        now = time.monotonic()
        for key, session in list(self._open.items()):
            if not session.locked and now - session.used_at > session.timeout_seconds:
                del self._open[key]
                session.state.close()

    def close_all(self) -> None:
        """Close every session; none may be in use any more."""
        for session in self._open.values():
            session.state.close()
        self._open.clear()
