"""The ASGI application: paths, authentication, errors."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus

from clickhouse_server.engine import Engine
from clickhouse_server.errors import ClickHouseError, from_engine
from clickhouse_server.form import ExternalTable, delete_files, read_form
from clickhouse_server.query import QueryService
from clickhouse_server.request import (
    Body,
    ClientDisconnectedError,
    Receive,
    Request,
    Scope,
    Send,
    read_request,
)
from clickhouse_server.response import Response
from clickhouse_server.users import Users

logger = logging.getLogger("clickhouse_server")

HEALTH_PATHS = frozenset({"/ping", "/replicas_status"})
PREFLIGHT_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "origin, x-requested-with, content-type, content-encoding, "
    "x-clickhouse-format, x-clickhouse-user, x-clickhouse-key, x-clickhouse-database, "
    "x-clickhouse-query-id, authorization",
    "Access-Control-Allow-Methods": "POST, GET, OPTIONS",
    "Access-Control-Max-Age": "86400",
}
"""For the request that a browser sends before a script's own: what such a script may send."""


class App:
    """ClickHouse's HTTP interface."""

    def __init__(self, engine: Engine, users: Users, service: QueryService) -> None:
        self._engine = engine
        self._users = users
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request."""
        if scope["type"] != "http":
            raise RuntimeError(f"only HTTP is served here, not {scope['type']}")
        try:
            request = read_request(scope)
        except ClickHouseError as error:
            await send_text(send, error.status, error.text(self._engine.version) + "\n")
            return
        if is_health_check(request):
            await send_text(send, HTTPStatus.OK, "Ok.\n")
        elif request.method == "OPTIONS":
            await send_text(send, HTTPStatus.NO_CONTENT, "", PREFLIGHT_HEADERS)
        elif request.path not in {"/", "/query"} or request.method not in {"GET", "HEAD", "POST", "PUT"}:
            await send_text(
                send,
                HTTPStatus.NOT_FOUND,
                f"There is no handle {request.path}\n\nUse / for queries or /ping for health checks.\n",
            )
        else:
            await self._answer(request, receive, send)

    def _response(self, send: Send, request: Request) -> Response:
        engine = self._engine
        return Response(send, request, engine.version, engine.timezone, engine.display_name)

    async def _answer(self, request: Request, receive: Receive, send: Send) -> None:
        try:
            response = self._response(send, request)
        except ClickHouseError as error:
            await send_text(send, error.status, error.text(self._engine.version) + "\n")
            return
        tables: list[ExternalTable] = []
        try:
            user = self._users.authenticate(request.headers, request.params)
            user = self._users.acting_as(user, request.roles)
            body = Body(receive, request.body_decoder())
            if request.is_form:
                request, tables = await read_form(request, body, self._engine.pipes_folder)
            await self._service.serve(request, user, body, tables, receive, response)
        except ClientDisconnectedError:
            logger.info("query %s: the client disconnected before its request was complete", request.query_id)
        except ClickHouseError as error:
            await response.fail(error)
        except Exception as error:
            logger.exception("query %s: error in the server itself", request.query_id)
            await response.fail(from_engine(error))
        finally:
            delete_files(tables)


def is_health_check(request: Request) -> bool:
    """Whether a request is answered without a user and without the engine."""
    if request.path in HEALTH_PATHS:
        return True
    return request.path == "/" and request.method in {"GET", "HEAD"} and "query" not in request.params


async def send_text(
    send: Send, status: HTTPStatus, text: str, headers: Mapping[str, str] | None = None
) -> None:
    """Send a short text response."""
    data = text.encode()
    raw = [(b"content-type", b"text/html; charset=UTF-8"), (b"content-length", str(len(data)).encode())]
    raw += [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
    await send({"type": "http.response.start", "status": int(status), "headers": raw})
    await send({"type": "http.response.body", "body": data})
