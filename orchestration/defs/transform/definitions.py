"""The dbt models with their tests, the job that builds them and its schedule."""

import dagster as dg

from orchestration.defs.transform.assets import models
from orchestration.defs.transform.jobs import batch, hourly

defs = dg.Definitions(assets=[models], jobs=[batch], schedules=[hourly])
