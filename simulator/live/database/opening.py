"""A session of whichever family an address names."""

from __future__ import annotations

from contextlib import AbstractContextManager

from simulator.live.database import mysql, postgresql
from simulator.live.database.session import LOCK_SECONDS, Session
from tradewind.source.mysql import is_mysql


def open_session(app_url: str, lock_seconds: float = LOCK_SECONDS) -> AbstractContextManager[Session]:
    """A session of the application; ShopUnreachable if there is no connection, or not any more.

    Locked where a statement has waited so long for another session; MySQL counts whole seconds.
    """
    connect = mysql.connect if is_mysql(app_url) else postgresql.connect
    return connect(app_url, lock_seconds)
