"""Blocking calls from asyncio: in threads, one at a time, and waits that a stopped query ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, TypeVar

from clickhouse_server.errors import WarehouseError, cancelled
from clickhouse_server.running import Running

P = ParamSpec("P")
T = TypeVar("T")


class Calls:
    """Blocking calls in worker threads, one at a time; a call outlives a waiter that is cancelled."""

    def __init__(self, abandon: Callable[[], None]) -> None:
        """`abandon` is called when nobody waits for a call any more: it stops what the call waits for."""
        self._abandon = abandon
        self._last: asyncio.Future[Any] | None = None

    async def __call__(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The function's result."""
        await self.settle()
        call = asyncio.ensure_future(asyncio.to_thread(function, *args, **kwargs))
        self._last = call
        try:
            return await asyncio.shield(call)
        except asyncio.CancelledError:
            self._abandon()
            raise

    async def settle(self) -> None:
        """Wait for the last call's end, whatever it was."""
        if self._last is not None and not self._last.done():
            await asyncio.wait([self._last])


async def client_step(running: Running, step: Awaitable[T], seconds: float) -> T:
    """Wait for a step that depends on the client: not for ever, and not after the query was stopped."""
    work = asyncio.ensure_future(step)
    stop = asyncio.ensure_future(running.stop.wait())
    try:
        await asyncio.wait({work, stop}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            return work.result()
        if stop.done():
            raise cancelled()
        raise WarehouseError(
            209, "SOCKET_TIMEOUT", f"The client has neither sent nor taken anything for {seconds:g} s"
        )
    finally:
        stop.cancel()
        work.cancel()
