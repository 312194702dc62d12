"""Which port a service gets.

A stopped home keeps its ports: they are reserved in a small file that all homes of a user share, so that no
other home chooses them.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from tradewind.stack.errors import StackError

HOST = "127.0.0.1"
HIGHEST_PORT = 65535


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of the loopback interface now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def any_free_port() -> int:
    """A port that the operating system reports as free."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def holder(port: int) -> str:
    """The process that listens on the port, as far as this user may see: `nginx (pid 812)`."""
    pids = _listeners(port)
    return _described(min(pids)) if pids else "another process"


def _listeners(port: int) -> set[int]:
    """The processes that listen on the port; none where this user may not see them."""
    try:
        connections = psutil.net_connections(kind="tcp")
    except psutil.Error:
        return set()
    return {
        connection.pid
        for connection in connections
        if connection.status == psutil.CONN_LISTEN
        and connection.pid
        and connection.laddr
        and connection.laddr.port == port
    }


def _described(pid: int) -> str:
    try:
        command = " ".join(psutil.Process(pid).cmdline())[:80]
    except psutil.Error:
        command = ""
    return f"{command or 'a process'} (pid {pid})"


def explicit_port(variable: str) -> int | None:
    """The port that this environment variable sets; StackError if it is not a port."""
    text = os.environ.get(variable, "").strip()
    if not text:
        return None
    if not text.isdigit() or not 0 < int(text) <= HIGHEST_PORT:
        raise StackError(f"{variable}={text} is not a port; set it to a number from 1 to {HIGHEST_PORT}")
    return int(text)


def require_free(port: int, service: str, variable: str) -> None:
    """Raise StackError with the port, its holder and the variable if another process listens there."""
    if not is_free(port):
        raise StackError(
            f"port {port} for {service} is taken by {holder(port)}; "
            f"stop it, or set {variable} to a free port and run `tradewind up` again"
        )


def foreign_listener(port: int, pid: int | None) -> str | None:
    """The process that listens on the port if it is neither `pid` nor a child of it; None if none does.

    A listener of another user may be invisible, and then counts for nothing.
    """
    if pid is not None and _listens(pid, port):
        return None
    pids = _listeners(port)
    return _described(min(pids)) if pids else None


def _listens(pid: int, port: int) -> bool:
    """Whether the process or a child of it listens on the port."""
    try:
        process = psutil.Process(pid)
        return any(port in _listened_ports(member) for member in (process, *process.children(recursive=True)))
    except psutil.Error:
        return False


def _listened_ports(process: psutil.Process) -> set[int]:
    return {
        connection.laddr.port
        for connection in process.net_connections(kind="tcp")
        if connection.status == psutil.CONN_LISTEN
    }


@contextmanager
def choose(home: Path, defaults: dict[str, int], fixed: dict[str, int]) -> Iterator[dict[str, int]]:
    """A port per service: the fixed one, else the first from the default on that is free and not reserved.

    The chosen ports are reserved for `home`, which must have its `stack.env` at the end of the block: until
    then, no other home can choose.
    """
    with _reservations() as reserved:
        mine = str(home)
        others = {int(port) for port, owner in reserved.items() if owner != mine}
        chosen = dict(fixed)
        for service, default in defaults.items():
            if service not in chosen:
                taken = others | set(chosen.values())
                chosen[service] = next(
                    port for port in range(default, HIGHEST_PORT) if port not in taken and is_free(port)
                )
        for port in [port for port, owner in reserved.items() if owner == mine]:
            del reserved[port]
        reserved.update({str(port): mine for port in chosen.values()})
        yield chosen


@contextmanager
def _reservations() -> Iterator[dict[str, str]]:
    """Port -> home, locked while in use; reservations of homes that no longer exist are dropped."""
    path = Path(tempfile.gettempdir()) / f"tradewind-ports-{os.getuid()}.json"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        reserved: dict[str, str] = json.loads(file.read() or "{}")
        reserved = {port: home for port, home in reserved.items() if (Path(home) / "stack.env").exists()}
        yield reserved
        file.seek(0)
        file.truncate()
        json.dump(reserved, file)
