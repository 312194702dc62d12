"""Choosing ports: free ones, reserved ones, and errors about taken ones."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tradewind.stack import ports
from tradewind.stack.errors import StackError


@pytest.fixture(autouse=True)
def own_reservations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield int(server.getsockname()[1])


def choose(home: Path, defaults: dict[str, int], fixed: dict[str, int] | None = None) -> dict[str, int]:
    with ports.choose(home, defaults, fixed or {}) as chosen:
        return chosen


def a_home(folder: Path, name: str) -> Path:
    home = folder / name
    home.mkdir()
    (home / "stack.env").touch()
    return home


def test_a_taken_default_moves_to_the_next_free_port(tmp_path: Path, taken: int) -> None:
    chosen = choose(a_home(tmp_path, "a"), {"postgres": taken})
    assert chosen["postgres"] > taken
    assert ports.is_free(chosen["postgres"])


def test_two_homes_get_different_ports_though_neither_runs(tmp_path: Path) -> None:
    start = ports.any_free_port()
    first = choose(a_home(tmp_path, "a"), {"postgres": start})
    second = choose(a_home(tmp_path, "b"), {"postgres": start})
    assert first["postgres"] != second["postgres"]


def test_a_removed_home_gives_its_ports_back(tmp_path: Path) -> None:
    start = ports.any_free_port()
    first = a_home(tmp_path, "a")
    choose(first, {"postgres": start})
    (first / "stack.env").unlink()
    assert choose(a_home(tmp_path, "b"), {"postgres": start}) == {"postgres": start}


def test_two_services_never_get_the_same_port(tmp_path: Path) -> None:
    start = ports.any_free_port()
    chosen = choose(a_home(tmp_path, "a"), {"postgres": start, "warehouse": start})
    assert chosen["postgres"] != chosen["warehouse"]


def test_a_taken_port_that_was_asked_for_is_named_with_its_holder_and_variable(taken: int) -> None:
    with pytest.raises(StackError, match=rf"port {taken} .*pid \d+.*TRADEWIND_POSTGRES_PORT"):
        ports.require_free(taken, "postgres", "TRADEWIND_POSTGRES_PORT")


@pytest.mark.parametrize("text", ["x", "0", "65536", "-1", "5432x"])
def test_a_variable_that_is_no_port_is_an_error(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADEWIND_POSTGRES_PORT", text)
    with pytest.raises(StackError, match="TRADEWIND_POSTGRES_PORT"):
        ports.explicit_port("TRADEWIND_POSTGRES_PORT")
