"""The reputation client against servers that give incomplete or unexpected responses."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from connectors.feeds.errors import FeedError
from connectors.feeds.reputation import ReputationClient, RetryPolicy

QUICK = RetryPolicy(timeout_seconds=5, attempts=2, first_pause_seconds=0.01)
UNEXPECTED = "does not respond like a reputation service; check REPUTATION_URL"
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
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield f"http://feeds:key@127.0.0.1:{listening.server_address[1]}/"
        listening.shutdown()


def response(content: bytes, status: int = 200, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def incomplete(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b"64\r\n{")
    handler.close_connection = True


def test_an_incomplete_response_is_retried() -> None:
    with server(incomplete, response(FACTS)) as url, ReputationClient(url, QUICK) as client:
        assert client.ip("10.0.0.1").country == "TH"


def test_a_response_that_is_always_incomplete_is_an_error() -> None:
    with (
        server(incomplete, incomplete) as url,
        ReputationClient(url, QUICK) as client,
        pytest.raises(FeedError, match="the response was incomplete, 2 times"),
    ):
        client.ip("10.0.0.1")


@pytest.mark.parametrize(
    "content", [b"[]", b"5", b'{"ips": [1]}', b'{"status": "ok"}', b'{"ips": []}', b'{"ips": {}}', b"<html>"]
)
def test_a_response_of_another_kind_of_server_is_an_error(content: bytes) -> None:
    with server(response(content), response(content)) as url, ReputationClient(url, QUICK) as client:
        with pytest.raises(FeedError, match=UNEXPECTED):
            client.ip("10.0.0.1")
        with pytest.raises(FeedError, match=UNEXPECTED):
            list(client.ips(["10.0.0.1"]))


def test_a_retry_after_of_a_day_is_an_error_at_once() -> None:
    busy = response(b"", status=429, Retry_After="86400")
    with (
        server(busy) as url,
        ReputationClient(url, QUICK) as client,
        pytest.raises(FeedError, match="with a Retry-After of 86400 s"),
    ):
        client.ip("10.0.0.1")
