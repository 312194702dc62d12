"""The lake's assets and the job that builds them."""

import dagster as dg

from orchestration.defs.lakehouse.assets import bronze, models
from orchestration.defs.lakehouse.jobs import lakehouse

defs = dg.Definitions(assets=[bronze, models], jobs=[lakehouse])
