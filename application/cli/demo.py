"""`tradewind demo`: everything once, with progress and a summary."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from application.cli.console import ERRORS, OUT, outcomes, sparkline, table, write
from application.cli.options import DatabaseKind, Json, StackKind, kind_of

if TYPE_CHECKING:
    from application.demo import DemoSummary


def register(commands: typer.Typer) -> None:
    """Add this command."""
    commands.command()(demo)


def demo(
    data: Annotated[
        Path | None, typer.Option(help="A folder with the nine Olist files; default: a simulated shop.")
    ] = None,
    capture: StackKind = None,
    database: DatabaseKind = None,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the stack running.")] = False,
    json_output: Json = False,
) -> None:
    """Start, load, capture, build and show the figures."""
    import json

    from rich.text import Text

    from application import stack
    from application.demo import Demo
    from tradewind.settings import home_folder
    from tradewind.stack.errors import StackError

    if data is not None and not data.is_dir():
        raise StackError(f"{data} is not a folder; name the folder that holds the nine Olist files")
    home, kind = home_folder(), kind_of(capture, database)
    with ERRORS.status("starting") as spinner:
        run = Demo(home, data.resolve() if data else None, lambda text: spinner.update(Text(text)), kind)
        try:
            summary = run.run()
        finally:
            stays = keep or run.was_running
            if not stays:
                spinner.update("stopping")
                stack.down(home)
    if json_output:
        write(json.dumps(summary.as_json(), indent=2))
    else:
        _show(summary)
        OUT.print(
            "the stack stays up; stop it with `tradewind down`" if stays else "stopped; KEEP=1 keeps it up"
        )


def _show(summary: DemoSummary) -> None:
    OUT.print(summary.load, markup=False)
    figures = [(name, value) for name, value in summary.kpis.items() if not isinstance(value, dict | list)]
    OUT.print(table(("figure", "value"), figures, title="Marts"))
    OUT.print(f"orders by hour, 0 to 23  {sparkline(summary.kpis['orders by hour'])}")
    OUT.print(
        table(("category", "gmv"), list(summary.kpis["top categories"].items()), title="Top categories")
    )
    live = [(name, both["live"], both["batch"]) for name, both in summary.live.items()]
    OUT.print(table(("figure", "live", "batch"), live, title="The last 7 days until the last full hour"))
    layers = [(layer, len(tables), sum(tables.values())) for layer, tables in summary.rows.items()]
    OUT.print(table(("layer", "tables", "rows"), layers, title="Rows"))
    OUT.print(f"checks: {outcomes(summary.tests)}; models: {outcomes(summary.models)}")
    OUT.print(table(("step", "seconds"), list(summary.seconds.items()), title="Time"))
    OUT.print(table(("open", "where"), list(summary.addresses.items())))
