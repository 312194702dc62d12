"""The models: their assets and checks, the job that trains and predicts, and its schedule."""

import dagster as dg

from orchestration.defs.ml.assets import demand_features, demand_forecasts, model_versions, reorder_proposals
from orchestration.defs.ml.checks import CHECKS
from orchestration.defs.ml.jobs import models_daily, train_and_predict

defs = dg.Definitions(
    assets=[demand_features, model_versions, demand_forecasts, reorder_proposals],
    asset_checks=CHECKS,
    jobs=[train_and_predict],
    schedules=[models_daily],
)
