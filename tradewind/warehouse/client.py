"""Connections to the warehouse, embedded or not."""

from __future__ import annotations

import clickhouse_connect
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import OperationalError

from tradewind.settings import Endpoint


class WarehouseUnreachable(RuntimeError):
    """The warehouse does not respond; the message says where, why and what to do."""


def connect(url: str, *, database: str | None = None, settings: dict[str, object] | None = None) -> Client:
    """A clickhouse-connect client for `http://user:password@host:port/database`.

    Without a session, so that one client may run queries from several threads at once.
    Raises WarehouseUnreachable if there is no connection.
    """
    endpoint = Endpoint(url)
    try:
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
    except OperationalError as error:
        raise WarehouseUnreachable(
            f"the warehouse at {endpoint.host}:{endpoint.port} is not reachable: {_reason(error)}; "
            "start it with `tradewind up`, or correct its address in the settings"
        ) from error


def _reason(error: BaseException) -> str:
    """The operating system's reason if it has one, else the first line of the error."""
    cause: BaseException | None = error
    while cause is not None:
        for argument in (cause, *cause.args):
            if isinstance(argument, OSError) and argument.strerror:
                return argument.strerror
        cause = cause.__cause__ or cause.__context__
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
