"""Feeds as assets: dropped files, and answers of the reputation service."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg

from connectors.feeds import drops
from connectors.feeds.catalog import FILE_FEEDS, SERVICE_FEEDS
from connectors.feeds.declaration import Feed
from connectors.feeds.enrichment import SUBJECTS, enrich
from orchestration.resources import Reputation, Warehouse
from tradewind.settings import home_folder
from tradewind.warehouse.feeds import log_of


def asset_key(feed: Feed) -> dg.AssetKey:
    """The asset of a feed's change log."""
    return dg.AssetKey(list(log_of(feed.name)))


def asset_spec(feed: Feed) -> dg.AssetSpec:
    """The asset as the UI shows it."""
    return dg.AssetSpec(
        asset_key(feed), description=feed.description, group_name="feeds", kinds={"clickhouse"}
    )


def drop_folders() -> Path:
    """The folder with a drop folder per feed."""
    return home_folder() / "drops"


@dg.multi_asset(name="dropped_files", specs=[asset_spec(feed) for feed in FILE_FEEDS])
def dropped_files(context: dg.AssetExecutionContext, warehouse: Warehouse) -> Iterator[Any]:
    """Ingest every dropped file; the run fails, naming them, if files were refused."""
    outcomes = drops.ingest(drop_folders(), warehouse.client())
    for outcome in outcomes:
        context.log.info("%s %s: %s %s", outcome.feed, outcome.file, outcome.result, outcome.reason)
    for note in drops.unread(drop_folders()):
        context.log.warning(note)
    for feed in FILE_FEEDS:
        ingested = [
            outcome for outcome in outcomes if outcome.feed == feed.name and outcome.result == "ingested"
        ]
        rows = sum(outcome.rows for outcome in ingested)
        yield dg.MaterializeResult(asset_key=asset_key(feed), metadata={"files": len(ingested), "rows": rows})
    refused = [outcome for outcome in outcomes if outcome.result == "refused"]
    if refused:
        reasons = "; ".join(outcome.reason for outcome in refused)
        raise dg.Failure(f"{len(refused)} files refused: {reasons}", allow_retries=False)


@dg.multi_asset(name="reputation", specs=[asset_spec(feed) for feed in SERVICE_FEEDS])
def reputation(warehouse: Warehouse, reputation_service: Reputation) -> Iterator[Any]:
    """Look up the addresses and devices that were seen since the last run."""
    client = warehouse.client()
    with reputation_service.client() as service:
        for subject in SUBJECTS:
            done = enrich(client, service, subject)
            metadata = {"asked": done.asked, "landed": done.landed, "unknown": done.unknown}
            yield dg.MaterializeResult(asset_key=asset_key(subject.feed), metadata=metadata)
