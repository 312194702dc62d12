"""supervisord with services that take no time to start: restarts, orphans, long paths, what `down` leaves."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tradewind.stack import lifecycle, logs, preparation, processes, supervisor
from tradewind.stack.errors import StackError
from tradewind.stack.health import Unhealthy
from tradewind.stack.services import Service

SLEEP = (sys.executable, "-c", "import time; print('begun', flush=True); time.sleep(1000)")
WITH_CHILD = (
    sys.executable,
    "-c",
    "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(1000)'])",
)
FAILS = (sys.executable, "-c", "print('no such thing'); raise SystemExit(3)")
PATIENCE_SECONDS = 30


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def service(name: str, command: tuple[str, ...] = SLEEP) -> Service:
    return Service(name, command, (), lambda: None)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / ("a long name, " * 8) / "home"
    preparation.folders(folder)
    yield folder
    processes.end_all(folder)


def running(control: supervisor.Supervisor, name: str) -> int | None:
    state = control.states()[name]
    return state.pid if state.state == "RUNNING" else None


def started(home: Path, *services: Service) -> supervisor.Supervisor:
    control = supervisor.launch(home, services)
    for each in services:
        control.start(each.name)
    return control


def test_a_killed_service_comes_back(home: Path) -> None:
    control = started(home, service("a"))
    wait_until(lambda: running(control, "a") is not None)
    first = running(control, "a")
    assert first
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: running(control, "a") not in (None, first))


def test_what_a_service_says_is_in_its_log(home: Path) -> None:
    started(home, service("a"))
    wait_until(lambda: logs.last_lines(logs.path(home, "a"), 1) == ["begun"])


def test_orphans_of_a_killed_supervisor_are_found_and_ended(home: Path) -> None:
    started(home, service("a"), service("b", WITH_CHILD))
    wait_until(lambda: sorted(processes.of_home(home).values()) == ["a", "b", "b", "supervisor"])
    pids = processes.of_home(home)
    os.kill(next(pid for pid, name in pids.items() if name == "supervisor"), signal.SIGKILL)
    wait_until(lambda: supervisor.connect(home) is None)
    assert sorted(processes.of_home(home).values()) == ["a", "b", "b"]
    assert processes.end_all(home) == ["a", "b"]
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_another_home_keeps_its_processes(home: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    preparation.folders(other)
    control = started(other, service("a"))
    wait_until(lambda: running(control, "a") is not None)
    try:
        processes.end_all(home)
        assert running(control, "a")
    finally:
        processes.end_all(other)


def test_a_service_that_always_fails_is_named_with_its_last_words(home: Path) -> None:
    failing = service("a", FAILS)
    control = supervisor.launch(home, [failing])
    with pytest.raises(StackError, match="a is not healthy") as raised:
        lifecycle._Startup(home, control, [failing], [], lambda *_: None).run()
    assert "no such thing" in str(raised.value)


def test_a_service_starts_only_after_what_it_needs_is_ready(home: Path) -> None:
    seen: list[str] = []
    asked = iter([False, False, True])

    def slowly() -> None:
        if not next(asked, True):
            raise Unhealthy("not yet")

    first = Service("first", SLEEP, (), slowly)
    second = Service("second", SLEEP, ("task",), lambda: None)
    task = preparation.Task("task", ("first",), lambda: seen.append("the task ran"))
    control = supervisor.launch(home, [first, second])
    startup = lifecycle._Startup(
        home, control, [first, second], [task], lambda step, state, _: seen.append(f"{step} {state}")
    )
    startup.run()
    order = ["first started", "first ready", "task started", "the task ran", "second started", "second ready"]
    assert [event for event in seen if event in order] == order


def test_a_task_that_fails_fails_the_start(home: Path) -> None:
    def fail() -> None:
        raise StackError("the cluster is torn")

    control = supervisor.launch(home, [])
    with pytest.raises(StackError, match="torn"):
        lifecycle._Startup(home, control, [], [preparation.Task("cluster", (), fail)], lambda *_: None).run()


def test_a_changed_service_means_another_configuration(home: Path) -> None:
    started(home, service("a"))
    assert supervisor.is_configured_for(home, [service("a")])
    assert not supervisor.is_configured_for(home, [service("a", FAILS)])
