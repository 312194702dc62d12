"""Everything Dagster serves: the one code location.

Belongs here: the list. Doesn't: any definition (`defs/<group>/`).
"""

from __future__ import annotations

import dagster as dg

from orchestration.defs.bronze.assets import tables
from orchestration.defs.bronze.sensors import observe_bronze
from orchestration.defs.transform.assets import models
from orchestration.defs.transform.jobs import batch, hourly
from orchestration.project import dbt_project, settings
from orchestration.resources import Dbt, Warehouse, dbt_executable

defs = dg.Definitions(
    assets=[*tables, models],
    jobs=[batch],
    schedules=[hourly],
    sensors=[observe_bronze],
    resources={
        "dbt": Dbt(project_dir=str(dbt_project.project_dir), dbt_executable=dbt_executable()),
        "warehouse": Warehouse(url=settings.clickhouse_writer_url),
    },
    executor=dg.in_process_executor,
)
