"""The queries that run or wait now: their ids, the slots they run in, cancelling them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from clickhouse_server.errors import ClickHouseError, cancelled
from clickhouse_server.options import Options

KILL_AGAIN_SECONDS = 0.1


@dataclass
class RunningQuery:
    """One query, from the arrival of its request to the end of its response."""

    query_id: str
    user: str
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)
    done: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def tag(self) -> str:
        """What identifies it in the engine's process list."""
        return f"{self.query_id}\t{self.user}"


class RunningQueries:
    """All running queries, and a bounded number of slots to run in."""

    def __init__(self, options: Options, kill: Callable[[str], bool]) -> None:
        """`kill(tag)` asks the engine to stop a query; it may block and is called in a thread."""
        self._options = options
        self._slots = asyncio.Semaphore(options.max_queries)
        self._waiting = 0
        self._kill = kill
        self._queries: dict[str, RunningQuery] = {}
        self._cancellations: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def registered(self, query_id: str, user: str) -> AsyncIterator[RunningQuery]:
        """Register the query; raises ClickHouseError if its id is running already."""
        if query_id in self._queries:
            raise ClickHouseError(
                216, "QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING", f"Query with id = {query_id} is already running"
            )
        query = self._queries[query_id] = RunningQuery(query_id, user)
        try:
            yield query
        finally:
            query.done.set()
            del self._queries[query_id]

    @asynccontextmanager
    async def slot(self, query: RunningQuery) -> AsyncIterator[None]:
        """Wait for a slot, in order of arrival; the number of waiting queries and the wait are bounded."""
        if self._waiting >= self._options.max_queued:
            raise self._too_many(f"{self._waiting} others are waiting already")
        self._waiting += 1
        try:
            async with asyncio.timeout(self._options.queue_seconds):
                await self._slots.acquire()
        except TimeoutError:
            raise self._too_many(f"waited {self._options.queue_seconds:g} s for a slot") from None
        finally:
            self._waiting -= 1
        try:
            if query.cancelled.is_set():
                raise cancelled()
            yield
        finally:
            self._slots.release()

    def _too_many(self, reason: str) -> ClickHouseError:
        return ClickHouseError(
            202,
            "TOO_MANY_SIMULTANEOUS_QUERIES",
            f"Too many simultaneous queries. Maximum: {self._options.max_queries}; {reason}",
        )

    def cancel(self, query_id: str, of_user: str | None = None) -> None:
        """Stop a query in whatever state it is, unless it is another user's; returns at once."""
        query = self._queries.get(query_id)
        if query is None or query.cancelled.is_set() or of_user not in {None, query.user}:
            return
        query.cancelled.set()
        task = asyncio.ensure_future(self._kill_until_done(query))
        self._cancellations.add(task)
        task.add_done_callback(self._cancellations.discard)

    async def _kill_until_done(self, query: RunningQuery) -> None:
        """Kill again until the query has ended: the engine may not have registered it yet."""
        while not query.done.is_set():
            await asyncio.to_thread(self._kill, query.tag)
            try:
                await asyncio.wait_for(query.done.wait(), KILL_AGAIN_SECONDS)
            except TimeoutError:
                continue

    async def cancel_all(self) -> None:
        """Cancel every query and wait until all have ended."""
        for query_id in list(self._queries):
            self.cancel(query_id)
        await asyncio.gather(*self._cancellations)
