"""`tradewind bronze prune`: the change log of the source tables."""

from __future__ import annotations

import typer

from application.cli.console import ERRORS, OUT, table, write
from application.cli.options import Json

commands = typer.Typer(help="The change log of the source tables.", no_args_is_help=True)


@commands.command()
def prune(
    dry_run: bool = typer.Option(False, "--dry-run", help="Count what would be removed, and remove nothing."),
    json_output: Json = False,
) -> None:
    """Remove superseded changes whose time of retention is over.

    It is TRADEWIND_BRONZE_RETENTION_DAYS.

    Without that setting, bronze keeps everything.
    """
    import json
    from dataclasses import asdict

    from application import reach, retention
    from tradewind.settings import load_settings

    settings = load_settings()
    reach.require_warehouse(settings)
    with ERRORS.status("reading bronze"):
        done = retention.prune(settings, is_rehearsal=dry_run)
    if done is None:
        ERRORS.print("TRADEWIND_BRONZE_RETENTION_DAYS is not set: bronze keeps everything")
        done = {}
    if json_output:
        write(json.dumps({name: asdict(outcome) for name, outcome in done.items()}, indent=2))
    elif done:
        rows = [(name, each.removed, each.kept, each.reason) for name, each in done.items()]
        OUT.print(table(("log", "removed", "kept", "why it is kept whole"), rows))
