"""Who asks: API keys, what their roles may read, and how often they may ask."""

from __future__ import annotations

import time
from dataclasses import dataclass
from http import HTTPStatus

from fastapi import Request
from fastapi.security import HTTPBearer
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from tradewind.serving.api.problems import Problem
from tradewind.serving.api.tables import Table
from tradewind.stack.api_keys import ApiKey, Keys, Role

PER_MINUTE = 3000
"""Requests of one key in any 60 seconds."""
BEARER = HTTPBearer(description="An API key: `tradewind api key create`.", auto_error=False)


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
        if role is Role.READER and table.has_people:
            raise Problem(
                HTTPStatus.FORBIDDEN, f"{table.path} has rows of people, which the role reader may not read"
            )

    def require_figures(self) -> None:
        """Problem 403 for sellers: figures of the whole shop."""
        if self.key.role is Role.SELLER:
            raise Problem(HTTPStatus.FORBIDDEN, "figures of the whole shop are not for the role seller")


class Access:
    """Knows the keys and counts their requests."""

    def __init__(self, keys: Keys, per_minute: int = PER_MINUTE) -> None:
        self._keys = keys
        self._limit = RateLimitItemPerMinute(per_minute)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def __call__(self, request: Request) -> Reader:
        """The reader of a request; Problem 401 without a key, 429 after too many requests."""
        given = await BEARER(request)
        return await self.reader(given.credentials if given else "")

    async def reader(self, text: str) -> Reader:
        """The reader with this key."""
        key = self._keys.find(text)
        if key is None:
            detail = "this key is not known" if text else "an API key is needed: Authorization: Bearer <key>"
            raise Problem(HTTPStatus.UNAUTHORIZED, detail, {"WWW-Authenticate": "Bearer"})
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
        return Reader(key, headers)
