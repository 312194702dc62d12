"""The lake's tables as assets: bronze copied by Spark, then every dbt model built and tested on Spark."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import dagster as dg
from dagster_dbt import dbt_assets
from dagster_pyspark import LazyPySparkResource

from application.build_plan import present_definitions
from application.dbt import run_started
from application.lake_plan import Decision, recorded
from application.lakehouse import TARGET, WITHOUT_UNIT_TESTS, Request, decide
from orchestration.environment import environment
from orchestration.internals.dbt_cli import Dbt
from orchestration.project import dbt_project
from orchestration.resources import Warehouse
from orchestration.source_differences import note_source_differences
from orchestration.translator import SETTINGS, Translator
from tradewind.lakehouse.export import export_bronze
from tradewind.lakehouse.lake import Lake, stop_foreign_session
from tradewind.rt import definitions
from tradewind.settings import home_folder
from tradewind.warehouse.bronze import PLATFORM_DATABASE

GROUP = "lakehouse"
KINDS = {"spark", "iceberg"}
MOMENT = "moment"


class LakeTranslator(Translator):
    """dbt nodes as assets named `lakehouse/<layer>/<table>`, all in one group."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """`lakehouse/ads/ads_daily_gmv`."""
        return super().get_asset_key(dbt_resource_props).with_prefix(GROUP)

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The one group."""
        return GROUP


translator = LakeTranslator(settings=SETTINGS)


def home_lake() -> Lake:
    """The lake of this home."""
    return Lake(home_folder() / "lake")


def _bronze_specs() -> list[dg.AssetSpec]:
    manifest = json.loads(dbt_project().manifest_path.read_text())
    copied = [key for key, source in manifest["sources"].items() if source["schema"] != PLATFORM_DATABASE]
    specs = [translator.get_asset_spec(manifest, source, dbt_project()) for source in copied]
    return [spec.replace_attributes(kinds=KINDS) for spec in specs]


BRONZE = _bronze_specs()


@dg.multi_asset(name="lakehouse_bronze", specs=BRONZE)
def bronze(warehouse: Warehouse, spark: LazyPySparkResource) -> Iterator[dg.MaterializeResult[None]]:
    """Copy new rows of every change log into Iceberg, as of one moment."""
    lake = home_lake()
    done = export_bronze(lake, warehouse.client(), lambda: lake.session(lambda: spark.spark_session))
    for spec in BRONZE:
        rows = done.rows.get(".".join(spec.key.path[1:]), 0)
        metadata: dict[str, Any] = {"rows_added": rows, MOMENT: done.moment.isoformat()}
        yield dg.MaterializeResult(asset_key=spec.key, metadata=metadata)


class LakeConfig(dg.Config):
    """How to build."""

    full_refresh: bool = False
    everything: bool = False
    """Run every model and test, also those that have nothing new to read."""


@dbt_assets(
    manifest=dbt_project().manifest_path,
    project=dbt_project(),
    exclude=definitions.LAYER,
    dagster_dbt_translator=translator,
    name="lakehouse_models",
)
def models(context: dg.AssetExecutionContext, dbt: Dbt, config: LakeConfig) -> Iterator[Any]:
    """Build the models and run their tests on Spark, as of the moment of the last copy.

    Without a selection: those that have something new to read, and what reads them (`application.lake_plan`).
    """
    note_source_differences(context)
    lake = home_lake()
    lake.prepare()
    moment = _copied_at(context.instance)
    present = present_definitions(moment)
    request = Request(full_refresh=config.full_refresh, everything=config.everything)
    decision = Decision(None, "") if context.is_subset else decide(lake, request, present)
    if decision.note:
        context.log.info(decision.note)
    plan = decision.plan
    if plan is not None and plan.is_empty:
        return
    words = [*request.dbt_arguments, *(plan.dbt_arguments if plan is not None else [])]
    arguments = ["build", *WITHOUT_UNIT_TESTS, "--target", TARGET, *words]
    with (
        recorded(lake, present, is_whole=plan is None and not context.is_subset),
        environment(lake.environment() | run_started(moment) | lake.java()),
    ):
        try:
            yield from dbt.cli(arguments, context=context, target_path=lake.dbt / "target").stream()
        finally:
            stop_foreign_session()


def _copied_at(instance: dg.DagsterInstance) -> datetime:
    """The moment of the last copy of bronze; Failure if there is none."""
    event = instance.get_latest_materialization_event(BRONZE[0].key)
    if event is None or event.asset_materialization is None:
        raise dg.Failure("bronze has not been copied into the lake yet; run the job `lakehouse`")
    return datetime.fromisoformat(str(event.asset_materialization.metadata[MOMENT].value))
