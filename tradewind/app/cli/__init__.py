"""The command line: `tradewind COMMAND`.

One module per group of commands; their imports are lazy, so that `tradewind env` stays quick.
"""

from __future__ import annotations

import errno
import sys
from pathlib import Path

import typer

from tradewind.app.cli import build, demo, feeds, lakehouse, simulate, source, sql, stack
from tradewind.app.cli.console import ERRORS
from tradewind.settings import home_folder

CANNOT_WRITE = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EROFS,
    errno.EACCES,
    errno.EPERM,
    errno.ENOTDIR,
    errno.EEXIST,
}

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

for module in (stack, build, sql, demo, simulate):
    module.register(commands)
commands.add_typer(source.commands, name="source")
commands.add_typer(feeds.commands, name="feeds")
commands.add_typer(lakehouse.commands, name="lakehouse")


def app() -> None:
    """The console entry point: runs a command; an error is one line on stderr and exit code 1."""
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
    if not isinstance(error, OSError) or error.errno not in CANNOT_WRITE:
        return str(error).strip() or type(error).__name__
    if error.filename is None:
        return f"cannot write: {error.strerror}; {ADVICE}"
    path = Path(str(error.filename))
    if _concerns_home(path):
        return f"cannot write {path}: {error.strerror}; {ADVICE}"
    return f"{path}: {error.strerror}"


def _concerns_home(path: Path) -> bool:
    """Whether the path is in the home, or the home in it."""
    home = home_folder()
    return path.is_relative_to(home) or home.is_relative_to(path)
