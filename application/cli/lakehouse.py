"""`tradewind lakehouse fetch|export|build|env`: the models on Spark and Iceberg."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

import typer

from application.cli.console import ERRORS, OUT, table, write
from application.cli.options import Json, Select

if TYPE_CHECKING:
    from tradewind.lakehouse.export import Export
    from tradewind.lakehouse.lake import Lake

commands = typer.Typer(
    help="The same models on Spark and Iceberg.",
    no_args_is_help=True,
)

MEMORY = typer.Option("2g", "--memory", envvar="TRADEWIND_SPARK_MEMORY", help="Spark's heap, such as 2g.")


@commands.command()
def fetch() -> None:
    """Fetch the jar that Spark needs into the cache.

    The only command that uses the network.
    """
    from tradewind.lakehouse import jars

    write(str(jars.fetch()))


@commands.command()
def export(memory: str = MEMORY, json_output: Json = False) -> None:
    """Copy new rows of bronze into the lake."""
    from application import lakehouse as builds
    from application import reach
    from tradewind.settings import load_settings

    settings = load_settings()
    reach.require_warehouse(settings)
    _report(builds.export(settings.clickhouse_writer_url, _lake(memory)), json_output)


@commands.command()
def build(
    select: Select = None,
    full_refresh: bool = typer.Option(
        False, "--full-refresh", help="Rebuild every table from the whole change log."
    ),
    everything: bool = typer.Option(
        False, "--all", help="Run every model and test, also those with nothing new to read."
    ),
    tests: bool = typer.Option(True, "--tests/--no-tests", help="Run the tests after the models."),
    memory: str = MEMORY,
    json_output: Json = False,
) -> None:
    """Copy new rows of bronze, then build and test on Spark.

    Runs the models that have something new to read, those that read them, and their tests; all of them once a
    day and after a change of the project.
    """
    from application import drift, reach
    from application import lakehouse as builds
    from tradewind.settings import load_settings

    settings = load_settings()
    reach.require_warehouse(settings)
    found = drift.find(settings)
    for note in found.notes:
        _note(note)
    found.require_none_breaking()
    request = builds.Request(select or (), full_refresh, everything, tests)
    done = builds.build(settings.clickhouse_writer_url, _lake(memory), request, on_plan=_note)
    _report(done.copied, json_output, left_out=len(done.plan.left_out) if done.plan else 0)


@commands.command()
def env(memory: str = MEMORY) -> None:
    """Print export lines for Spark's own tools.

    With them, spark-sql, pyspark and dbt --target spark work on the lake.
    """
    lake = _lake(memory)
    lake.prepare()
    for name, value in lake.environment().items():
        write(f"export {name}={shlex.quote(value)}")


def _lake(memory: str) -> Lake:
    from tradewind.lakehouse.lake import Lake
    from tradewind.settings import home_folder

    return Lake(home_folder() / "lake", memory=memory)


def _note(text: str) -> None:
    ERRORS.print(f"note: {text}", style="yellow", markup=False)


def _report(done: Export, json_output: bool, **figures: int) -> None:
    if json_output:
        write(json.dumps({"moment": done.moment.isoformat(), "rows": done.rows, **figures}))
        return
    OUT.print(table(("bronze table", "rows added"), list(done.rows.items())))
