"""Watching the drop folders: a run as soon as a file waits, one at a time, until none does."""

import dagster as dg

from connectors.feeds.drops import unread, waiting
from orchestration.defs.feeds.assets import drop_folders
from orchestration.defs.feeds.jobs import ingest_drops

INTERVAL_SECONDS = 30
UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


@dg.sensor(
    name="watch_drops",
    job=ingest_drops,
    minimum_interval_seconds=INTERVAL_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def watch_drops(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Request a run while files wait, also those that an earlier run could not ingest."""
    files = waiting(drop_folders())
    if not files:
        return dg.SkipReason("; ".join([f"no file waits in {drop_folders()}", *unread(drop_folders())]))
    if context.instance.get_runs_count(dg.RunsFilter(job_name=ingest_drops.name, statuses=UNFINISHED)):
        return dg.SkipReason("a run has not finished yet")
    return dg.RunRequest(tags={"files": ", ".join(path.name for path in files)[:200]})
