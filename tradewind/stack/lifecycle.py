"""Up, down and status of a stack."""

from __future__ import annotations

import fcntl
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tradewind.settings import Endpoint, Settings, load_settings, start_settings
from tradewind.stack import environment, processes, supervisor
from tradewind.stack.errors import StackError
from tradewind.stack.service import Blueprint, Service, Unhealthy
from tradewind.stack.startup import PortTaken, Report, Startup, check

PORT_ATTEMPTS = 3


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


def up(
    home: Path,
    blueprint: Blueprint,
    report: Report = lambda step, state, seconds: None,
    also: Iterable[str] = (),
    kind: environment.Kind | None = None,
) -> Settings:
    """Start the services that do not run; returns when all are healthy. Repeatable on a running stack.

    `also` names optional services to start; running ones stay. `kind` is for a home that is new. If another
    process takes a port that was chosen in this call before the service has bound it, another one is chosen.
    Raises StackError (ports, folders), ServiceFailed (a service that does not become healthy).
    """
    seconds = start_settings().tradewind_start_timeout
    blueprint.prepare(home)
    chosen: set[str] = set()
    moved: set[str] = set()
    with _lock(home):
        for attempt in range(PORT_ATTEMPTS):
            try:
                return _up(home, blueprint, report, set(also), moved, chosen, seconds, kind)
            except PortTaken as error:
                if attempt == PORT_ATTEMPTS - 1:
                    raise
                moved = {error.service}
    raise AssertionError("the loop above returns or raises")


def _up(
    home: Path,
    blueprint: Blueprint,
    report: Report,
    also: set[str],
    moved: set[str],
    chosen: set[str],
    seconds: float,
    kind: environment.Kind | None,
) -> Settings:
    """One attempt. Services in `moved` get another port; those whose port is chosen are added to `chosen`."""
    control = supervisor.connect(home)
    if control is None:
        processes.end_all(home)
    running = _running(control) - moved
    chosen |= environment.prepare(home, running, also, moved, kind)
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
    Startup(home, control, wanted, tasks, report, seconds, chosen).run()
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
        note = check(service, state)
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
