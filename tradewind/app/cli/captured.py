"""`tradewind source models|exclude|include|superuser-sql`: which tables are captured, and their models."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from tradewind.app.cli.console import ERRORS, OUT, write

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
    commands.command()(exclude)
    commands.command()(include)
    commands.command("superuser-sql")(superuser_sql)


def models() -> None:
    """Write the ODS models from the source's tables, and remove those of tables that are gone."""
    from tradewind.settings import PROJECT_ROOT, load_settings
    from tradewind.source.catalog import read_catalog
    from tradewind.source.layer import write_models

    settings = load_settings()
    done = write_models(read_catalog(settings.database_url), PROJECT_ROOT, owners=_owners(settings))
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


def exclude(table: TableArgument) -> None:
    """Leave a table out of the capture and of the models."""
    from tradewind.source import publication

    _change_scope(publication.exclude, table, "is excluded; `tradewind source models` removes its model")


def include(table: TableArgument) -> None:
    """Capture an excluded table again."""
    from tradewind.source import publication

    _change_scope(publication.include, table, "is captured; `tradewind source models` writes its model")


def superuser_sql() -> None:
    """Print what a superuser runs once in the shop's database."""
    from tradewind.source.publication import superuser_sql

    write(superuser_sql())


def _change_scope(change: ScopeChange, table: str, outcome: str) -> None:
    from tradewind.settings import load_settings
    from tradewind.source.naming import parse_table_name
    from tradewind.source.owner import owner_connection

    name = parse_table_name(table)
    with owner_connection(load_settings().database_url) as connection:
        notes = change(connection, name)
    OUT.print(f"{name} {outcome}", markup=False)
    for note in notes:
        ERRORS.print(f"note: {note}", style="yellow", markup=False)


def _owners(settings: Settings) -> dict[str, TableName]:
    """The tables that have logs in bronze, by collision key; none while the warehouse does not answer."""
    from clickhouse_connect.driver.exceptions import Error

    from tradewind.warehouse import captured_tables
    from tradewind.warehouse.client import connect

    try:
        answer = connect(settings.clickhouse_writer_url).raw_query(captured_tables.QUERY)
    except Error:
        return {}
    return captured_tables.owners(captured_tables.parse(answer))
