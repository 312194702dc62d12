"""Sessions: a `session_id` keeps one engine connection with its temporary tables and settings."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from clickhouse_server.engine import Connection, quote
from clickhouse_server.errors import WarehouseError

MAX_SESSIONS = 256


class Overlay:
    """A query's own database and settings on a session's connection, which can be taken off again."""

    def __init__(self, connection: Connection, database: str | None, settings: Mapping[str, str]) -> None:
        self._connection = connection
        self._laid = (database, settings)
        self._database = connection.rows("SELECT currentDatabase()")[0][0] if database else None
        names = ", ".join(quote(name) for name in settings)
        before = f"SELECT name, value, changed FROM system.settings WHERE name IN ({names})"  # noqa: S608
        self._before = connection.rows(before) if settings else []

    def is_of(self, database: str | None, settings: Mapping[str, str]) -> bool:
        """Whether it is what a query with these wants."""
        return self._laid == (database, settings)

    def remove(self) -> None:
        """Put back what was there before."""
        if self._database:
            self._connection.use(self._database)
        self._connection.set({name: value for name, value, changed in self._before if changed == "1"})
        self._connection.reset([name for name, _, changed in self._before if changed == "0"])


@dataclass
class Session:
    """A connection that outlives its request. `locked` while a query runs in it.

    The last query's `overlay` stays for the next one, which mostly wants the same.
    """

    connection: Connection
    seconds: float
    overlay: Overlay | None = None
    locked: bool = True
    used_at: float = field(default_factory=time.monotonic)

    def uncover(self) -> None:
        """Take the overlay off: what the session itself has set is in force."""
        overlay, self.overlay = self.overlay, None
        if overlay is not None:
            overlay.remove()


class Sessions:
    """All sessions, by user and id. Called from the event loop only; connecting blocks it shortly."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, str], Session] = {}

    def take(
        self, user: str, name: str, seconds: float, *, must_exist: bool, connect: Callable[[], Connection]
    ) -> Session:
        """The session, locked for the caller; a new one where there is none."""
        self.close_idle()
        session = self._open.get((user, name))
        if session is None:
            return self._create(user, name, seconds, must_exist=must_exist, connect=connect)
        if session.locked:
            raise WarehouseError(373, "SESSION_IS_LOCKED", f"Session {name} is locked by a concurrent client")
        session.locked = True
        session.seconds = seconds
        return session

    def _create(
        self, user: str, name: str, seconds: float, *, must_exist: bool, connect: Callable[[], Connection]
    ) -> Session:
        if must_exist:
            raise WarehouseError(372, "SESSION_NOT_FOUND", f"Session {name} not found")
        if len(self._open) >= MAX_SESSIONS:
            raise WarehouseError(
                202,
                "TOO_MANY_SIMULTANEOUS_QUERIES",
                f"Too many sessions: {MAX_SESSIONS} are open; close one or wait for one to time out",
            )
        session = self._open[(user, name)] = Session(connect(), seconds)
        return session

    def give_back(self, session: Session, *, close: bool) -> None:
        """Unlock; the time-out counts from now."""
        session.locked = False
        session.used_at = time.monotonic()
        if close:
            session.seconds = -1
            self.close_idle()

    def close_idle(self) -> None:
        """Close every session that has been idle for its time-out."""
        now = time.monotonic()
        for key, session in list(self._open.items()):
            if not session.locked and now - session.used_at > session.seconds:
                del self._open[key]
                session.connection.close()

    def close_all(self) -> None:
        """Close every session; none is in use any more."""
        for session in self._open.values():
            session.connection.close()
        self._open.clear()
