"""Whether the servers that a command needs accept connections, asked before it begins long work."""

from __future__ import annotations

from tradewind.settings import Settings


def require_reachable(settings: Settings) -> None:
    """DatabaseUnreachable or WarehouseUnreachable unless the shop's database and the warehouse respond."""
    from tradewind.source.owner import owner_connection

    with owner_connection(settings.database_url):
        pass
    require_warehouse(settings)


def require_warehouse(settings: Settings) -> None:
    """WarehouseUnreachable unless the warehouse responds."""
    from tradewind.warehouse.client import connect

    connect(settings.clickhouse_writer_url).close()
