"""Live orders and figures by WebSocket: each message has a position, from which a client can go on later.

One task asks the warehouse for all clients, and only while there are any; it reads a mart when something has
arrived. A client that does not read is dropped with a reason; messages are not kept for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from pydantic_core import to_json
from starlette.websockets import WebSocket, WebSocketDisconnect

from tradewind.serving.api.problems import Problem
from tradewind.serving.api.warehouse import Warehouse

log = logging.getLogger("api")

QUEUED_MESSAGES = 64
"""A client that is so many messages behind is dropped."""
KEPT_MESSAGES = 500
"""Messages that a client which comes back can still be sent."""
SEND_SECONDS = 10.0
"""How long a client may let a message wait in its connection."""
FIRST_LOOK_SECONDS = 5.0
"""How long a client waits to be let in for what the first message is compared with."""
REST_SECONDS = 5.0
"""How long a mart is not read while nothing arrives: what only the clock changes is sent after that."""
ARRIVALS = "select insert_count from rt.rt_arrivals"
TRY_AGAIN_LATER = 1013
TOO_SLOW = f"more than {QUEUED_MESSAGES} messages behind: read faster"
UNKNOWN_POSITION = 4404


@dataclass(frozen=True)
class Message:
    """One message, written once for all clients."""

    position: int
    text: str


class LiveMart:
    """A near-real-time mart, read again when something has arrived or REST_SECONDS have passed."""

    def __init__(self, warehouse: Warehouse, query: str) -> None:
        self._warehouse, self._query = warehouse, query
        self._arrivals: int | None = None
        self._read_at = -math.inf

    async def read(self) -> list[dict[str, Any]] | None:
        """The rows; None if they are those of the last read."""
        [row] = await self._warehouse.query(ARRIVALS)
        if row["insert_count"] == self._arrivals and time.monotonic() - self._read_at < REST_SECONDS:
            return None
        rows = await self._warehouse.query(self._query)
        self._arrivals, self._read_at = row["insert_count"], time.monotonic()
        return rows

    def forget(self) -> None:
        """Let the next read be the first one."""
        self._arrivals = None


class Feed:
    """Messages of one kind, and who listens."""

    def __init__(
        self, mart: LiveMart, seconds: float, changes: Changes, starts_with_latest: bool = False
    ) -> None:
        """`starts_with_latest`: a client is sent the newest message at once, and none that it has missed."""
        self._starts_with_latest = starts_with_latest
        self._mart, self._seconds, self._changes = mart, seconds, changes
        self._clients: set[asyncio.Queue[Message | None]] = set()
        self._kept: deque[Message] = deque(maxlen=KEPT_MESSAGES)
        # Positions go on from the clock, so that those of an earlier process are never taken for ours.
        self._position = int(datetime.now(UTC).timestamp() * 1000)
        self._wanted, self._has_looked = asyncio.Event(), asyncio.Event()
        self.messages = self.dropped = 0

    @property
    def clients(self) -> int:
        """How many listen."""
        return len(self._clients)

    async def follow(self) -> None:
        """Ask and send, until cancelled."""
        while True:
            await self._wanted.wait()
            try:
                if (rows := await self._mart.read()) is not None:
                    for row in self._changes(rows):
                        self._send(row)
                self._has_looked.set()
            except Problem as problem:
                log.warning("live: %s", problem.detail)
            await asyncio.sleep(self._seconds)

    async def ready(self) -> None:
        """Wait for the first look, with which later ones are compared: who listens then misses nothing.

        Not for long, if the warehouse does not answer.
        """
        if self._has_looked.is_set():
            return
        self._wanted.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FIRST_LOOK_SECONDS):
                await self._has_looked.wait()
        if not self._clients:
            self._wanted.clear()

    async def serve(self, socket: WebSocket, after: int | None) -> None:
        """Send to one client until it leaves, or does not keep up."""
        missed = self._missed(after)
        if missed is None:
            await socket.close(UNKNOWN_POSITION, "this position is no longer kept: connect without `after`")
            return
        # A client may leave while a message is on its way to it.
        with self._listening() as queue, contextlib.suppress(WebSocketDisconnect):
            for message in missed:
                await socket.send_text(message.text)
            leaving = asyncio.ensure_future(_until_left(socket))
            try:
                await self._pass_on(socket, queue, leaving)
            finally:
                leaving.cancel()

    async def _pass_on(
        self, socket: WebSocket, queue: asyncio.Queue[Message | None], leaving: asyncio.Future[None]
    ) -> None:
        while not leaving.done():
            waiting = asyncio.ensure_future(queue.get())
            either: set[asyncio.Future[Any]] = {waiting, leaving}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not waiting.done():
                waiting.cancel()
                return
            message = waiting.result()
            try:
                async with asyncio.timeout(SEND_SECONDS):
                    if message is None:
                        await socket.close(TRY_AGAIN_LATER, TOO_SLOW)
                        return
                    await socket.send_text(message.text)
            except TimeoutError:  # its connection is full: not even a reason goes out
                self.dropped += queue in self._clients
                return

    def _send(self, row: dict[str, Any]) -> None:
        self._position += 1
        text = to_json({"position": self._position, **row}).decode()
        message = Message(self._position, text)
        self._kept.append(message)
        self.messages += 1
        for queue in list(self._clients):
            if queue.qsize() >= QUEUED_MESSAGES:
                self._clients.discard(queue)
                self.dropped += 1
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(None)
            else:
                queue.put_nowait(message)

    def _missed(self, after: int | None) -> list[Message] | None:
        """The messages since a position; None if some of them are no longer kept."""
        if self._starts_with_latest:
            return list(self._kept)[-1:]
        if after is None or after == self._position:
            return []
        if not self._kept or not self._kept[0].position - 1 <= after <= self._position:
            return None
        return [message for message in self._kept if message.position > after]

    @contextlib.contextmanager
    def _listening(self) -> Iterator[asyncio.Queue[Message | None]]:
        queue: asyncio.Queue[Message | None] = asyncio.Queue()
        self._clients.add(queue)
        self._wanted.set()
        try:
            yield queue
        finally:
            self._clients.discard(queue)
            if not self._clients:
                self._wanted.clear()
                if self._starts_with_latest:  # nobody keeps it up to date from now on
                    self._kept.clear()
                    self._changes.forget()
                    self._mart.forget()


class Changes(Protocol):
    """What has changed since the last look."""

    def __call__(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The messages, the oldest first."""

    def forget(self) -> None:
        """Take the next look for the first one."""


