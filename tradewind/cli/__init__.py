"""The command line: `tradewind COMMAND`.

Belongs here: turning words into calls of the library, and errors into one clear line. Doesn't: any work.
One module per group of commands; their imports are lazy, so that `tradewind env` stays quick.
"""

from __future__ import annotations

import errno
import sys

import typer

from tradewind.cli import build, demo, source, sql, stack
from tradewind.cli.console import ERRORS
from tradewind.lakehouse import cli as lakehouse

CANNOT_WRITE = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EROFS,
    errno.EACCES,
    errno.EPERM,
    errno.ENOTDIR,
    errno.EEXIST,
}

commands = typer.Typer(
    name="tradewind",
    help=__doc__.splitlines()[0],
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@commands.callback()
def main(debug: bool = typer.Option(False, "--debug", help="Show where an error comes from.")) -> None:
    """Open analytics platform for e-commerce marketplaces."""
    global _debug
    _debug = debug


_debug = False

for module in (stack, build, sql, demo):
    module.register(commands)
commands.add_typer(source.commands, name="source")
commands.add_typer(lakehouse.commands, name="lakehouse")


def app() -> None:
    """The console entry point: runs a command; an error is one line on stderr and exit code 1."""
    try:
        commands()
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        if _debug:
            raise
        ERRORS.print(f"error: {_said(error)}", style="red", markup=False, highlight=False)
        sys.exit(1)


def _said(error: Exception) -> str:
    """The message, with the way out where the operating system only names the trouble."""
    if isinstance(error, OSError) and error.errno in CANNOT_WRITE:
        place = f" {error.filename}" if error.filename else ""
        return f"cannot write{place}: {error.strerror}; make room or set TRADEWIND_HOME to another folder"
    return str(error).strip() or type(error).__name__
