"""supervisord: its configuration, its start in the background, its remote control.

It is controlled over a loopback port with a random password, because a Unix socket's path is limited to about
100 bytes and a home's may be longer. Paths in its configuration are relative to the home, where it runs,
because characters that a home's path may contain (%, ;, quotes) have a meaning in that file.
"""

from __future__ import annotations

import configparser
import os
import secrets
import shlex
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault, ProtocolError, ServerProxy

from tradewind.stack import ports
from tradewind.stack.errors import StackError
from tradewind.stack.private_files import write_private
from tradewind.stack.processes import SUPERVISOR
from tradewind.stack.service import Service

RETRIES = 1_000_000
"""In effect no limit: supervisord waits one second longer before each further attempt."""

ALIVE = ("RUNNING", "STARTING", "BACKOFF")
NOT_RUNNING = 70
"""supervisord's fault code for a request to stop a program that does not run."""

STOP_SECONDS = 20
"""How long supervisord waits for a program to end before it kills it."""

KILL_SECONDS = 10
POLL_SECONDS = 0.05
LOG_BYTES = "10MB"
LOG_BACKUPS = 3


@dataclass(frozen=True)
class Control:
    """How to reach a home's supervisord."""

    port: int
    password: str


@dataclass(frozen=True)
class ProcessState:
    """supervisord's view of one program: its state, its process id, when it last stopped and last started."""

    name: str
    state: str
    pid: int | None
    stopped_at: int
    started_at: int = 0
    """Seconds since 1970; 0 if it was never started."""


class Supervisor:
    """A running supervisord of one home."""

    def __init__(self, control: Control) -> None:
        address = f"http://tradewind:{control.password}@{ports.HOST}:{control.port}/RPC2"
        self._rpc: Any = ServerProxy(address).supervisor

    def states(self) -> dict[str, ProcessState]:
        """The programs by name."""
        return {
            info["name"]: ProcessState(
                info["name"], info["statename"], info["pid"] or None, info["stop"], info["start"]
            )
            for info in self._rpc.getAllProcessInfo()
        }

    def start(self, name: str) -> None:
        """Start a program unless it runs; one that waits for its next retry is started at once."""
        state = self.states()[name].state
        if state == "BACKOFF":
            self.stop(name)
        elif state in ("RUNNING", "STARTING"):
            return
        try:
            self._rpc.startProcess(name, False)
        except Fault as error:
            raise StackError(f"{name} cannot be started: {error.faultString}") from error

    def stop(self, *names: str) -> None:
        """Stop programs, all at the same time, and wait until they have ended."""
        for name in self._in_state(ALIVE, names):
            self._request_stop(name)
        deadline = time.monotonic() + STOP_SECONDS + KILL_SECONDS
        while remaining := self._in_state((*ALIVE, "STOPPING"), names):
            if time.monotonic() > deadline:
                raise StackError(f"{', '.join(remaining)} did not stop within {STOP_SECONDS} s")
            time.sleep(POLL_SECONDS)

    def restart(self, name: str) -> None:
        """Restart a program if it runs."""
        if self._in_state(ALIVE, (name,)):
            self.stop(name)
            self.start(name)

    def shutdown(self) -> None:
        """Stop supervisord itself; its programs should be stopped before."""
        self._rpc.shutdown()

    def _in_state(self, wanted: tuple[str, ...], names: Iterable[str]) -> list[str]:
        states = self.states()
        return [name for name in names if name in states and states[name].state in wanted]

    def _request_stop(self, name: str) -> None:
        try:
            self._rpc.stopProcess(name, False)
        except Fault as error:
            if error.faultCode != NOT_RUNNING:  # it has just ended by itself
                raise


def connect(home: Path) -> Supervisor | None:
    """The home's supervisord, or None when it does not run."""
    control = _control(home)
    if control is None:
        return None
    supervisor = Supervisor(control)
    try:
        supervisor.states()
    except (OSError, HTTPException, ProtocolError, Fault):
        return None
    return supervisor


def launch(home: Path, services: Iterable[Service]) -> Supervisor:
    """Write the configuration and start supervisord in the background; it starts no program by itself."""
    control = Control(ports.any_free_port(), secrets.token_urlsafe(24))
    write_private(_path(home), _configuration(control, services))
    environment = dict(os.environ) | {
        "TRADEWIND_HOME": str(home),
        "TRADEWIND_SERVICE": SUPERVISOR,
        "DAGSTER_HOME": str(home / "dagster"),
        "PYTHONUNBUFFERED": "1",
    }
    command = [sys.executable, "-m", "supervisor.supervisord", "-c", str(_path(home))]
    done = subprocess.run(command, env=environment, cwd=home, capture_output=True, text=True, check=False)
    supervisor = connect(home)
    if done.returncode or supervisor is None:
        reason = (done.stderr or done.stdout).strip().splitlines() or ["it does not respond"]
        raise StackError(f"supervisord did not start: {reason[-1]}; see {home / 'logs' / 'supervisord.log'}")
    return supervisor


def is_configured_for(home: Path, services: Iterable[Service]) -> bool:
    """Whether the running supervisord has the configuration that these services need."""
    control = _control(home)
    return control is not None and _path(home).read_text() == _configuration(control, services)


def _path(home: Path) -> Path:
    return home / "supervisord.conf"


def _control(home: Path) -> Control | None:
    """The address and password in the configuration; None if it is missing or damaged."""
    parser = configparser.RawConfigParser()
    try:
        parser.read(_path(home))
        section = parser["inet_http_server"]
        return Control(int(section["port"].rpartition(":")[2]), section["password"])
    except (configparser.Error, KeyError, ValueError):
        return None


def _configuration(control: Control, services: Iterable[Service]) -> str:
    run_as = "user=root\n" if os.geteuid() == 0 else ""
    head = f"""\
; Written by `tradewind up`; changes here are lost.
[supervisord]
{run_as}logfile=logs/supervisord.log
logfile_maxbytes={LOG_BYTES}
logfile_backups={LOG_BACKUPS}
pidfile=supervisord.pid
childlogdir=logs

[inet_http_server]
port={ports.HOST}:{control.port}
username=tradewind
password={control.password}

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
"""
    return "\n".join([head, *(_program(service) for service in services)])


def _program(service: Service) -> str:
    return f"""\
[program:{service.name}]
command={_escaped(shlex.join(service.command))}
environment=TRADEWIND_SERVICE="{service.name}"
autostart=false
autorestart=true
startsecs=1
startretries={RETRIES}
stopsignal={service.stop_signal}
stopwaitsecs={STOP_SECONDS}
stopasgroup=true
killasgroup=true
redirect_stderr=true
stdout_logfile=logs/{service.name}.log
stdout_logfile_maxbytes={LOG_BYTES}
stdout_logfile_backups={LOG_BACKUPS}
"""


def _escaped(text: str) -> str:
    """Percent signs start an expansion in this file."""
    return text.replace("%", "%%")
