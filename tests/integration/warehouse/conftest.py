"""What the warehouse's tests share: plain HTTP requests, and tables of their own."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from tests.fixtures.warehouse import RunningWarehouse

Ask = Callable[..., requests.Response]


@pytest.fixture
def ask(warehouse: RunningWarehouse) -> Iterator[Ask]:
    """`ask(text, role="admin", data=None, headers=None, url=None, **params)`: one HTTP request's response."""
    yield asker(warehouse)


def asker(server: RunningWarehouse) -> Ask:
    """`ask` for one server."""

    def ask(
        text: str | bytes | None, role: str = "admin", *, data: Any = None, **params: Any
    ) -> requests.Response:
        user = server.users[role]
        headers = params.pop("headers", {})
        stream = params.pop("stream", False)
        params |= params.pop("url", {})
        if data is not None:
            params["query"] = text
        body = data if data is not None else (text.encode() if isinstance(text, str) else text)
        return requests.post(
            f"http://{server.host}:{server.port}/",
            params=params,
            data=body,
            auth=(user.name, user.password),
            headers=headers,
            stream=stream,
            timeout=120,
        )

    return ask


@pytest.fixture
def table(ask: Ask) -> Iterator[str]:
    """The name of an empty table ops.<random> (id UInt64, name String), dropped afterwards."""
    name = f"ops.t_{uuid.uuid4().hex[:12]}"
    answer = ask(f"CREATE TABLE {name} (id UInt64, name String) ENGINE = MergeTree ORDER BY id")
    assert answer.status_code == 200, answer.text
    yield name
    ask(f"DROP TABLE IF EXISTS {name} SYNC")
