"""Starting a stack's services and tasks in order, each when those that it needs are ready."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Collection
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from tradewind.stack import environment, logs, ports, supervisor
from tradewind.stack.errors import StackError
from tradewind.stack.service import Refused, Service, Task, Unhealthy

Report = Callable[[str, str, float], None]
"""Called with a step's name, `started` or `ready`, and the seconds since the beginning."""

POLL_SECONDS = 0.1
FAILURES_TO_GIVE_UP = 3
REFUSAL_SECONDS = 5.0
LOG_LINES_SHOWN = 8


class ServiceFailed(StackError):
    """A service did not become healthy; the message ends with its log's last lines."""

    def __init__(self, home: Path, service: str, reason: str) -> None:
        log = logs.path(home, service)
        lines = logs.last_lines(log, LOG_LINES_SHOWN)
        shown = "\n".join(f"  | {line}" for line in lines or ["(empty)"])
        super().__init__(f"{service} is not healthy: {reason}; last lines of {log}:\n{shown}")


class ForeignListener(Unhealthy):
    """Another process listens on a service's port, so its responses say nothing about the service."""

    def __init__(self, service: Service, holder: str) -> None:
        self.holder = holder
        port = service.endpoint.port if service.endpoint else 0
        super().__init__(f"port {port} is taken by {holder}, which is not this home's {service.name}")


class PortTaken(StackError):
    """Another process listens on the port of a service."""

    def __init__(self, service: Service, holder: str) -> None:
        self.service = service.name
        port = service.endpoint.port if service.endpoint else 0
        super().__init__(
            f"port {port} for {service.name} is taken by {holder}; stop it, or set "
            f"{environment.PORT_VARIABLES.get(service.name, 'another port')} to a free port"
        )


class Startup:
    """Starts services and tasks, each when those that it needs are ready."""

    def __init__(
        self,
        home: Path,
        control: supervisor.Supervisor,
        services: list[Service],
        tasks: list[Task],
        report: Report,
        timeout_seconds: float,
        movable: Collection[str] = (),
    ) -> None:
        """`movable`: services whose port may be chosen again."""
        self.movable = movable
        self.home, self.control, self.report, self.timeout = home, control, report, timeout_seconds
        self.services = {service.name: service for service in services}
        self.tasks = {task.name: task for task in tasks}
        self.started: dict[str, float] = {}
        self.futures: dict[str, Future[None]] = {}
        self.ready: set[str] = set()
        self.exits: dict[str, set[int]] = defaultdict(set)
        self.start = time.monotonic()

    def run(self) -> None:
        """Return when all are ready; StackError (PortTaken, ServiceFailed, or a task's own) if one fails."""
        with ThreadPoolExecutor() as pool:
            while len(self.ready) < len(self.services) + len(self.tasks):
                self._begin(pool)
                states = self.control.states()
                for name in [name for name in self.started if name not in self.ready]:
                    if self._is_ready(name, states):
                        self.ready.add(name)
                        self.report(name, "ready", time.monotonic() - self.start)
                time.sleep(POLL_SECONDS)

    def _begin(self, pool: ThreadPoolExecutor) -> None:
        steps: dict[str, Task | Service] = {**self.tasks, **self.services}
        for name, step in steps.items():
            if name not in self.started and self.ready.issuperset(step.needs):
                self.started[name] = time.monotonic()
                self.report(name, "started", self.started[name] - self.start)
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
                check(service, state)
                return True
            except ForeignListener as error:
                self._raise_if_movable(service, error.holder)
                reason = str(error)
            except Refused as error:
                # A service that has just started may be about to end because its port is taken.
                if self._keeps_running(service.name):
                    raise ServiceFailed(self.home, service.name, str(error)) from error
                reason = str(error)
            except Unhealthy as error:
                reason = str(error)
        elif state.stopped_at and state.state in ("BACKOFF", "FATAL", "EXITED"):
            self.exits[service.name].add(state.stopped_at)
            self._raise_if_movable(service, _foreign_listener(service, state))
        if len(self.exits[service.name]) >= FAILURES_TO_GIVE_UP:
            raise ServiceFailed(self.home, service.name, "the process ends as soon as it is started")
        if time.monotonic() - self.started[service.name] > self.timeout:
            raise ServiceFailed(self.home, service.name, f"not within {self.timeout:.0f} s: {reason}")
        return False

    def _raise_if_movable(self, service: Service, holder: str | None) -> None:
        """PortTaken if another process has the service's port and another port may be chosen."""
        if holder and service.name in self.movable:
            raise PortTaken(service, holder)

    def _keeps_running(self, name: str) -> bool:
        return not self.exits[name] and time.monotonic() - self.started[name] > REFUSAL_SECONDS


def check(service: Service, state: supervisor.ProcessState) -> str | None:
    """Raise Unhealthy unless the service is healthy and itself the one that responds on its port.

    Returns the note that the service's own check may have.
    """
    refusal: Refused | None = None
    note = None
    try:
        note = service.check()
    except Refused as error:
        refusal = error
    if (holder := _foreign_listener(service, state)) is not None:
        raise ForeignListener(service, holder)
    if refusal is not None:
        raise refusal
    return note


def _foreign_listener(service: Service, state: supervisor.ProcessState) -> str | None:
    """The process that listens on the service's port if it is not the service's."""
    return ports.foreign_listener(service.endpoint.port, state.pid) if service.endpoint else None
