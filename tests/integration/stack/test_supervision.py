"""supervisord with services that start at once: restarts, orphans, long paths, and what `down` leaves."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from application import preparation, stack
from tradewind.stack import lifecycle, logs, processes, startup, supervisor
from tradewind.stack.errors import StackError
from tradewind.stack.service import Service, Unhealthy

SLEEP = (sys.executable, "-c", "import time; print('started', flush=True); time.sleep(1000)")
WITH_CHILD = (
    sys.executable,
    "-c",
    "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(1000)'])",
)
ENDS_SLOWLY = """
import pathlib, signal, sys, threading
name, stopping = sys.argv[1], threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stopping.set())
print("started", flush=True)
stopping.wait()
for word in ("ends", "ended"):
    with pathlib.Path("order").open("a") as file:
        file.write(f"{name} {word}\\n")
    threading.Event().wait(1)
"""
FAILS = (sys.executable, "-c", "print('no such thing'); raise SystemExit(3)")
PATIENCE_SECONDS = 30


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "the condition did not become true in time"
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


def test_a_killed_service_is_restarted(home: Path) -> None:
    control = started(home, service("a"))
    wait_until(lambda: running(control, "a") is not None)
    first = running(control, "a")
    assert first
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: running(control, "a") not in (None, first))


def test_the_output_of_a_service_is_in_its_log(home: Path) -> None:
    started(home, service("a"))
    wait_until(lambda: logs.last_lines(logs.path(home, "a"), 1) == ["started"])


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


def test_a_service_that_always_fails_is_named_with_the_end_of_its_log(home: Path) -> None:
    failing = service("a", FAILS)
    control = supervisor.launch(home, [failing])
    with pytest.raises(StackError, match="a is not healthy") as raised:
        startup.Startup(home, control, [failing], [], lambda *_: None, PATIENCE_SECONDS).run()
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
    starting = startup.Startup(
        home,
        control,
        [first, second],
        [task],
        lambda step, state, _: seen.append(f"{step} {state}"),
        PATIENCE_SECONDS,
    )
    starting.run()
    order = ["first started", "first ready", "task started", "the task ran", "second started", "second ready"]
    assert [event for event in seen if event in order] == order


def test_a_service_between_two_attempts_shows_why_it_failed() -> None:
    def fail() -> None:
        raise Unhealthy("table 'order-archive' is not a name\nmore")

    between = supervisor.ProcessState("a", "BACKOFF", None, 1)
    shown = lifecycle._status(Service("a", SLEEP, (), fail), between, {})
    assert (shown.state, shown.reason) == ("starting", "table 'order-archive' is not a name")


def test_a_task_that_fails_fails_the_start(home: Path) -> None:
    def fail() -> None:
        raise StackError("the cluster is damaged")

    control = supervisor.launch(home, [])
    with pytest.raises(StackError, match="damaged"):
        startup.Startup(
            home, control, [], [preparation.Task("cluster", (), fail)], lambda *_: None, PATIENCE_SECONDS
        ).run()


def test_a_changed_service_means_another_configuration(home: Path) -> None:
    started(home, service("a"))
    assert supervisor.is_configured_for(home, [service("a")])
    assert not supervisor.is_configured_for(home, [service("a", FAILS)])


def ends_slowly(name: str) -> Service:
    return service(name, (sys.executable, "ends_slowly.py", name))


def test_services_end_together_and_the_servers_that_they_use_after_them(home: Path) -> None:
    others, servers = {"capture", "dagster-code", "simulator"}, {"postgres", "warehouse"}
    (home / "ends_slowly.py").write_text(ENDS_SLOWLY)
    started(home, *map(ends_slowly, sorted(others | servers)))
    for name in others | servers:
        wait_until(lambda name=name: logs.last_lines(logs.path(home, name), 1) == ["started"])  # type: ignore[misc]
    assert stack.down(home)
    assert processes.of_home(home) == {} and supervisor.connect(home) is None
    happened = (home / "order").read_text().splitlines()
    waves = [happened[:3], happened[3:6], happened[6:8], happened[8:]]
    assert [{line.split()[0] for line in wave} for wave in waves] == [others, others, servers, servers]
    assert [{line.split()[1] for line in wave} for wave in waves] == [{"ends"}, {"ended"}] * 2


def test_everything_ends_though_the_settings_are_gone_and_the_configuration_is_damaged(home: Path) -> None:
    control = started(home, service("a"), service("b", WITH_CHILD))
    wait_until(lambda: running(control, "a") is not None)
    (home / "stack.env").write_text("DATABASE_URL=nonsense\n")
    (home / "supervisord.conf").write_text("[damaged")
    assert stack.down(home)
    assert processes.of_home(home) == {}


def test_a_service_that_ends_just_before_it_is_stopped_does_not_keep_the_rest_running(
    home: Path,
) -> None:
    control = started(home, service("a"), service("b"))
    wait_until(lambda: running(control, "a") is not None and running(control, "b") is not None)
    before = control.states()
    control.stop("a")
    seen = iter([before])
    control.states = lambda: next(seen, None) or supervisor.Supervisor.states(control)  # type: ignore[method-assign]
    control.stop("a", "b")
    assert {name: state.state for name, state in control.states().items()} == {"a": "STOPPED", "b": "STOPPED"}
