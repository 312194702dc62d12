"""Everything Dagster serves: the one code location."""

from __future__ import annotations

import dagster as dg

from orchestration.defs.bronze.assets import tables
from orchestration.defs.bronze.sensors import observe_bronze
from orchestration.defs.feeds.assets import (
    dropped_files,
    enrich_hourly,
    enrich_visitors,
    ingest_drops,
    reputation,
)
from orchestration.defs.feeds.sensors import watch_drops
from orchestration.defs.transform.assets import models
from orchestration.defs.transform.jobs import batch, hourly
from orchestration.project import dbt_project, settings
from orchestration.resources import Dbt, Warehouse
from tradewind.app import dbt

defs = dg.Definitions(
    assets=[*tables, dropped_files, reputation, models],
    jobs=[batch, ingest_drops, enrich_visitors],
    schedules=[hourly, enrich_hourly],
    sensors=[observe_bronze, watch_drops],
    resources={
        "dbt": Dbt(project_dir=str(dbt_project.project_dir), dbt_executable=str(dbt.program())),
        "warehouse": Warehouse(url=settings.clickhouse_writer_url),
    },
    executor=dg.in_process_executor,
)
