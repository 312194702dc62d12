"""The job that removes superseded changes from bronze, and its schedule."""

from typing import Any

import dagster as dg

from application.retention import prune
from tradewind.settings import load_settings


@dg.op
def remove_superseded_changes(context: dg.OpExecutionContext) -> dg.Output[None]:
    """What `tradewind bronze prune` does; nothing without TRADEWIND_BRONZE_RETENTION_DAYS."""
    done = prune(load_settings())
    if done is None:
        context.log.info("TRADEWIND_BRONZE_RETENTION_DAYS is not set: bronze keeps everything")
    removed: dict[str, Any] = {name: each.removed for name, each in (done or {}).items() if each.removed}
    return dg.Output(None, metadata=removed)


@dg.job(description="Remove changes that are superseded and older than TRADEWIND_BRONZE_RETENTION_DAYS.")
def prune_bronze() -> None:
    """One step."""
    remove_superseded_changes()


prune_daily = dg.ScheduleDefinition(
    name="prune_bronze_daily",
    job=prune_bronze,
    cron_schedule="15 3 * * *",
    execution_timezone="UTC",
    description="Stopped by default: bronze keeps everything.",
)
