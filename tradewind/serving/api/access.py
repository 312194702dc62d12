"""Who asks: API keys, what their roles may read, and how often they may ask."""

from __future__ import annotations

import time
from dataclasses import dataclass
from http import HTTPStatus

from fastapi import Request, Response
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from starlette.requests import HTTPConnection

from tradewind.serving.api.login import key_in_cookie
from tradewind.serving.api.problems import Problem
from tradewind.serving.api.table import Table
from tradewind.stack.api_keys import ApiKey, Keys, Role

BEARER = "Bearer "
PROTOCOL = "key."
"""Prefix of the WebSocket subprotocol that holds a key, since browsers can set no headers for them."""
SCHEME = {
    "type": "http",
    "scheme": "bearer",
    "description": "An API key: `tradewind api key create`. Browsers: `tradewind open`.",
}


@dataclass(frozen=True)
class Reader:
    """A request's key, and the headers that tell it its limit."""

    key: ApiKey
    headers: dict[str, str]

    def require(self, table: Table) -> None:
        """Problem 403 if the role may not read the table."""
        role = self.key.role
        if role is Role.SELLER and table.seller is None:
            raise Problem(HTTPStatus.FORBIDDEN, f"{table.path} has no rows of single sellers")
        if table.has_people:
            self.require_people(table.path)

    def require_people(self, path: str) -> None:
        """Problem 403 if the role may not read rows of single people."""
        if self.key.role is Role.READER:
            raise Problem(
                HTTPStatus.FORBIDDEN, f"{path} has rows of people, which the role reader may not read"
            )

    def require_figures(self) -> None:
        """Problem 403 for sellers: figures of the whole shop."""
        if self.key.role is Role.SELLER:
            raise Problem(HTTPStatus.FORBIDDEN, "figures of the whole shop are not for the role seller")


class Access:
    """Knows the keys and counts their requests."""

    def __init__(self, keys: Keys, per_minute: int) -> None:
        """`per_minute`: requests of one key in any 60 seconds."""
        self._keys = keys
        self._limit = RateLimitItemPerMinute(per_minute)
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def __call__(self, request: Request, response: Response) -> Reader:
        """The reader of a request; Problem 401 without a key, 429 after too many requests."""
        reader = await self.reader(request)
        response.headers.update(reader.headers)  # of an answer that has no headers of its own
        return reader

    async def reader(self, connection: HTTPConnection) -> Reader:
        """The reader of a request or of a WebSocket, by its key in a header, a subprotocol or a cookie."""
        text = _given_key(connection)
        key = self._keys.find(text)
        if key is None:
            detail = (
                "this key is not known, or has expired"
                if text
                else "an API key is needed (Authorization: Bearer <key>), or the link of `tradewind open`"
            )
            raise Problem(HTTPStatus.UNAUTHORIZED, detail, {"WWW-Authenticate": "Bearer"})
        connection.state.key_id = key.id
        return Reader(key, await self._counted(key))

    async def _counted(self, key: ApiKey) -> dict[str, str]:
        """Count a request; headers that tell the key's limit, or Problem 429 above it."""
        is_allowed = await self._limiter.hit(self._limit, key.id)
        window = await self._limiter.get_window_stats(self._limit, key.id)
        seconds = max(0, round(window.reset_time - time.time()))
        headers = {
            "RateLimit-Limit": str(self._limit.amount),
            "RateLimit-Remaining": str(window.remaining),
            "RateLimit-Reset": str(seconds),
        }
        if not is_allowed:
            raise Problem(
                HTTPStatus.TOO_MANY_REQUESTS,
                f"this key has asked {self._limit.amount} times in a minute",
                {**headers, "Retry-After": str(max(1, seconds))},
            )
        return headers


def _given_key(connection: HTTPConnection) -> str:
    header = connection.headers.get("authorization", "")
    if header.startswith(BEARER):
        return header.removeprefix(BEARER)
    for name in connection.scope.get("subprotocols", []):
        if name.startswith(PROTOCOL):
            return str(name).removeprefix(PROTOCOL)
    return key_in_cookie(connection)
