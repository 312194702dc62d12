"""The models: their assets and checks, the job that trains and predicts, and its schedule."""

import dagster as dg

from orchestration.defs.ml.assets import ASSETS
from orchestration.defs.ml.checks import CHECKS
from orchestration.defs.ml.jobs import models_daily, train_and_predict

defs = dg.Definitions(
    assets=ASSETS,
    asset_checks=CHECKS,
    jobs=[train_and_predict],
    schedules=[models_daily],
)
