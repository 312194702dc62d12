"""Ports that another process takes: it is not mistaken for the service, and a chosen port is chosen again."""

from __future__ import annotations

import socket
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from application import preparation
from tests.fixtures.postgres import free_port
from tradewind.settings import Endpoint, Settings
from tradewind.stack import environment, lifecycle, ports, processes, supervisor
from tradewind.stack.service import Service, Task, Unhealthy
from tradewind.stack.startup import PortTaken


class Thief:
    """Takes ports of 127.0.0.1 and answers on none."""

    def __init__(self) -> None:
        self.sockets: list[socket.socket] = []

    def take(self, port: int) -> None:
        self.sockets.append(socket.create_server(("127.0.0.1", port)))

    def close(self) -> None:
        for taken in self.sockets:
            taken.close()


@pytest.fixture
def thief() -> Iterator[Thief]:
    created = Thief()
    yield created
    created.close()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("TRADEWIND_HOME", str(tmp_path / "home"))
    for variable in environment.PORT_VARIABLES.values():
        monkeypatch.delenv(variable, raising=False)
    preparation.folders(tmp_path / "home")
    yield tmp_path / "home"
    processes.end_all(tmp_path / "home")


def web_server(port: int, needs: tuple[str, ...] = (), *, is_reachable: bool = True) -> Service:
    """A service named `warehouse` that is an HTTP server of Python; its check asks whoever has the port."""
    address = Endpoint(f"http://127.0.0.1:{port}")

    def check() -> None:
        try:
            with urllib.request.urlopen(address.origin, timeout=5):
                return
        except OSError as error:
            raise Unhealthy(str(error)) from error

    command = (sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port))
    return Service("warehouse", command, needs, check if is_reachable else lambda: None, address)


class Blueprint:
    """One web server on the warehouse's port, which a task may take before the server starts."""

    servers: frozenset[str] = frozenset()

    def __init__(self, thief: Thief, thefts: int) -> None:
        self.thief, self.thefts = thief, thefts

    def prepare(self, home: Path) -> None:
        preparation.folders(home)

    def services(self, home: Path, settings: Settings) -> list[Service]:
        return [web_server(settings.warehouse.port, ("theft",))]

    def tasks(self, home: Path, settings: Settings, running: set[str]) -> list[Task]:
        def theft() -> None:
            if len(self.thief.sockets) < self.thefts:
                self.thief.take(settings.warehouse.port)

        return [Task("theft", (), theft)]


def test_a_port_that_is_lost_before_the_service_binds_it_is_chosen_again(home: Path, thief: Thief) -> None:
    settings = lifecycle.up(home, Blueprint(thief, thefts=1))
    lost = thief.sockets[0].getsockname()[1]
    assert settings.warehouse.port != lost
    [status] = lifecycle.status(home, Blueprint(thief, thefts=1))
    assert status.state == "running"
    assert lifecycle.up(home, Blueprint(thief, thefts=1)).warehouse.port == settings.warehouse.port


def test_a_port_that_is_lost_every_time_is_an_error_with_its_holder(home: Path, thief: Thief) -> None:
    with pytest.raises(
        PortTaken, match=r"for warehouse is taken by .* \(pid \d+\).*TRADEWIND_WAREHOUSE_PORT"
    ):
        lifecycle.up(home, Blueprint(thief, thefts=100))
    assert len(thief.sockets) == lifecycle.PORT_ATTEMPTS


def test_a_port_that_a_variable_sets_is_not_moved(
    home: Path, thief: Thief, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRADEWIND_WAREHOUSE_PORT", str(free_port()))
    monkeypatch.setenv("TRADEWIND_START_TIMEOUT", "15")
    with pytest.raises(lifecycle.StackError, match="warehouse is not healthy"):
        lifecycle.up(home, Blueprint(thief, thefts=1))
    assert len(thief.sockets) == 1


def test_a_service_whose_port_another_process_answers_is_not_running(home: Path, thief: Thief) -> None:
    port = free_port()
    thief.take(port)
    service = web_server(port, is_reachable=False)
    control = supervisor.launch(home, [service])
    state = supervisor.ProcessState("warehouse", "RUNNING", 2**30, 0)
    shown = lifecycle._status(service, state, {})
    assert shown.state == "unhealthy"
    assert f"port {port} is taken by" in shown.reason and "not this home's warehouse" in shown.reason
    control.shutdown()


def test_a_listener_is_known_by_its_process_and_by_a_child(home: Path) -> None:
    port = free_port()
    started = supervisor.launch(home, [web_server(port)])
    started.start("warehouse")
    pid = None
    while pid is None or ports.foreign_listener(port, None) is None:
        pid = started.states()["warehouse"].pid
    assert ports.foreign_listener(port, pid) is None
    parent = next(number for number, name in processes.of_home(home).items() if name == "supervisor")
    assert ports.foreign_listener(port, parent) is None
    assert f"(pid {pid})" in str(ports.foreign_listener(port, 2**30))
