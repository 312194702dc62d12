"""Feeds as assets, and the jobs that bring them up to date."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from connectors.feeds import drops
from connectors.feeds.enrichment import SUBJECTS, enrich
from connectors.feeds.files import FILE_FEEDS
from connectors.feeds.reputation import ReputationClient
from orchestration.defs.bronze.assets import feed_specs
from orchestration.project import settings
from orchestration.resources import Warehouse
from tradewind.settings import home_folder
from tradewind.warehouse.feeds import table_of

DROPS = home_folder() / "drops"


def key(feed: str) -> dg.AssetKey:
    """The asset of a feed's bronze table."""
    return dg.AssetKey(["bronze", table_of(feed)])


@dg.multi_asset(name="dropped_files", specs=[feed_specs[key(feed.name)] for feed in FILE_FEEDS])
def dropped_files(context: dg.AssetExecutionContext, warehouse: Warehouse) -> Iterator[Any]:
    """Take every dropped file in; the run fails, naming them, if files were refused."""
    outcomes = drops.ingest(DROPS, warehouse.client())
    for outcome in outcomes:
        context.log.info("%s %s: %s %s", outcome.feed, outcome.file, outcome.result, outcome.reason)
    for feed in FILE_FEEDS:
        taken = [
            outcome for outcome in outcomes if outcome.feed == feed.name and outcome.result == "ingested"
        ]
        rows = sum(outcome.rows for outcome in taken)
        yield dg.MaterializeResult(asset_key=key(feed.name), metadata={"files": len(taken), "rows": rows})
    refused = [outcome for outcome in outcomes if outcome.result == "refused"]
    if refused:
        reasons = "; ".join(outcome.reason for outcome in refused)
        raise dg.Failure(f"{len(refused)} files refused: {reasons}", allow_retries=False)


@dg.multi_asset(name="reputation", specs=[feed_specs[key(subject.feed)] for subject in SUBJECTS])
def reputation(warehouse: Warehouse) -> Iterator[Any]:
    """Ask about the addresses and devices that visitors came with since the last time."""
    client = warehouse.client()
    with ReputationClient(settings.required("reputation_url")) as service:
        for subject in SUBJECTS:
            done = enrich(client, service, subject)
            metadata = {"asked": done.asked, "landed": done.landed, "unknown": done.unknown}
            yield dg.MaterializeResult(asset_key=key(subject.feed), metadata=metadata)


ingest_drops = dg.define_asset_job(
    "ingest_drops", selection=[dropped_files], description="Take the files that wait in the drop folders."
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
    description="Off at first: the reputation service is optional (`tradewind up --with reputation`).",
)
