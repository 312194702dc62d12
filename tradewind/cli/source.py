"""`tradewind source init|load|models`: the shop's database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tradewind.cli.console import ERRORS, OUT, table, write

commands = typer.Typer(help="The shop's database: its tables and its data.", no_args_is_help=True)
load = typer.Typer(help="Load a real data set into the shop's tables.", no_args_is_help=True)
commands.add_typer(load, name="load")


@commands.command()
def init() -> None:
    """Create the shop's tables, rules and publication, or bring them up to date; repeatable."""
    from tradewind.marketplace.schema import init as init_schema
    from tradewind.settings import load_settings

    report = init_schema(load_settings().database_url)
    OUT.print(f"{len(report.applied)} files applied, {len(report.unchanged)} already there")
    for note in report.notes:
        ERRORS.print(f"note: {note}", style="yellow", markup=False)


@load.command()
def olist(
    folder: Annotated[Path, typer.Argument(help="The folder with the nine Olist files, .csv or .csv.zst.")],
    json_output: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Load the Brazilian marketplace Olist's orders; all of it or nothing."""
    import json

    from tradewind.marketplace.loaders import olist
    from tradewind.settings import load_settings

    with ERRORS.status(f"loading {folder}"):
        report = olist.load(load_settings().database_url, folder)
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
    for refusal in report.refused:
        OUT.print(f"refused: {refusal.file}, line {refusal.line}: {refusal.reason}", markup=False)
    OUT.print(report.summary(), markup=False)


@commands.command()
def models() -> None:
    """Write the ODS layer of the dbt project from the live tables."""
    from tradewind.marketplace.catalog import read_catalog
    from tradewind.marketplace.models import write_models
    from tradewind.settings import PROJECT_ROOT, load_settings

    changed = write_models(read_catalog(load_settings().database_url), PROJECT_ROOT)
    OUT.print(", ".join(changed) if changed else "nothing to change")
