"""The Dagster job on a real warehouse: features, a version, forecasts and proposals, with their checks."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
from clickhouse_connect.driver.client import Client

from orchestration.defs.ml.definitions import defs
from orchestration.resources import Warehouse
from tests.fixtures.warehouse import RunningWarehouse


def test_the_job_trains_predicts_and_checks(shop: Client, warehouse: RunningWarehouse, home: Path) -> None:
    resources = dg.Definitions(
        resources={"warehouse": Warehouse(url=warehouse.writer_url)}, executor=dg.in_process_executor
    )
    job = dg.Definitions.merge(defs, resources).resolve_job_def("train_and_predict")
    with dg.instance_for_test() as instance:
        done = job.execute_in_process(instance=instance)
    assert done.success
    checks = {each.check_name: each.passed for each in done.get_asset_check_evaluations()}
    assert len(checks) == 16 and all(checks.values()), checks
    versions = shop.query("select model, stage from ml.model_versions final order by model").result_rows
    assert versions == [(model, "champion") for model in ("customers", "demand", "fraud", "recommendations")]
    ((rows,),) = shop.query("select count() from ml.demand_forecasts final").result_rows
    assert rows % 30 == 0 and rows > 0
    assert list((home / "models" / "demand").iterdir())