async def _until_left(socket: WebSocket) -> None:
    """Read what the client sends, which means nothing, until it closes."""
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            await socket.receive_text()


class ChangedRows:
    """Which rows of a table of the newest ones are new or changed since the last look."""

    def __init__(self, key: str, name: str) -> None:
        """`key`: the column that names a row; `name`: what a message calls it."""
        self._key, self._name = key, name
        self._seen: dict[Any, dict[str, Any]] | None = None

    def __call__(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The messages, the oldest first; none for the first look."""
        before, self._seen = self._seen, {row[self._key]: row for row in rows}
        if before is None:
            return []
        return [{self._name: row} for row in reversed(rows) if before.get(row[self._key]) != row]

    def forget(self) -> None:
        """Take the next look for the first one."""
        self._seen = None


class ChangedFigures:
    """The figures whenever one of them has changed, apart from those that always do."""

    def __init__(self, name: str, ignored: frozenset[str]) -> None:
        self._name, self._ignored = name, ignored
        self._seen: dict[str, Any] | None = None

    def __call__(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """One message, or none."""
        [row] = rows
        figures = {name: value for name, value in row.items() if name not in self._ignored}
        before, self._seen = self._seen, figures
        return [] if figures == before else [{self._name: row}]

    def forget(self) -> None:
        """Take the next look for the first one."""
        self._seen = None
