"""Where feeds are stored: one table each, of the same shape as the source tables' change logs."""

from __future__ import annotations

from tradewind.warehouse import bronze

DATABASE = bronze.DATABASE
TOPIC_PREFIX = "ecomm.feed."
TABLE_PREFIX = "feed_"


def table_of(feed: str) -> str:
    """The name of a feed's table."""
    return f"{TABLE_PREFIX}{feed}"
