"""`tradewind feeds ingest|enrich|sample|models`: data from files and services beside the shop's database."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from application.cli.console import ERRORS, OUT, table, write
from application.cli.options import Json

commands = typer.Typer(help="Data from dropped files and other services.", no_args_is_help=True)

Folder = Annotated[
    Path | None,
    typer.Option("--folder", help="The folder of the drop folders; default: `drops` in the home."),
]


@commands.command()
def ingest(folder: Folder = None, json_output: Json = False) -> None:
    """Ingest the dropped files; exit code 1 if one is refused.

    Each file is stored whole or not at all.
    """
    import json

    from connectors.feeds import drops
    from tradewind.settings import load_settings
    from tradewind.warehouse.client import connect

    with ERRORS.status("ingesting files"):
        outcomes = drops.ingest(_drops(folder), connect(load_settings().clickhouse_writer_url))
    for note in drops.unread(_drops(folder)):
        ERRORS.print(f"note: {note}", style="yellow", markup=False)
    if json_output:
        write(json.dumps([outcome.as_json() for outcome in outcomes], indent=2))
    elif not outcomes:
        OUT.print(f"no file waits in {_drops(folder)}", markup=False)
    else:
        rows = [(o.feed, o.file, o.result, o.period, o.rows, o.removed, o.reason) for o in outcomes]
        OUT.print(table(("feed", "file", "result", "period", "rows", "removed", ""), rows))
    if any(outcome.result == "refused" for outcome in outcomes):
        raise typer.Exit(1)


@commands.command()
def enrich(json_output: Json = False) -> None:
    """Look up the reputation of new addresses and devices."""
    import json
    from dataclasses import asdict

    from connectors.feeds.enrichment import SUBJECTS
    from connectors.feeds.enrichment import enrich as ask
    from connectors.feeds.reputation import ReputationClient
    from tradewind.settings import load_settings
    from tradewind.warehouse.client import connect

    settings = load_settings()
    client = connect(settings.clickhouse_writer_url)
    with (
        ERRORS.status("looking up") as spinner,
        ReputationClient(settings.required("reputation_url")) as service,
    ):

        def progress(done: int, total: int) -> None:
            spinner.update(f"looked up {done:,} of {total:,}")

        done = {subject.feed.name: ask(client, service, subject, progress=progress) for subject in SUBJECTS}
    if json_output:
        write(json.dumps({feed: asdict(counts) for feed, counts in done.items()}))
    else:
        rows = [(feed, counts.asked, counts.landed, counts.unknown) for feed, counts in done.items()]
        OUT.print(table(("feed", "looked up", "landed", "not known to the service"), rows))


@commands.command()
def sample(
    month: Annotated[datetime, typer.Option(formats=["%Y-%m"], help="The month, such as 2026-10.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same files.")] = 1,
    folder: Folder = None,
    json_output: Json = False,
) -> None:
    """Drop sample files of a month."""
    import json

    from connectors.feeds.samples import write_samples

    paths = [str(path) for path in write_samples(_drops(folder), month.date(), seed)]
    write(json.dumps({"files": paths}, indent=2) if json_output else "\n".join(paths))


@commands.command()
def models(json_output: Json = False) -> None:
    """Write the feeds' ODS models from their declarations."""
    import json

    from connectors.feeds.models import write_feed_models
    from tradewind.settings import PROJECT_ROOT

    changed = write_feed_models(PROJECT_ROOT)
    if json_output:
        write(json.dumps({"changed": changed}, indent=2))
    else:
        OUT.print(", ".join(changed) if changed else "nothing to change", markup=False)


def _drops(folder: Path | None) -> Path:
    from tradewind.settings import home_folder

    return folder or home_folder() / "drops"
