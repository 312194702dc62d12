"""Opening a session on the database family that an address names."""

from __future__ import annotations

from contextlib import AbstractContextManager

from simulator.live.database import mysql, postgresql
from simulator.live.database.session import LOCK_SECONDS, Session
from tradewind.source.mysql import is_mysql


def open_session(app_url: str, lock_seconds: float = LOCK_SECONDS) -> AbstractContextManager[Session]:
    """A session of the application.

    Raises ShopUnreachable if the connection fails or is lost, and LockTimeout if a statement waits longer
    than this for a lock (rounded up to whole seconds on MySQL).
    """
    connect = mysql.connect if is_mysql(app_url) else postgresql.connect
    return connect(app_url, lock_seconds)
