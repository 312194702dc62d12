"""The change log's tables, the sensor that observes them, and the job that prunes them."""

import dagster as dg

from orchestration.defs.bronze.assets import tables
from orchestration.defs.bronze.jobs import prune_bronze, prune_daily
from orchestration.defs.bronze.sensors import observe_bronze

defs = dg.Definitions(assets=tables, sensors=[observe_bronze], jobs=[prune_bronze], schedules=[prune_daily])
