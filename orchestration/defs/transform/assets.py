"""The dbt models as assets, their tests as asset checks; one dbt process per job."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dagster as dg
from dagster_dbt import dbt_assets

from orchestration.defs.transform.results import prepare_folder, remove_old_folders
from orchestration.internals.dbt_cli import Dbt
from orchestration.project import dbt_project
from orchestration.resources import Warehouse
from orchestration.translator import translator
from tradewind.settings import home_folder


class BuildConfig(dg.Config):
    """How to build."""

    full_refresh: bool = False


@dbt_assets(
    manifest=dbt_project().manifest_path,
    project=dbt_project(),
    dagster_dbt_translator=translator,
    name="models",
)
def models(
    context: dg.AssetExecutionContext, dbt: Dbt, warehouse: Warehouse, config: BuildConfig
) -> Iterator[Any]:
    """Build the selected models and run their tests; each model reports its rows.

    Unit tests stay out: they test the code, not the data, and belong to `make test`.
    """
    arguments = [
        "build",
        "--exclude-resource-type",
        "unit_test",
        *(["--full-refresh"] if config.full_refresh else []),
    ]
    client = warehouse.client()
    with one_build_at_a_time(context):
        remove_old_folders()
        folder = prepare_folder(context.run.run_id)
        for event in dbt.cli(arguments, context=context, target_path=folder).stream():
            yield with_row_count(event, context, client)


def with_row_count(event: Any, context: dg.AssetExecutionContext, client: Any) -> Any:
    """The event, with the number of rows if it says that a table was built."""
    if not isinstance(event, dg.Output):
        return event
    database, table = context.asset_key_for_output(event.output_name).path
    rows = client.command(f"select count() from `{database}`.`{table}`")  # noqa: S608 - our names
    return event.with_metadata({**event.metadata, "dagster/row_count": int(rows)})


@contextmanager
def one_build_at_a_time(context: dg.AssetExecutionContext) -> Iterator[None]:
    """Wait for another run's build to end; the operating system releases the lock of a run that is killed."""
    with (home_folder() / "dbt" / "build.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            context.log.info("another run builds the warehouse; waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
