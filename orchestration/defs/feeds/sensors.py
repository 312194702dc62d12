"""Watching the drop folders: a run as soon as a file waits, one at a time, until none does."""

import dagster as dg

from connectors.feeds.drops import waiting
from orchestration.defs.feeds.assets import DROPS, ingest_drops

INTERVAL_SECONDS = 30
UNDER_WAY = [
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
    """Ask for a run where files wait; what it could not take, as without a warehouse, is asked for again."""
    files = waiting(DROPS)
    if not files:
        return dg.SkipReason(f"no file waits in {DROPS}")
    if context.instance.get_runs_count(dg.RunsFilter(job_name=ingest_drops.name, statuses=UNDER_WAY)):
        return dg.SkipReason("a run is under way")
    return dg.RunRequest(tags={"files": ", ".join(path.name for path in files)[:200]})
