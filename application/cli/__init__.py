"""The command line: `tradewind COMMAND`.

One module per group of commands; their imports are lazy, so that `tradewind env` stays quick.
"""

from __future__ import annotations

import errno
import logging
import sys
from pathlib import Path

import typer

from application.cli import (
    alerts,
    api,
    bronze,
    build,
    connectors,
    demo,
    dlq,
    feeds,
    lakehouse,
    metric,
    ml,
    quarantine,
    rt,
    simulate,
    source,
    sql,
    stack,
    top,
)
from application.cli.console import ERRORS
from tradewind.settings import home_folder

FULL_OR_READ_ONLY = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}

ADVICE = "free disk space or set TRADEWIND_HOME to a folder you can write to"

commands = typer.Typer(
    name="tradewind",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@commands.callback()
def main(debug: bool = typer.Option(False, "--debug", help="Show the traceback of an error.")) -> None:
    """Open analytics platform for e-commerce marketplaces."""
    global _debug
    _debug = debug


_debug = False

for module in (stack, build, sql, top, demo, simulate):
    module.register(commands)
commands.add_typer(source.commands, name="source")
commands.add_typer(alerts.commands, name="alerts")
commands.add_typer(api.commands, name="api")
commands.add_typer(bronze.commands, name="bronze")
commands.add_typer(feeds.commands, name="feeds")
commands.add_typer(connectors.commands, name="connectors")
commands.add_typer(dlq.commands, name="dlq")
commands.add_typer(quarantine.commands, name="quarantine")
commands.add_typer(rt.commands, name="rt")
commands.add_typer(metric.commands, name="metric")
commands.add_typer(ml.commands, name="ml")
commands.add_typer(lakehouse.commands, name="lakehouse")


def app() -> None:
    """The console entry point: runs a command; an error is one line on stderr and exit code 1."""
    # Its errors are raised as well.
    logging.getLogger("clickhouse_connect").addHandler(logging.NullHandler())
    try:
        commands(prog_name="tradewind")
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        if _debug:
            raise
        ERRORS.print(f"error: {message(error)}", style="red", markup=False, highlight=False)
        sys.exit(1)


def message(error: Exception) -> str:
    """The error's message; with advice where it is the operating system's and concerns the home."""
    if not isinstance(error, OSError) or error.strerror is None:
        return str(error).strip() or type(error).__name__
    if error.filename is None:
        advice = f"; {ADVICE}" if error.errno in FULL_OR_READ_ONLY else ""
        return f"{error.strerror}{advice}"
    path = Path(str(error.filename))
    advice = f"; {ADVICE}" if _concerns_home(path) else ""
    return f"cannot use {path}: {error.strerror}{advice}"


def _concerns_home(path: Path) -> bool:
    """Whether the path is in the home, or the home in it."""
    home = home_folder()
    return path.is_relative_to(home) or home.is_relative_to(path)
