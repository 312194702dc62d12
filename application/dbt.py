"""dbt as a process: which program, and its failure as one error.

Nothing here imports dbt but the program `tradewind-dbt`, in a process of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from application.garbage_collection import collect_rarely
from tradewind.settings import PROJECT_ROOT, SettingsError, load_settings

NAME = "tradewind-dbt"


class DbtError(RuntimeError):
    """dbt is not installed, or failed; the message ends with dbt's output."""


def program() -> Path:
    """The dbt beside this Python, whatever is on PATH."""
    path = Path(sys.executable).with_name(NAME)
    if not path.exists():
        raise DbtError(f"{path} does not exist; `make setup` installs dbt")
    return path


def main() -> None:
    """The program `tradewind-dbt`: dbt's command line on the warehouse of the settings."""
    collect_rarely()
    for name, value in _settings_variables().items():
        os.environ.setdefault(name, value)
    from dbt.cli.main import cli

    cli()


def _settings_variables() -> dict[str, str]:
    """The variables by which profiles.yml finds the warehouse; none without settings, as for `parse`."""
    try:
        return load_settings().exports()
    except SettingsError:
        return {}


def run_started(moment: datetime) -> dict[str, str]:
    """The variable by which a run takes this moment (with its time zone) as its start."""
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
