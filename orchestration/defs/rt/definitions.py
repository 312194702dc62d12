"""The checks and the job of the near-real-time marts, which are dbt models themselves (`defs/transform`)."""

import dagster as dg

from orchestration.defs.rt.checks import checks
from orchestration.defs.rt.jobs import refresh_rt

defs = dg.Definitions(asset_checks=checks, jobs=[refresh_rt])
