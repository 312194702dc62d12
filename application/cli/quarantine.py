"""`tradewind quarantine`: change events that ODS does not take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from application.cli.console import OUT, table, write
from application.cli.options import Json

if TYPE_CHECKING:
    from tradewind.quality.quarantine import Quarantine, QuarantinedEvent

commands = typer.Typer(help="Change events that ODS does not take, and why.", no_args_is_help=True)
Chosen = Annotated[
    list[str] | None, typer.Argument(help="Events, by as much of their names as tells them apart.")
]
All = Annotated[bool, typer.Option("--all", help="All that nobody has decided about.")]
_COLUMNS = ("event_id", "log", "event_key", "rule", "column_name", "value", "arrived_at", "state")
_SHOWN_NAME = 12


@commands.command(name="list")
def list_(
    log: Annotated[str | None, typer.Option("--log", help="Only of this log, such as bronze.orders.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Those replayed or discarded, too.")] = False,
    json_output: Json = False,
) -> None:
    """Show the events that nobody has decided about."""
    import json
    from dataclasses import asdict

    events = _quarantine().list(log, every)
    if json_output:
        write(json.dumps([asdict(event) for event in events], default=str, indent=2))
        return
    rows = [[getattr(event, column) for column in _COLUMNS] for event in events]
    OUT.print(table(_COLUMNS, [[row[0][:_SHOWN_NAME], *row[1:]] for row in rows]))


@commands.command()
def show(
    name: Annotated[str, typer.Argument(help="An event, by as much of its name as tells it apart.")],
    payload: Annotated[
        bool, typer.Option("--payload", help="The whole event too; it may hold personal data.")
    ] = False,
    json_output: Json = False,
) -> None:
    """Show an event: which rule it breaks, where, and by what."""
    import json
    from dataclasses import asdict

    quarantine = _quarantine()
    event = quarantine.find(name)
    shown = asdict(event) | ({"payload": quarantine.payload(event)} if payload else {})
    if json_output:
        write(json.dumps(shown, default=str, indent=2))
        return
    for title, value in shown.items():
        write(f"{title:<12} {_printable(str(value))}")


@commands.command()
def replay(names: Chosen = None, every: All = False, json_output: Json = False) -> None:
    """Let events arrive again once their cause is mended.

    The next build merges them. Those that still break a rule stay in quarantine, with exit code 1.
    """
    import json

    quarantine = _quarantine()
    done = quarantine.replay(_chosen(quarantine, names, every))
    if json_output:
        counts = {"replayed": len(done.replayed), "still_invalid": len(done.still_invalid)}
        write(json.dumps(counts))
    else:
        OUT.print(f"{len(done.replayed)} replayed")
        for event in done.still_invalid:
            OUT.print(f"still invalid: {_printable(str(event))}", markup=False)
    if done.still_invalid:
        raise typer.Exit(1)


@commands.command()
def discard(names: Chosen = None, every: All = False, json_output: Json = False) -> None:
    """Take events off the list; the record of it stays."""
    import json

    quarantine = _quarantine()
    chosen = _chosen(quarantine, names, every)
    quarantine.discard(chosen)
    if json_output:
        write(json.dumps({"discarded": len(chosen)}))
    else:
        OUT.print(f"{len(chosen)} discarded")


def _chosen(quarantine: Quarantine, names: list[str] | None, every: bool) -> list[QuarantinedEvent]:
    if every == bool(names):
        raise typer.BadParameter("name the events, or give --all")
    return list(quarantine.list()) if every else [quarantine.find(name) for name in names or ()]


def _quarantine() -> Quarantine:
    import json
    from pathlib import Path

    from application import manifest
    from tradewind.quality.logs import change_logs
    from tradewind.quality.quarantine import Quarantine
    from tradewind.settings import home_folder, load_settings
    from tradewind.warehouse.client import connect

    settings = load_settings()
    manifest.prepare(home_folder(), settings)
    path = Path(settings.exports()["DBT_TARGET_PATH"]) / manifest.MANIFEST
    logs = change_logs(json.loads(path.read_text()))
    quarantine = Quarantine(connect(settings.clickhouse_writer_url), logs)
    quarantine.create()
    return quarantine


def _printable(text: str) -> str:
    """Without anything that a terminal would act on."""
    return "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in text)
