"""All transactions of records; importing this module registers them with `write`."""

from __future__ import annotations

from simulator.live.database import order_transactions, settlement_transactions, shop_transactions
from simulator.live.database.statements import write

__all__ = ["order_transactions", "settlement_transactions", "shop_transactions", "write"]
