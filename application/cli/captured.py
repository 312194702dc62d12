"""`tradewind source models|drift|exclude|include|superuser-sql`: the captured tables and their models."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from application.cli.console import ERRORS, OUT, write
from application.cli.options import Json

if TYPE_CHECKING:
    import psycopg

    from tradewind.settings import Settings
    from tradewind.source.naming import TableName

    ScopeChange = Callable[[psycopg.Connection, TableName], list[str]]

TableArgument = Annotated[
    str, typer.Argument(help="As in SQL: orders, sales.orders, 'public.\"user events\"'.")
]


def register(commands: typer.Typer) -> None:
    """Add the commands."""
    commands.command()(models)
    commands.command()(drift)
    commands.command()(exclude)
    commands.command()(include)
    commands.command("superuser-sql")(superuser_sql)


def models(json_output: Json = False) -> None:
    """Write the models of the source's tables.

    Removes those of tables that are gone, and names what is left out with the reason.
    """
    import json
    from dataclasses import asdict

    from tradewind.settings import PROJECT_ROOT, load_settings
    from tradewind.source.catalog import read_catalog
    from tradewind.source.layer import write_models

    settings = load_settings()
    done = write_models(read_catalog(settings.database_url), PROJECT_ROOT, owners=_owners(settings))
    if json_output:
        write(json.dumps(asdict(done), indent=2))
        return
    for name in done.changed:
        OUT.print(f"written: {name}", markup=False)
    for name in done.removed:
        OUT.print(f"removed: {name}", markup=False)
    for name, reason in done.left_out.items():
        OUT.print(f"left out: {name}: {reason}", markup=False)
    for model, files in done.broken.items():
        ERRORS.print(f"{model} is removed, but used in {', '.join(files)}", style="yellow", markup=False)
    if not done.changed and not done.removed:
        OUT.print("nothing to change")


def drift(json_output: Json = False) -> None:
    """Compare the source's tables with the models.

    Every build does so first. Exit code 1 for a difference that would lose, alter or freeze values.
    """
    import json
    from dataclasses import asdict

    from application import drift as check
    from tradewind.settings import load_settings

    report = check.find(load_settings())
    if json_output:
        write(json.dumps(asdict(report), indent=2))
    for note in report.notes if not json_output else ():
        OUT.print(note, markup=False)
    if not report.drifts and not json_output:
        OUT.print("the models match the source's tables")
    report.require_none_breaking()


def exclude(table: TableArgument, json_output: Json = False) -> None:
    """Leave a table out of the capture and of the models."""
    from tradewind.source import publication

    outcome = "is excluded; `tradewind source models` removes its model"
    _change_scope(publication.exclude, table, outcome, json_output)


def include(table: TableArgument, json_output: Json = False) -> None:
    """Capture an excluded table again."""
    from tradewind.source import publication

    outcome = "is captured; `tradewind source models` writes its model"
    _change_scope(publication.include, table, outcome, json_output)


def superuser_sql() -> None:
    """Print what a superuser runs once in the shop's database."""
    from tradewind.source.publication import superuser_sql

    write(superuser_sql())


def _change_scope(change: ScopeChange, table: str, outcome: str, json_output: bool) -> None:
    import json

    from tradewind.settings import load_settings
    from tradewind.source.naming import parse_table_name
    from tradewind.source.owner import owner_connection

    name = parse_table_name(table)
    with owner_connection(load_settings().database_url) as connection:
        notes = change(connection, name)
    if json_output:
        write(json.dumps({"table": str(name), "notes": notes}, indent=2))
        return
    OUT.print(f"{name} {outcome}", markup=False)
    for note in notes:
        ERRORS.print(f"note: {note}", style="yellow", markup=False)


def _owners(settings: Settings) -> dict[str, TableName]:
    """The tables that have logs in bronze, by collision key; none while the warehouse does not answer."""
    from application.drift import owners

    return owners(settings)
