"""The jobs that bring feeds up to date, and the schedule of the optional one."""

import dagster as dg

from orchestration.defs.feeds.assets import dropped_files, reputation

ingest_drops = dg.define_asset_job(
    "ingest_drops", selection=[dropped_files], description="Ingest the files that wait in the drop folders."
)
enrich_visitors = dg.define_asset_job(
    "enrich_visitors",
    selection=[reputation],
    description="Ask for the reputation of new addresses and devices.",
)
enrich_hourly = dg.ScheduleDefinition(
    name="enrich_visitors_hourly",
    job=enrich_visitors,
    cron_schedule="30 * * * *",
    execution_timezone="UTC",
    description="Stopped by default: the reputation service is optional (`tradewind up --with reputation`).",
)
