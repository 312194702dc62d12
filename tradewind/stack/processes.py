"""Which processes belong to a home, also after their supervisor was killed.

Every process of a stack and its children have two environment variables, TRADEWIND_HOME and
TRADEWIND_SERVICE. They identify the orphans of a killed supervisord. PostgreSQL, when it runs as another
user, may hide its environment; its command line names the home.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psutil

from tradewind.stack.errors import StackError

SUPERVISOR = "supervisor"
TIMEOUT_SECONDS = 15.0


def of_home(home: Path) -> dict[int, str]:
    """Process id -> service name, for every running process of this home's stack but the calling one."""
    found = {process.pid: _service(process, home) for process in psutil.process_iter()}
    return {pid: service for pid, service in found.items() if service and pid != os.getpid()}


def end_all(home: Path) -> list[str]:
    """End every process of the home's stack and return the names of the services that had any.

    supervisord ends first, since it would restart the others; what does not end on request is killed.
    """
    ended: set[str] = set()
    for chosen in (lambda name: name == SUPERVISOR, lambda name: True):
        processes = {pid: name for pid, name in of_home(home).items() if chosen(name)}
        _end([psutil.Process(pid) for pid in processes if psutil.pid_exists(pid)])
        ended |= set(processes.values())
    remaining = of_home(home)
    if remaining:
        listed = ", ".join(f"{name} (pid {pid})" for pid, name in remaining.items())
        raise StackError(f"cannot end {listed}; end them by hand and try again")
    return sorted(ended)


def _end(processes: list[psutil.Process]) -> None:
    for process in processes:
        _signal(process, _stop_signal(process))
    _, alive = psutil.wait_procs(processes, timeout=TIMEOUT_SECONDS)
    for process in alive:
        _signal(process, signal.SIGKILL)
    psutil.wait_procs(alive, timeout=TIMEOUT_SECONDS)


def _stop_signal(process: psutil.Process) -> signal.Signals:
    """SIGINT stops PostgreSQL at once and cleanly (a fast shutdown); SIGTERM stops the others."""
    try:
        is_postgres = process.name().startswith("postgres")
    except psutil.Error:
        is_postgres = False
    return signal.SIGINT if is_postgres else signal.SIGTERM


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return
    except psutil.AccessDenied as error:
        raise StackError(
            f"process {process.pid} belongs to another user; end it as that user and try again"
        ) from error


def _service(process: psutil.Process, home: Path) -> str | None:
    try:
        environment = process.environ()
    except psutil.AccessDenied:
        return _service_by_command(process, home)
    except (psutil.Error, OSError):
        return None
    if environment.get("TRADEWIND_HOME") != str(home):
        return None
    service: str | None = environment.get("TRADEWIND_SERVICE")
    return service


def _service_by_command(process: psutil.Process, home: Path) -> str | None:
    try:
        words = process.cmdline()
    except psutil.Error:
        return None
    return "postgres" if str(home / "postgres") in words else None
