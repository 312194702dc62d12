"""The job that trains and predicts, and its schedule."""

import dagster as dg

from orchestration.defs.ml.assets import GROUP

train_and_predict = dg.define_asset_job(
    "train_and_predict",
    selection=dg.AssetSelection.groups(GROUP),
    description="Features, a new version of each model, forecasts and reorder proposals, with their checks.",
)
models_daily = dg.ScheduleDefinition(
    name="train_and_predict_daily",
    job=train_and_predict,
    cron_schedule="30 2 * * *",
    execution_timezone="UTC",
    description="Stopped by default: forecasts need at least 120 days of history.",
)
