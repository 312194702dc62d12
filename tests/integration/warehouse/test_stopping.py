"""What stops a query: KILL QUERY, a time-out, a client that disconnects; how many may run."""

from __future__ import annotations

import socket
import threading
import time
import uuid
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from tests.fixtures.warehouse import RunningWarehouse
from tests.integration.warehouse.conftest import Ask, asker

ENDLESS = "SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 7"


class InBackground:
    """A request in a thread of its own."""

    def __init__(self, ask: Ask, text: str, role: str = "admin", **params: object) -> None:
        self.query_id = str(uuid.uuid4())
        self.answer: requests.Response | None = None

        def run() -> None:
            self.answer = ask(text, role, query_id=self.query_id, **params)

        self.thread = threading.Thread(target=run)
        self.thread.start()

    def code(self) -> str:
        """The error code of the answer."""
        self.thread.join(60)
        assert self.answer is not None
        return self.answer.headers.get("X-ClickHouse-Exception-Code", "none")


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Wait for a condition; fails where it does not come true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true"
        time.sleep(0.02)


def runs(ask: Ask, query_id: str) -> bool:
    """Whether the query is in the process list under the client's own id."""
    return ask(f"SELECT count() FROM system.processes WHERE query_id = '{query_id}'").text == "1\n"


@pytest.mark.parametrize("mode", ["", "SYNC", "ASYNC"])
def test_kill_query_finds_the_clients_own_id(ask: Ask, mode: str) -> None:
    query = InBackground(ask, ENDLESS)
    wait_until(lambda: runs(ask, query.query_id))
    killed = ask(f"KILL QUERY WHERE query_id = '{query.query_id}' {mode}")
    assert killed.text.split("\t")[:3] == ["waiting", query.query_id, "admin"]
    assert query.code() == "394"
    assert not runs(ask, query.query_id)


def test_kill_query_test_stops_nothing(ask: Ask) -> None:
    query = InBackground(ask, ENDLESS, "bi")
    wait_until(lambda: runs(ask, query.query_id))
    assert query.query_id in ask("KILL QUERY WHERE user = 'bi' TEST").text
    assert runs(ask, query.query_id)
    ask("KILL QUERY WHERE user = 'bi'")
    assert query.code() == "394"


def test_an_insert_from_a_slow_client_can_be_killed(ask: Ask, table: str) -> None:
    more = threading.Event()

    def rows() -> Iterator[bytes]:
        yield f"INSERT INTO {table} FORMAT CSV\n".encode() + b"1,a\n" * 500_000
        more.wait(60)
        yield b"2,b\n"

    query = InBackground(ask, rows())  # type: ignore[arg-type]
    wait_until(lambda: runs(ask, query.query_id))
    ask(f"KILL QUERY WHERE query_id = '{query.query_id}'")
    wait_until(lambda: not runs(ask, query.query_id))
    more.set()
    query.thread.join(60)
    assert ask(f"SELECT count() FROM {table}").text == "0\n"


def test_a_time_out_stops_a_query_and_a_stream(ask: Ask) -> None:
    assert ask(ENDLESS, max_execution_time=1).headers["X-ClickHouse-Exception-Code"] == "159"
    started = time.monotonic()
    assert ask(f"{ENDLESS} FORMAT JSON", max_execution_time=1).headers["X-ClickHouse-Exception-Code"] == "159"
    assert time.monotonic() - started < 30


@pytest.mark.parametrize("output", ["TSV", "JSON", "Null"])
def test_a_client_that_disconnects_stops_its_query(
    warehouse: RunningWarehouse, ask: Ask, output: str
) -> None:
    query_id = str(uuid.uuid4())
    with raw_request(warehouse, f"{ENDLESS} FORMAT {output}", query_id):
        wait_until(lambda: runs(ask, query_id))
    wait_until(lambda: not runs(ask, query_id))


@pytest.mark.parametrize("output", ["TSV", "JSON"])
def test_a_client_that_disconnects_in_mid_stream_stops_its_query(
    warehouse: RunningWarehouse, ask: Ask, output: str
) -> None:
    query_id = str(uuid.uuid4())
    with raw_request(
        warehouse, f"SELECT number FROM numbers(100000000000) FORMAT {output}", query_id
    ) as connection:
        assert connection.recv(100_000)
        assert runs(ask, query_id)
    wait_until(lambda: not runs(ask, query_id))


def test_a_client_that_disconnects_in_mid_insert_inserts_nothing(
    warehouse: RunningWarehouse, ask: Ask, table: str
) -> None:
    query_id = str(uuid.uuid4())
    text = f"INSERT INTO {table} FORMAT CSV\n" + "1,a\n" * 500_000
    with raw_request(warehouse, text, query_id, missing=1000):
        wait_until(lambda: runs(ask, query_id))
    wait_until(lambda: not runs(ask, query_id))
    assert ask(f"SELECT count() FROM {table}").text == "0\n"


def test_a_running_query_id_is_refused(ask: Ask) -> None:
    query = InBackground(ask, ENDLESS)
    wait_until(lambda: runs(ask, query.query_id))
    assert ask("SELECT 1", query_id=query.query_id).headers["X-ClickHouse-Exception-Code"] == "216"
    ask(f"KILL QUERY WHERE query_id = '{query.query_id}'")
    assert query.code() == "394"
    assert ask("SELECT 1", query_id=query.query_id).text == "1\n"


def test_queries_beyond_the_bound_wait_and_then_are_refused(tmp_path: Path) -> None:
    server = RunningWarehouse(tmp_path, "--max-queries", "2", "--queue-seconds", "1.5")
    server.start()
    ask = asker(server)
    try:
        first, second = InBackground(ask, ENDLESS), InBackground(ask, ENDLESS)
        listing = "KILL QUERY WHERE 1 TEST"
        wait_until(lambda: ask(listing).text.count("numbers(1000000000000)") == 2)
        refused = [InBackground(ask, "SELECT 'never'") for _ in range(2)]
        assert server.answers()
        for query in refused:
            assert query.code() == "202"
            assert query.answer is not None
            assert "Too many simultaneous queries. Maximum: 2" in query.answer.text
            assert query.answer.status_code == 503
        late = InBackground(ask, "SELECT 'had to wait'")
        ask(f"KILL QUERY WHERE query_id = '{first.query_id}'")
        assert late.code() == "none"
        assert late.answer is not None and late.answer.text == "had to wait\n"
        ask(f"KILL QUERY WHERE query_id = '{second.query_id}'")
        assert (first.code(), second.code()) == ("394", "394")
    finally:
        server.stop()


def raw_request(warehouse: RunningWarehouse, text: str, query_id: str, missing: int = 0) -> socket.socket:
    """A request over a bare socket; closing it disconnects. `missing` bytes are never sent."""
    user = warehouse.users["admin"]
    credentials = b64encode(f"{user.name}:{user.password}".encode()).decode()
    head = (
        f"POST /?query_id={query_id} HTTP/1.1\r\nHost: test\r\nAuthorization: Basic {credentials}\r\n"
        f"Content-Length: {len(text.encode()) + missing}\r\n\r\n"
    )
    connection = socket.create_connection((warehouse.host, warehouse.port), timeout=30)
    connection.sendall(head.encode() + text.encode())
    return connection
