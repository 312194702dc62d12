"""`tradewind build` and `tradewind docs`: building the models and their documentation."""

from __future__ import annotations

from typing import Annotated

import typer

from application.cli.console import ERRORS, OUT, outcomes, write
from application.cli.options import Json, Select


def register(commands: typer.Typer) -> None:
    """Add these commands."""
    commands.command()(build)
    commands.command()(docs)


def build(
    select: Select = None,
    full_refresh: Annotated[
        bool, typer.Option("--full-refresh", help="Rebuild every table from the whole change log.")
    ] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Run every model and test, also those with nothing new to read.")
    ] = False,
    json_output: Json = False,
) -> None:
    """Build and test the models through Dagster.

    Runs the job `batch` on everything that is committed in the shop's database now: the models that have
    something new to read, those that read them, and their tests; all of them once a day and after a change of
    the project. Exit code 1 if a model or a test fails.
    """
    import json
    from dataclasses import asdict

    from application import manifest, reach
    from application.build import Build
    from application.captured import wait_until_captured
    from tradewind.settings import home_folder, load_settings

    settings = load_settings()
    reach.require_reachable(settings)
    with ERRORS.status("parsing the models") as spinner:
        manifest.prepare(home_folder(), settings)
        run = Build(settings, " ".join(select or ()), full_refresh, everything)
        try:
            spinner.update("waiting for the capture")
            wait_until_captured(settings)
            spinner.update("building")
            summary = run.run(lambda event: spinner.update(f"building: {event['name']}"))
        finally:
            run.cancel()
    if json_output:
        write(json.dumps(asdict(summary), indent=2))
    else:
        for note in summary.notes:
            ERRORS.print(f"note: {note}", style="yellow", markup=False)
        OUT.print(f"models: {outcomes(summary.models)}; tests: {outcomes(summary.tests)}")
        OUT.print(f"[dim]{settings.dagster_url}/runs/{summary.run_id}[/]")
    summary.require_success()


def docs(
    port: Annotated[int, typer.Option(help="The port; 0 for a free one.")] = 0,
) -> None:
    """Generate the dbt docs and serve them until Ctrl+C."""
    from application import docs_site, reach
    from tradewind.settings import load_settings

    settings = load_settings()
    reach.require_warehouse(settings)
    with ERRORS.status("generating"):
        folder = docs_site.generate(settings)
    docs_site.serve(folder, port, lambda url: OUT.print(f"dbt docs: {url} (Ctrl+C stops it)"))
