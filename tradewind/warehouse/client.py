"""Connections to the warehouse, embedded or not."""

from __future__ import annotations

import clickhouse_connect
from clickhouse_connect.driver.client import Client

from tradewind.settings import Endpoint


def connect(url: str, *, database: str | None = None, settings: dict[str, object] | None = None) -> Client:
    """A clickhouse-connect client for `http://user:password@host:port/database`.

    Without a session, so that one client may run queries from several threads at once.
    """
    endpoint = Endpoint(url)
    return clickhouse_connect.get_client(
        interface=endpoint.scheme,
        host=endpoint.host,
        port=endpoint.port,
        username=endpoint.user,
        password=endpoint.password,
        database=database or endpoint.database or "default",
        settings=settings,
        autogenerate_session_id=False,
    )
