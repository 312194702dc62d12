"""The `batch` job and its schedule."""

from __future__ import annotations

import dagster as dg

from orchestration.defs.quality.checks import SPECS
from orchestration.defs.transform.assets import models

batch = dg.define_asset_job(
    name="batch",
    selection=dg.AssetSelection.assets(models)
    | dg.AssetSelection.checks_for_assets(models)
    | dg.AssetSelection.checks(*(spec.key for spec in SPECS)),
    description="From the change log to the marts: the quality gate, every dbt model, its tests as checks.",
)

hourly = dg.ScheduleDefinition(
    name="batch_hourly",
    job=batch,
    cron_schedule="0 * * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
