"""The reputation client before servers that are not, or not quite, a reputation service."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from connectors.feeds.errors import FeedError
from connectors.feeds.reputation import Patience, ReputationClient

QUICK = Patience(timeout_seconds=5, attempts=2, first_pause_seconds=0.01)
FACTS = b'{"ip": "10.0.0.1", "country": "TH"}'
Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def server(*answers: Answer) -> Iterator[str]:
    """A server that gives these answers one after the other; yields its address."""
    coming = iter(answers)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            next(coming)(self)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            next(coming)(self)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield f"http://feeds:key@127.0.0.1:{listening.server_address[1]}/"
        listening.shutdown()


def said(content: bytes, status: int = 200, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def broken_off(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b"64\r\n{")
    handler.close_connection = True


def test_an_answer_that_breaks_off_is_asked_for_again() -> None:
    with server(broken_off, said(FACTS)) as url, ReputationClient(url, QUICK) as client:
        assert client.ip("10.0.0.1").country == "TH"


def test_answers_that_always_break_off_are_named() -> None:
    with (
        server(broken_off, broken_off) as url,
        ReputationClient(url, QUICK) as client,
        pytest.raises(FeedError, match="the answer broke off, 2 times"),
    ):
        client.ip("10.0.0.1")


@pytest.mark.parametrize(
    "content", [b"[]", b"5", b'{"ips": [1]}', b'{"status": "ok"}', b'{"ips": []}', b'{"ips": {}}', b"<html>"]
)
def test_a_server_of_something_else_is_named(content: bytes) -> None:
    with server(said(content), said(content)) as url, ReputationClient(url, QUICK) as client:
        with pytest.raises(FeedError, match="does not answer as a reputation service; check REPUTATION_URL"):
            client.ip("10.0.0.1")
        with pytest.raises(FeedError, match="does not answer as a reputation service; check REPUTATION_URL"):
            list(client.ips(["10.0.0.1"]))


def test_a_server_that_wants_a_days_rest_is_not_waited_for() -> None:
    busy = said(b"", status=429, Retry_After="86400")
    with (
        server(busy) as url,
        ReputationClient(url, QUICK) as client,
        pytest.raises(FeedError, match="asks to be left alone for 86400 s"),
    ):
        client.ip("10.0.0.1")
