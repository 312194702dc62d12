"""Blocking calls from asyncio: run in threads, one at a time; waits for a client end when the query does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, TypeVar

from clickhouse_server.errors import ClickHouseError, cancelled
from clickhouse_server.running import RunningQuery

P = ParamSpec("P")
T = TypeVar("T")


class BlockingCalls:
    """Blocking calls in worker threads, one at a time. A call goes on when its waiter is cancelled."""

    def __init__(self, on_cancel: Callable[[], None]) -> None:
        """`on_cancel` is called when a waiter is cancelled: it ends what the call waits for."""
        self._on_cancel = on_cancel
        self._last: asyncio.Future[Any] | None = None

    async def __call__(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The function's result."""
        await self.wait_for_last()
        call = asyncio.ensure_future(asyncio.to_thread(function, *args, **kwargs))
        self._last = call
        try:
            return await asyncio.shield(call)
        except asyncio.CancelledError:
            self._on_cancel()
            raise

    async def wait_for_last(self) -> None:
        """Wait until the last call has ended, with whatever result."""
        if self._last is not None and not self._last.done():
            await asyncio.wait([self._last])


async def wait_for_client(query: RunningQuery, step: Awaitable[T], seconds: float) -> T:
    """The result of a step that depends on the client.

    Raises ClickHouseError after `seconds`, and as soon as the query is cancelled.
    """
    work = asyncio.ensure_future(step)
    cancellation = asyncio.ensure_future(query.cancelled.wait())
    try:
        await asyncio.wait({work, cancellation}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            return work.result()
        if cancellation.done():
            raise cancelled()
        raise ClickHouseError(
            209, "SOCKET_TIMEOUT", f"The client has neither sent nor received data for {seconds:g} seconds"
        )
    finally:
        cancellation.cancel()
        work.cancel()
