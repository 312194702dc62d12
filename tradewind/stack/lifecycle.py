"""Up, down and status of a stack."""

from __future__ import annotations

import fcntl
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tradewind.settings import Endpoint, Settings, load_settings, start_settings
from tradewind.stack import environment, logs, processes, supervisor
from tradewind.stack.errors import StackError
from tradewind.stack.service import Blueprint, Refused, Service, Task, Unhealthy

Report = Callable[[str, str, float], None]
"""Called with a step's name, `started` or `ready`, and the seconds since the beginning."""

POLL_SECONDS = 0.1
FAILURES_TO_GIVE_UP = 3
REFUSAL_SECONDS = 5.0
LOG_LINES_SHOWN = 8


@dataclass(frozen=True)
class Status:
    """One service as `tradewind status` shows it."""

    name: str
    state: str
    """running, starting, unhealthy, orphaned or stopped."""
    pid: int | None
    endpoint: Endpoint | None
    url: str | None
    reason: str = ""

    def as_json(self) -> dict[str, Any]:
        """The contract of `tradewind status --json`."""
        return {
            "state": self.state,
            "pid": self.pid,
            "host": self.endpoint.host if self.endpoint else None,
            "port": self.endpoint.port if self.endpoint else None,
            "url": self.url,
            "reason": self.reason,
        }


class ServiceFailed(StackError):
    """A service did not become healthy; the message ends with its log's last lines."""

    def __init__(self, home: Path, service: str, reason: str) -> None:
        log = logs.path(home, service)
        lines = logs.last_lines(log, LOG_LINES_SHOWN)
        shown = "\n".join(f"  | {line}" for line in lines or ["(empty)"])
        super().__init__(f"{service} is not healthy: {reason}; last lines of {log}:\n{shown}")


def up(
    home: Path,
    blueprint: Blueprint,
    report: Report = lambda step, state, seconds: None,
    also: Iterable[str] = (),
) -> Settings:
    """Start the services that do not run; returns when all are healthy. Repeatable on a running stack.

    `also` names optional services to start; running ones stay.
    Raises StackError (ports, folders), ServiceFailed (a service that does not become healthy).
    """
    seconds = start_settings().tradewind_start_timeout
    blueprint.prepare(home)
    with _lock(home):
        control = supervisor.connect(home)
        if control is None:
            processes.end_all(home)
        running, also = _running(control), set(also)
        environment.prepare(home, running, also)
        settings = load_settings()
        services = blueprint.services(home, settings)
        _require_known(services, also)
        wanted = _wanted(services, running | also)
        if control is None or not supervisor.is_configured_for(home, services):
            if control is not None:
                _stop(home, control, blueprint.servers)
            control = supervisor.launch(home, services)
            running = set()
        tasks = blueprint.tasks(home, settings, running)
        _Startup(home, control, wanted, tasks, report, seconds).run()
        return settings


def down(home: Path, blueprint: Blueprint) -> bool:
    """Stop everything and leave no process; returns whether anything ran."""
    if not home.exists():
        return False
    with _lock(home):
        ran = bool(processes.of_home(home))
        control = supervisor.connect(home)
        if control is None:
            processes.end_all(home)
        else:
            _stop(home, control, blueprint.servers)
        return ran


def status(home: Path, blueprint: Blueprint) -> list[Status]:
    """The current state of every service; of optional ones, only those that were requested."""
    control = supervisor.connect(home)
    states = control.states() if control else {}
    requested = {name for name, state in states.items() if state.state != "STOPPED"}
    services = _wanted(blueprint.services(home, load_settings()), requested)
    orphans = {} if control else {name: pid for pid, name in processes.of_home(home).items()}
    with ThreadPoolExecutor(len(services)) as pool:
        return list(pool.map(lambda service: _status(service, states.get(service.name), orphans), services))


def _require_known(services: list[Service], names: Iterable[str]) -> None:
    """StackError for a name that no service has."""
    known = {service.name for service in services}
    for name in names:
        if name not in known:
            optional = ", ".join(service.name for service in services if service.is_optional)
            raise StackError(f"there is no service {name}; optional ones are: {optional or 'none'}")


def _wanted(services: list[Service], requested: set[str]) -> list[Service]:
    """All services but the optional ones that were not requested."""
    return [service for service in services if not service.is_optional or service.name in requested]


