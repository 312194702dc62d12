"""`tradewind source`: the shop's database; its commands on captured tables are in `captured`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from application.cli import captured, seed
from application.cli.console import ERRORS, OUT, table, write
from application.cli.options import Json, Url

if TYPE_CHECKING:
    from tradewind.marketplace.loaders.report import LoadReport

commands = typer.Typer(help="The shop's database: tables and data.", no_args_is_help=True)
load = typer.Typer(help="Load a public data set into the shop.", no_args_is_help=True)


@commands.command()
def init(url: Url = None, json_output: Json = False) -> None:
    """Create or update the shop's schema; repeatable.

    Tables, rules, and what the capture needs: replica identities and the publication.
    """
    import json
    from dataclasses import asdict

    from tradewind.marketplace.schema import init as init_schema
    from tradewind.settings import load_settings

    report = init_schema(url or load_settings().database_url)
    if json_output:
        write(json.dumps(asdict(report), indent=2))
        return
    OUT.print(f"{len(report.applied)} files applied, {len(report.unchanged)} unchanged")
    for note in report.notes:
        ERRORS.print(f"note: {note}", style="yellow", markup=False)


@load.command()
def olist(
    folder: Annotated[Path, typer.Argument(help="The folder with the nine Olist files, .csv or .csv.zst.")],
    json_output: Json = False,
) -> None:
    """Load Olist: orders of a Brazilian marketplace."""
    from tradewind.marketplace.loaders.olist import load

    _load(load, folder, json_output)


@load.command()
def retailrocket(
    folder: Annotated[Path, typer.Argument(help="The folder with the three .dat files, or their zip.")],
    json_output: Json = False,
) -> None:
    """Load RetailRocket: views, add-to-carts and purchases."""
    from tradewind.marketplace.loaders.retailrocket import load

    _load(load, folder, json_output)


@load.command()
def demand(
    folder: Annotated[Path, typer.Argument(help="The folder with store-item-sales, .csv or .csv.zst.")],
    json_output: Json = False,
) -> None:
    """Load store item demand: daily sales as stock movements."""
    from tradewind.marketplace.loaders.demand import load

    _load(load, folder, json_output)


def _load(load: Callable[[str, Path], LoadReport], folder: Path, json_output: bool) -> None:
    """Load the folder in one transaction, and report every table and refused row."""
    import json

    from rich.text import Text

    from tradewind.settings import load_settings

    with ERRORS.status(Text(f"loading {folder}")):
        report = load(load_settings().database_url, folder)
    if json_output:
        write(json.dumps(report.as_json(), indent=2))
        return
    files = [
        (file.file, file.table, file.rows, file.loaded, file.already_there, file.refused)
        for file in report.files
    ]
    OUT.print(table(("file", "table", "rows", "loaded", "already there", "refused"), files))
    OUT.print(
        table(("derived", "rows", "how"), [(item.table, item.rows, item.how) for item in report.derived])
    )
    for note in report.notes:
        OUT.print(f"note: {note.rows:,} {note.table} {note.what}", markup=False)
    for refusal in report.refused:
        OUT.print(f"refused: {refusal.file}, line {refusal.line}: {refusal.reason}", markup=False)
    OUT.print(report.summary(), markup=False)


captured.register(commands)
seed.register(commands)
commands.add_typer(load, name="load")
