"""Queries that run or wait now: ids, slots, cancelling."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from clickhouse_server.errors import WarehouseError, cancelled
from clickhouse_server.options import Options

KILL_AGAIN_SECONDS = 0.1


@dataclass
class Running:
    """One query, from the arrival of its request to the end of its response."""

    query_id: str
    user: str
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    done: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def mark(self) -> str:
        """What the engine's process list carries for it."""
        return f"{self.query_id}\t{self.user}"


class RunningQueries:
    """The register, and a bounded number of slots to run in."""

    def __init__(self, options: Options, kill: Callable[[str], bool]) -> None:
        """`kill(mark)` asks the engine to stop a query; it may block and is called in a thread."""
        self._options = options
        self._slots = asyncio.Semaphore(options.max_queries)
        self._waiting = 0
        self._kill = kill
        self._queries: dict[str, Running] = {}
        self._stoppers: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def registered(self, query_id: str, user: str) -> AsyncIterator[Running]:
        """Hold the query id; an id that runs already is refused."""
        if query_id in self._queries:
            raise WarehouseError(
                216, "QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING", f"Query with id = {query_id} is already running"
            )
        running = self._queries[query_id] = Running(query_id, user)
        try:
            yield running
        finally:
            running.done.set()
            del self._queries[query_id]

    @asynccontextmanager
    async def slot(self, running: Running) -> AsyncIterator[None]:
        """Wait for a slot, in order of arrival, behind a bounded number of others, for a bounded time."""
        if self._waiting >= self._options.max_queued:
            raise self._too_many(f"{self._waiting} others wait already")
        self._waiting += 1
        try:
            async with asyncio.timeout(self._options.queue_seconds):
                await self._slots.acquire()
        except TimeoutError:
            raise self._too_many(f"waited {self._options.queue_seconds:g} s for a slot") from None
        finally:
            self._waiting -= 1
        try:
            if running.stop.is_set():
                raise cancelled()
            yield
        finally:
            self._slots.release()

    def _too_many(self, reason: str) -> WarehouseError:
        return WarehouseError(
            202,
            "TOO_MANY_SIMULTANEOUS_QUERIES",
            f"Too many simultaneous queries. Maximum: {self._options.max_queries}; {reason}",
        )

    def cancel(self, query_id: str) -> None:
        """Stop a query, whatever it is doing; returns at once."""
        running = self._queries.get(query_id)
        if running is None or running.stop.is_set():
            return
        running.stop.set()
        task = asyncio.ensure_future(self._stop(running))
        self._stoppers.add(task)
        task.add_done_callback(self._stoppers.discard)

    async def _stop(self, running: Running) -> None:
        """Kill until it has ended: the engine may not have registered the query yet."""
        while not running.done.is_set():
            await asyncio.to_thread(self._kill, running.mark)
            try:
                await asyncio.wait_for(running.done.wait(), KILL_AGAIN_SECONDS)
            except TimeoutError:
                continue

    async def stop_all(self) -> None:
        """Stop every query and wait for their ends."""
        for query_id in list(self._queries):
            self.cancel(query_id)
        await asyncio.gather(*self._stoppers)
