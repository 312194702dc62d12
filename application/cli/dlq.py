"""`tradewind dlq`: the dead letters of the capture through Kafka."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from application.cli.console import OUT, table, write
from application.cli.options import Json

if TYPE_CHECKING:
    from connectors.kafka.dead_letters import DeadLetter, DeadLetters

commands = typer.Typer(
    help="Dead letters: records that are no change event of their table.", no_args_is_help=True
)
Chosen = Annotated[list[str] | None, typer.Argument(help="Names, as `tradewind dlq list` shows them.")]
All = Annotated[bool, typer.Option("--all", help="All of them.")]
_SHOWN_BYTES = 2000


@commands.command(name="list")
def list_(json_output: Json = False) -> None:
    """Show the dead letters that nobody has decided about."""
    letters = _letters().pending()
    columns = ("name", "reason", "rejected_at", "bytes")
    rows = [
        (letter.name, letter.reason, letter.rejected_at, len(letter.record.value or b""))
        for letter in letters
    ]
    if json_output:
        write(json.dumps([dict(zip(columns, row, strict=True)) for row in rows], indent=2))
    else:
        OUT.print(table(columns, rows))


@commands.command()
def show(
    name: Annotated[str, typer.Argument(help="A dead letter's name.")], json_output: Json = False
) -> None:
    """Show a dead letter with its headers."""
    letter = _letters().find(name)
    headers = [(header, _text(value)) for header, value in letter.record.headers]
    shown = {
        "name": letter.name,
        "reason": letter.reason,
        "rejected_at": letter.rejected_at,
        "key": _text(letter.record.key),
        "value": _text(letter.record.value),
    }
    if json_output:
        write(json.dumps(shown | {"headers": headers}, indent=2))
    else:
        lines = [*list(shown.items())[:-1], *((f"header {key}", text) for key, text in headers)]
        for title, text in [*lines, ("value", shown["value"])]:
            write(f"{title:<12} {text}")


@commands.command()
def replay(names: Chosen = None, every: All = False, json_output: Json = False) -> None:
    """Produce the originals to their topics once more.

    As after what rejected them was mended; they are taken off the list.
    """
    letters = _letters()
    chosen = _chosen(letters, names, every)
    letters.replay(chosen)
    _report("replayed", chosen, json_output)


@commands.command()
def discard(names: Chosen = None, every: All = False, json_output: Json = False) -> None:
    """Take dead letters off the list for good."""
    letters = _letters()
    chosen = _chosen(letters, names, every)
    letters.discard(chosen)
    _report("discarded", chosen, json_output)


def _report(done: str, letters: list[DeadLetter], json_output: bool) -> None:
    if json_output:
        write(json.dumps({done: [letter.name for letter in letters]}, indent=2))
    else:
        OUT.print(f"{len(letters)} {done}")


def _chosen(letters: DeadLetters, names: list[str] | None, every: bool) -> list[DeadLetter]:
    if every == bool(names):
        raise typer.BadParameter("name the dead letters, or give --all")
    return letters.pending() if every else [letters.find(name) for name in names or ()]


def _letters() -> DeadLetters:
    from application.connectors import Connectors
    from tradewind.settings import load_settings

    return Connectors(load_settings()).dead_letters()


def _text(value: bytes | None) -> str:
    """As text where it is; other bytes as \\x.., nothing that a terminal would act on."""
    if value is None:
        return "(none)"
    text = value[:_SHOWN_BYTES].decode("utf-8", "backslashreplace")
    shown = "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in text)
    return shown if len(value) <= _SHOWN_BYTES else f"{shown} ... ({len(value)} bytes)"
