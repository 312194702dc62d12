"""Where feeds are stored: one table each, of the same shape as the source tables' change logs."""

from __future__ import annotations

from tradewind.warehouse import bronze
from tradewind.warehouse.bronze import LogTable

DATABASE = bronze.FEEDS_DATABASE
TOPIC_PREFIX = "ecomm.feed."


def log_of(feed: str) -> LogTable:
    """The change log of a feed."""
    return LogTable(DATABASE, feed)
