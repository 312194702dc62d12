"""The dbt models of the feeds, from their declarations: what `tradewind feeds models` writes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from connectors.feeds.catalog import FEEDS
from connectors.feeds.declaration import Feed
from tradewind.source import layer
from tradewind.source.models import Layer
from tradewind.warehouse.feeds import DATABASE

LAYER = Layer(
    source=DATABASE,
    description="The change log of every feed: what was delivered, as change events.",
    folder=layer.FOLDER / "feeds",
    sources_file="_feed_sources.yml",
    header="Written by `tradewind feeds models` from connectors/feeds/catalog.py; change that instead.",
)


def feed_model_files(feeds: Iterable[Feed] = FEEDS) -> dict[str, str]:
    """Every file: its name in the layer's folder -> its text."""
    return dict(layer.generate((feed.table() for feed in feeds), LAYER).files)


def write_feed_models(project: Path, feeds: Iterable[Feed] = FEEDS) -> list[str]:
    """Write the feeds' models into a dbt project; returns the names of the files that changed."""
    return layer.write_models((feed.table() for feed in feeds), project, LAYER).changed
