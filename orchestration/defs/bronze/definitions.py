"""The change log's tables and the sensor that observes them."""

import dagster as dg

from orchestration.defs.bronze.assets import tables
from orchestration.defs.bronze.sensors import observe_bronze

defs = dg.Definitions(assets=tables, sensors=[observe_bronze])
