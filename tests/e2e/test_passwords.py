"""Passwords in stack.env that are not the servers': one clear line, and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.fixtures.stack import Stack


@pytest.fixture(params=["DATABASE_URL", "CLICKHOUSE_WRITER_URL"])
def wrong_password(stack: Stack, request: pytest.FixtureRequest) -> Iterator[str]:
    path = stack.home / "stack.env"
    right = path.read_text()
    path.write_text(re.sub(rf"({request.param}=\w+://\w+:)[^@]+@", r"\1wrong@", right))
    assert path.read_text() != right
    yield request.param
    path.write_text(right)
    stack.tradewind("up")


def test_a_wrong_password_is_named_and_not_waited_for(stack: Stack, wrong_password: str) -> None:
    done = stack.tradewind("up", check=False)
    assert done.returncode == 1
    first = next(line for line in done.stderr.splitlines() if line.startswith("error: "))
    assert "password" in first and "stack.env" in first
    assert "Traceback" not in done.stderr
