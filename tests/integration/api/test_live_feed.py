"""A live feed with clients that read and one that does not, over real connections."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any, cast

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket
from websockets.sync.client import connect

from tests.fixtures.postgres import free_port
from tradewind.serving.api import live
from tradewind.serving.api.live import ChangedRows, Feed, LiveMart

SIZE = 20_000
"""Characters of a message: so many fill a connection that nobody reads."""
SECONDS = 40


class Growing:
    """A mart that has one more row whenever it is read."""

    def __init__(self) -> None:
        self.count = 0

    async def read(self) -> list[dict[str, Any]]:
        self.count += 1
        return [
            {"id": number, "text": "x" * SIZE} for number in range(self.count, max(0, self.count - 50), -1)
        ]


class Server:
    """The feed, served."""

    def __init__(self) -> None:
        self.feed = Feed(cast(LiveMart, Growing()), 0.002, ChangedRows("id", "row"))
        self.port = free_port()
        self.served = 0
        app = Starlette(routes=[WebSocketRoute("/", self._serve)], lifespan=self._lifespan)
        options = uvicorn.Config(
            app, port=self.port, ws="websockets-sansio", ws_per_message_deflate=False, log_level="error"
        )
        self._server = uvicorn.Server(options)
        self._thread = threading.Thread(target=self._server.run)

    async def _serve(self, client: WebSocket) -> None:
        await client.accept()
        self.served += 1
        await self.feed.serve(client, None)
        self.served -= 1

    @contextlib.asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncIterator[None]:
        import asyncio

        task = asyncio.create_task(self.feed.follow())
        yield
        task.cancel()

    def start(self) -> None:
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)

    def stop(self) -> None:
        self._server.force_exit = self._server.should_exit = True
        self._thread.join(20)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(live, "SEND_SECONDS", 1.0)
    running = Server()
    running.start()
    yield running
    running.stop()


def test_a_client_that_does_not_read_is_dropped_and_holds_up_nobody(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as silent:
        silent.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        silent.sendall(
            b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        positions = []
        deadline = time.monotonic() + SECONDS
        with connect(f"ws://127.0.0.1:{server.port}/", compression=None) as reader:
            while (not server.feed.dropped or len(positions) < 300) and time.monotonic() < deadline:
                positions.append(json.loads(reader.recv(timeout=SECONDS))["position"])
        assert positions == list(range(positions[0], positions[0] + len(positions)))
        while server.served and time.monotonic() < deadline:
            time.sleep(0.05)
        assert (server.served, server.feed.clients, server.feed.dropped) == (0, 0, 1)


def test_a_client_that_leaves_while_it_is_sent_a_message_is_forgotten(server: Server) -> None:
    for _ in range(20):
        with connect(f"ws://127.0.0.1:{server.port}/", compression=None) as reader:
            reader.recv(timeout=SECONDS)
            reader.socket.shutdown(socket.SHUT_RDWR)
    deadline = time.monotonic() + SECONDS
    while server.served and time.monotonic() < deadline:
        time.sleep(0.05)
    assert (server.served, server.feed.clients, server.feed.dropped) == (0, 0, 0)
