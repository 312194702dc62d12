"""The job `lakehouse`. It has no schedule: who uses the lake decides how fresh it must be."""

from __future__ import annotations

import dagster as dg

from orchestration.defs.lakehouse.assets import bronze, models

lakehouse = dg.define_asset_job(
    name="lakehouse",
    selection=dg.AssetSelection.assets(bronze, models) | dg.AssetSelection.checks_for_assets(models),
    description="Copy the change log into the lake, then build and test every dbt model on Spark.",
)
