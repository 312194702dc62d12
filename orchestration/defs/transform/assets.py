"""The dbt models as assets, their tests as asset checks; one dbt process per job."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import dagster as dg
from dagster_dbt import dbt_assets

from application import build_plan, warehouse_plan
from application.build_lock import build_lock
from application.dbt import run_started
from orchestration.defs.transform.results import (
    all_models_succeeded,
    prepare_folder,
    read_checks,
    read_manifest,
    remove_old_folders,
)
from orchestration.environment import environment
from orchestration.internals.dbt_cli import Dbt
from orchestration.project import dbt_project
from orchestration.resources import Warehouse
from orchestration.source_differences import note_source_differences
from orchestration.translator import translator
from tradewind.rt import definitions
from tradewind.warehouse import check_results, model_states


class BuildConfig(dg.Config):
    """How to build."""

    full_refresh: bool = False
    everything: bool = False
    """Run every model and test, also those that have nothing new to read."""


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

    Without a selection: those that have something new to read, and what reads them
    (`application.build_plan`).
    Nothing is built while a model no longer matches its table in the source (`tradewind source drift`).
    Unit tests stay out: they test the code, not the data, and belong to `make test`.
    """
    client = warehouse.client()
    with build_lock(lambda: context.log.info("another run builds the warehouse; waiting for it")):
        # The run begins before the look at the source: no row of a later definition is among its rows.
        started = datetime.now(UTC)
        notes = note_source_differences(context)
        definitions = build_plan.present_definitions(started)
        plan = None
        if not (context.is_subset or config.full_refresh or config.everything):
            plan = warehouse_plan.of_run(client, dict(read_manifest()), started, definitions)
        if plan is not None:
            notes = [*notes, plan.note]
        if plan is None:
            warehouse_plan.forget_other_definitions(client, definitions)
        remove_old_folders()
        folder = prepare_folder(context.run.run_id, notes)
        if plan is not None and plan.is_empty:
            return
        try:
            with environment(run_started(started)):
                for event in dbt.cli(arguments(config, plan), context=context, target_path=folder).stream():
                    yield with_row_count(event, context, client)
        finally:
            # A failed test ends the run with an error, after dbt has written its results.
            check_results.record(client, context.run.run_id, read_checks(context.run.run_id))
            if plan is None and not context.is_subset and all_models_succeeded(context.run.run_id):
                model_states.record_whole_build(client, definitions)


def arguments(config: BuildConfig, plan: build_plan.Plan | None) -> list[str]:
    """What dbt is told; dagster-dbt adds the selection."""
    words = ["build", "--exclude-resource-type", "unit_test", "--exclude-resource-type", "exposure"]
    words += ["--full-refresh"] if config.full_refresh else []
    return words + (plan.dbt_arguments if plan is not None else [])


def with_row_count(event: Any, context: dg.AssetExecutionContext, client: Any) -> Any:
    """The event, with the number of rows if it says that a table was built; no view is read for that."""
    if not isinstance(event, dg.Output):
        return event
    database, table = context.asset_key_for_output(event.output_name).path
    if database == definitions.LAYER:
        return event
    rows = client.command(f"select count() from `{database}`.`{table}`")  # noqa: S608 - our names
    return event.with_metadata({**event.metadata, "dagster/row_count": int(rows)})
