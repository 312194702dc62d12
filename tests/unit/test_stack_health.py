"""Whatever responds in place of a service, the health check gives a sentence and never a raw error."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from application import health
from tradewind.stack.service import Unhealthy

HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"


@contextmanager
def answering(answer: bytes) -> Iterator[str]:
    """A server that says the same few bytes to everyone."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer_all() -> None:
            while True:
                try:
                    caller, _ = server.accept()
                except OSError:
                    return
                with caller:
                    caller.recv(65536)
                    caller.sendall(answer)

        thread = threading.Thread(target=answer_all)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


def http(content: object) -> bytes:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%b" % (len(body), body)


@pytest.fixture
def code_folder(tmp_path: Path) -> Iterator[Path]:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "code.sock"))
        listening.listen()
        yield tmp_path


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-OpenSSH_9.2\r\n", HALF])
def test_something_that_does_not_speak_http_is_unhealthy(answer: bytes) -> None:
    checks: list[Callable[[str], None]] = [health.dagster, health.dagster_daemon, health.reputation]
    with answering(answer) as url:
        for check in checks:
            with pytest.raises(Unhealthy, match="no response"):
                check(url)


@pytest.mark.parametrize("content", [b"<html>", b"", [], {"data": None}, {"errors": []}, {"data": {"a": 1}}])
def test_an_answer_that_is_not_dagsters_is_unhealthy(content: object, code_folder: Path) -> None:
    with answering(http(content)) as url:
        with pytest.raises(Unhealthy, match="Dagster"):
            health.dagster_daemon(url)
        with pytest.raises(Unhealthy, match="Dagster"):
            health.dagster_code(code_folder, url)


@pytest.mark.parametrize("workspace", [{}, {"locationEntries": None}, {"locationEntries": []}])
def test_a_workspace_without_locations_is_unhealthy(workspace: object, code_folder: Path) -> None:
    answer = http({"data": {"workspaceOrError": workspace}})
    with answering(answer) as url, pytest.raises(Unhealthy, match="definitions not loaded"):
        health.dagster_code(code_folder, url)
