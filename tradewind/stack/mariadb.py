"""A MariaDB for the stack, from the machine's own package (there is none in a wheel).

    prepare(data, Passwords(...))                         # while the server is stopped; repeatable
    python -m tradewind.stack.mariadb --data D            # becomes the server; SIGTERM stops it

It is configured by the same files as a server of your own: `deploy/mysql/tradewind.cnf` and `accounts.sql`.
The accounts' passwords are set at each start by the server itself, from a file that only it and we can read;
root cannot log in.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tradewind.settings import PROJECT_ROOT
from tradewind.stack.privileges import PrivilegeError, hand_over, unprivileged_prefix

DEPLOYMENT = PROJECT_ROOT / "deploy" / "mysql"
_FOLDERS = "/usr/sbin:/usr/local/sbin:/usr/libexec"

CONFIGURATION = """\
# Written by tradewind.stack.mariadb at each start; changes here are lost.
[mariadbd]
datadir = {folder}/data
tmpdir = {folder}/tmp
init_file = {folder}/accounts.sql
port = {port}
bind_address = 127.0.0.1
socket =
skip_name_resolve
innodb_buffer_pool_size = 256M
!include {deployed}
"""
LOCK_ROOT = "alter user if exists root@localhost account lock;"


class MariadbError(RuntimeError):
    """MariaDB cannot be prepared or started; the message says why and what to do."""


@dataclass(frozen=True)
class Passwords:
    """The accounts' passwords."""

    owner: str = field(repr=False)
    app: str = field(repr=False)
    replication: str = field(repr=False)


def program(name: str) -> str:
    """Where a program of MariaDB is; MariadbError with the package that has it."""
    found = shutil.which(name) or shutil.which(name, path=_FOLDERS)
    if found is None:
        raise MariadbError(f"{name} was not found; install the package mariadb-server")
    return found


def prepare(folder: Path, port: int, passwords: Passwords) -> None:
    """Create the data folder, and write the settings and accounts. The server must be stopped."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    hand_over(folder)
    temporary = folder / "tmp"  # of its own: a server that starts removes every #sql* there
    temporary.mkdir(exist_ok=True)
    hand_over(temporary)
    settings = folder / "my.cnf"
    settings.write_text(
        CONFIGURATION.format(folder=folder.resolve(), port=port, deployed=DEPLOYMENT / "tradewind.cnf")
    )
    _write_accounts(folder / "accounts.sql", passwords)
    _install(folder, settings)


def _write_accounts(path: Path, passwords: Passwords) -> None:
    """The accounts as an init file has them: a statement a line, no comments."""
    named = {
        "owner_password": passwords.owner,
        "app_password": passwords.app,
        "cdc_password": passwords.replication,
    }
    values = ", ".join(f"@{name} = {_literal(secret)}" for name, secret in named.items())
    text = re.sub(r"^--.*$", "", (DEPLOYMENT / "accounts.sql").read_text(), flags=re.MULTILINE)
    statements = [" ".join(statement.split()) + ";" for statement in text.split(";\n") if statement.strip()]
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text("\n".join([f"set {values};", *statements, LOCK_ROOT, ""]))
    hand_over(path)


def _install(folder: Path, settings: Path) -> None:
    """Run mariadb-install-db unless it has been run whole."""
    data, done = folder / "data", folder / "installed"
    if done.exists():
        return
    if data.exists():
        shutil.rmtree(data)
    data.mkdir(mode=0o700)
    hand_over(data)
    words = [program("mariadb-install-db"), f"--defaults-file={settings}", "--skip-test-db"]
    normal = "--auth-root-authentication-method=normal"
    finished = subprocess.run(
        [*unprivileged_prefix(), *words, normal], capture_output=True, text=True, check=False
    )
    if finished.returncode:
        raise MariadbError(f"mariadb-install-db failed: {(finished.stderr or finished.stdout).strip()}")
    done.touch()


def _literal(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def main() -> None:
    """Parse `--data DIR` and become the server."""
    parser = argparse.ArgumentParser(prog="python -m tradewind.stack.mariadb", description=main.__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the prepared folder")
    folder = parser.parse_args().data.resolve()
    try:
        server = program("mariadbd")
        command = [*unprivileged_prefix(), server, f"--defaults-file={folder / 'my.cnf'}"]
    except (MariadbError, PrivilegeError) as error:
        sys.exit(f"mariadb: {error}")
    os.execv(command[0], command)  # noqa: S606 - the command is our own


if __name__ == "__main__":
    main()
