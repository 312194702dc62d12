"""The ASGI application: paths, authentication, errors."""

from __future__ import annotations

import logging
from http import HTTPStatus

from clickhouse_server.engine import Engine
from clickhouse_server.errors import WarehouseError, from_engine
from clickhouse_server.query import QueryService
from clickhouse_server.request import ClientGoneError, Receive, Request, Scope, Send, read_request
from clickhouse_server.response import Response
from clickhouse_server.users import Users

logger = logging.getLogger("tradewind.warehouse")

HEALTH_PATHS = frozenset({"/ping", "/replicas_status"})


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
        except WarehouseError as error:
            await plain(send, error.status, error.text(self._engine.version) + "\n")
            return
        if is_health_check(request):
            await plain(send, HTTPStatus.OK, "Ok.\n")
        elif request.method == "OPTIONS":
            await plain(send, HTTPStatus.NO_CONTENT, "")
        elif request.path not in {"/", "/query"} or request.method not in {"GET", "HEAD", "POST", "PUT"}:
            await plain(
                send,
                HTTPStatus.NOT_FOUND,
                f"There is no handle {request.path}\n\nUse / for queries or /ping for health checks.\n",
            )
        else:
            await self._answer(request, receive, send)

    async def _answer(self, request: Request, receive: Receive, send: Send) -> None:
        try:
            response = Response(send, request, self._engine.version, self._engine.timezone)
        except WarehouseError as error:
            await plain(send, error.status, error.text(self._engine.version) + "\n")
            return
        try:
            user = self._users.authenticate(request.headers, request.params)
            await self._service.serve(request, user, receive, response)
        except ClientGoneError:
            logger.info("query %s: the client left before its request was complete", request.query_id)
        except WarehouseError as error:
            await response.fail(error)
        except Exception as error:
            logger.exception("query %s failed in the server itself", request.query_id)
            await response.fail(from_engine(error))


def is_health_check(request: Request) -> bool:
    """Requests that are answered without a user and without the engine."""
    if request.path in HEALTH_PATHS:
        return True
    return request.path == "/" and request.method in {"GET", "HEAD"} and "query" not in request.params


async def plain(send: Send, status: HTTPStatus, text: str) -> None:
    """A short text answer."""
    data = text.encode()
    headers = [(b"content-type", b"text/html; charset=UTF-8"), (b"content-length", str(len(data)).encode())]
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body", "body": data})
