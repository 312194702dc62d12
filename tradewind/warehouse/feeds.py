"""Where feeds land: a bronze table each, of the same shape as the source tables' change logs.

The tables are made when the warehouse is prepared, so that models can read a feed that has never come.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tradewind.warehouse import bronze

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

TOPIC_PREFIX = "ecomm.feed."
TABLE_PREFIX = "feed_"
FEEDS = ("geography", "economic_indicators", "ip_reputation", "device_reputation")


def table_of(feed: str) -> str:
    """The bronze table of a feed."""
    return f"{TABLE_PREFIX}{feed}"


def prepare_feeds(client: Client) -> None:
    """Create the tables that do not exist yet."""
    client.command(bronze.create_database())
    for feed in FEEDS:
        client.command(bronze.create_table(table_of(feed)))
