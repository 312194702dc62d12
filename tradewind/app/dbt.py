"""dbt as a process: which program, and its failure as one error.

The library does not import dbt; only the program does, in its own process.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from tradewind.app.garbage_collection import collect_rarely
from tradewind.settings import PROJECT_ROOT

NAME = "tradewind-dbt"


class DbtError(RuntimeError):
    """dbt is not installed, or failed; the message says what it said."""


def program() -> Path:
    """The dbt beside this Python, whatever PATH says."""
    path = Path(sys.executable).with_name(NAME)
    if not path.exists():
        raise DbtError(f"{path} does not exist; `make setup` installs dbt")
    return path


def main() -> None:
    """The program `tradewind-dbt`: dbt's command line, which collects garbage rarely."""
    collect_rarely()
    from dbt.cli.main import cli

    cli()


def run_started(moment: datetime) -> dict[str, str]:
    """The variable that tells a run to take this moment (with its time zone) for its start."""
    return {"TRADEWIND_RUN_STARTED": moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")}


def run(arguments: Sequence[str], environment: Mapping[str, str]) -> None:
    """Run dbt to its end with these variables added to the process's own; DbtError if it fails."""
    done = subprocess.run(
        [str(program()), "--quiet", *arguments],
        env=os.environ | environment,
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise DbtError(f"dbt {' '.join(arguments)} failed: {(done.stdout + done.stderr).strip()}")
