"""Feeds: their assets, the jobs that bring them up to date, the sensor and the schedule that start these."""

import dagster as dg

from orchestration.defs.feeds.assets import dropped_files, reputation
from orchestration.defs.feeds.jobs import enrich_hourly, enrich_visitors, ingest_drops
from orchestration.defs.feeds.sensors import watch_drops

defs = dg.Definitions(
    assets=[dropped_files, reputation],
    jobs=[ingest_drops, enrich_visitors],
    schedules=[enrich_hourly],
    sensors=[watch_drops],
)
