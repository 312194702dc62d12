"""`tradewind source seed|checksums`: a simulated history for an empty shop."""

from __future__ import annotations

from typing import Annotated

import typer

from application.cli.console import ERRORS, OUT, table, write
from application.cli.options import Json, Url
from simulator import parameters

_LARGE = 1_000_000


def register(commands: typer.Typer) -> None:
    """Add these commands."""
    commands.command()(seed)
    commands.command()(checksums)


def seed(
    size: Annotated[str, typer.Option(help="small, medium or large.")] = parameters.DEFAULT_SIZE,
    number: Annotated[
        int, typer.Option("--seed", help="The same seed and plan give the same shop.")
    ] = parameters.DEFAULT_SEED,
    days: Annotated[int | None, typer.Option(help="Days of history; default: a year.")] = None,
    until: Annotated[
        str | None, typer.Option(help="The day before which it ends, YYYY-MM-DD; default: today (UTC).")
    ] = None,
    workers: Annotated[int | None, typer.Option(help="Processes that generate the clickstream.")] = None,
    url: Url = None,
    json_output: Json = False,
) -> None:
    """Fill an empty shop with a simulated history.

    In one transaction: the whole history is written, or nothing.
    """
    import datetime
    import json

    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from simulator.plan import PlanError, make_plan, parse_day
    from simulator.seed import expected_rows
    from simulator.seed import seed as write_seed
    from tradewind.settings import load_settings

    end = None if until is None else parse_day(until)
    plan = make_plan(size, number, days, end, datetime.datetime.now(datetime.UTC).date())
    if workers is not None and workers < 1:
        raise PlanError(f"--workers {workers}: at least 1 is needed")
    processes = workers or (2 if plan.size.events > _LARGE else 1)
    parts = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*parts, console=ERRORS, transient=True, disable=not ERRORS.is_terminal) as progress:
        task = progress.add_task("deciding", total=expected_rows(plan))
        report = write_seed(
            url or load_settings().database_url,
            plan,
            processes,
            lambda name, rows: progress.update(task, description=name, advance=rows),
        )
    if json_output:
        write(json.dumps(report.as_json(), indent=2))
        return
    OUT.print(table(("table", "rows"), list(report.rows.items())))
    OUT.print(report.summary())


def checksums(url: Url = None, json_output: Json = False) -> None:
    """Show a checksum of every table.

    The same seed and plan give the same checksums on any machine.
    """
    import json

    from simulator.checksums import checksums as read_checksums
    from tradewind.settings import load_settings

    found = read_checksums(url or load_settings().database_url)
    if json_output:
        write(json.dumps(found, indent=2))
        return
    OUT.print(
        table(("table", "rows", "checksum"), [(name, *text.split(":")) for name, text in found.items()])
    )