class _Startup:
    """Starts services and tasks, each when those that it needs are ready."""

    def __init__(
        self,
        home: Path,
        control: supervisor.Supervisor,
        services: list[Service],
        tasks: list[Task],
        report: Report,
        timeout_seconds: float,
    ) -> None:
        self.home, self.control, self.report, self.timeout = home, control, report, timeout_seconds
        self.services = {service.name: service for service in services}
        self.tasks = {task.name: task for task in tasks}
        self.begun: dict[str, float] = {}
        self.futures: dict[str, Future[None]] = {}
        self.ready: set[str] = set()
        self.exits: dict[str, set[int]] = defaultdict(set)
        self.start = time.monotonic()

    def run(self) -> None:
        with ThreadPoolExecutor() as pool:
            while len(self.ready) < len(self.services) + len(self.tasks):
                self._begin(pool)
                states = self.control.states()
                for name in [name for name in self.begun if name not in self.ready]:
                    if self._is_ready(name, states):
                        self.ready.add(name)
                        self.report(name, "ready", time.monotonic() - self.start)
                time.sleep(POLL_SECONDS)

    def _begin(self, pool: ThreadPoolExecutor) -> None:
        steps: dict[str, Task | Service] = {**self.tasks, **self.services}
        for name, step in steps.items():
            if name not in self.begun and self.ready.issuperset(step.needs):
                self.begun[name] = time.monotonic()
                self.report(name, "started", self.begun[name] - self.start)
                if isinstance(step, Task):
                    self.futures[name] = pool.submit(step.run)
                else:
                    self.control.start(name)

    def _is_ready(self, name: str, states: dict[str, supervisor.ProcessState]) -> bool:
        if name in self.futures:
            if self.futures[name].done():
                self.futures[name].result()
            return self.futures[name].done()
        return self._is_healthy(self.services[name], states[name])

    def _is_healthy(self, service: Service, state: supervisor.ProcessState) -> bool:
        reason = f"the process is {state.state.lower()}"
        if state.state == "RUNNING":
            try:
                service.check()
                return True
            except Refused as error:
                # A service that has just started may be about to end because its port is taken.
                if self._keeps_running(service.name):
                    raise ServiceFailed(self.home, service.name, str(error)) from error
                reason = str(error)
            except Unhealthy as error:
                reason = str(error)
        elif state.stopped_at and state.state in ("BACKOFF", "FATAL", "EXITED"):
            self.exits[service.name].add(state.stopped_at)
        if len(self.exits[service.name]) >= FAILURES_TO_GIVE_UP:
            raise ServiceFailed(self.home, service.name, "the process ends as soon as it is started")
        if time.monotonic() - self.begun[service.name] > self.timeout:
            raise ServiceFailed(self.home, service.name, f"not within {self.timeout:.0f} s: {reason}")
        return False

    def _keeps_running(self, name: str) -> bool:
        return not self.exits[name] and time.monotonic() - self.begun[name] > REFUSAL_SECONDS


def _status(service: Service, state: supervisor.ProcessState | None, orphans: dict[str, int]) -> Status:
    def found(name: str, reason: str = "") -> Status:
        pid = state.pid if state else orphans.get(service.name)
        return Status(service.name, name, pid, service.endpoint, service.url, reason)

    if state is None:
        return found("orphaned", "supervisord does not run") if service.name in orphans else found("stopped")
    is_starting = state.state in ("STARTING", "BACKOFF")
    if not is_starting and state.state != "RUNNING":
        return found("stopped", state.state.lower())
    try:
        note = service.check()
    except Unhealthy as error:
        return found("starting" if is_starting else "unhealthy", str(error).splitlines()[0])
    return found("starting" if is_starting else "running", note or "")


def _running(control: supervisor.Supervisor | None) -> set[str]:
    """The services that hold their port now."""
    states = control.states() if control else {}
    return {name for name, state in states.items() if state.state in ("RUNNING", "STARTING", "STOPPING")}


def _stop(home: Path, control: supervisor.Supervisor, servers: frozenset[str]) -> None:
    """Stop the services, then the servers that they use, then supervisord; leave no process in any case.

    It reads no settings, since these may be broken.
    """
    names = control.states().keys()
    try:
        control.stop(*(names - servers))
        control.stop(*(names & servers))
        control.shutdown()
    finally:
        processes.end_all(home)


@contextmanager
def _lock(home: Path) -> Iterator[None]:
    """One `up` or `down` of a home at a time; a second one waits."""
    with (home / "stack.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
