"""Replenishment: low stock is reordered from the supplier and arrives after the lead time."""

from __future__ import annotations

from functools import partial

from simulator import parameters
from simulator.live.decisions.context import RunContext
from simulator.live.decisions.records import NewOrder
from simulator.live.decisions.shop import Sku, WarehouseStock
from simulator.live.decisions.shop_records import Receipt

DAY = 86_400
LOT_PER_REORDER_POINT = 3
"""A first delivery is this many times the reorder point, and at least LEAST_LOT."""
LOT_GROWTH = 2
"""After a stock-out the next delivery is this many times as large."""


class Replenishment:
    """Reorders and their deliveries."""

    def __init__(self, run: RunContext) -> None:
        self._run = run
        self._rng = run.rng("supply")

    def begin(self) -> None:
        """Reorder what is low at the start of the run."""
        for sku in self._run.shop.skus:
            for stock in sku.warehouses:
                self._reorder_if_low(sku, stock)

    def reorder_low_stock(self, order: NewOrder) -> None:
        """Reorder what an order has brought to its reorder point."""
        for line in order.lines:
            stock = self._run.shop.warehouse_stock(line.sku_id, line.warehouse_id)
            if stock is not None:
                self._reorder_if_low(self._run.shop.sku_by_id[line.sku_id], stock)

    def _reorder_if_low(self, sku: Sku, stock: WarehouseStock) -> None:
        if stock.is_ordered or stock.quantity > stock.reorder_point:
            return
        stock.is_ordered = True
        days = self._rng.between(*parameters.LEAD_TIME_DAYS)
        self._run.after(days * DAY, partial(self._receive, sku, stock))

    def _receive(self, sku: Sku, stock: WarehouseStock) -> None:
        stock.is_ordered = False
        first = max(parameters.LEAST_LOT, LOT_PER_REORDER_POINT * stock.reorder_point)
        stock.lot = (stock.lot or first) * (LOT_GROWTH if stock.lot and not stock.quantity else 1)
        stock.quantity += stock.lot
        self._run.write(
            Receipt(
                sku_id=sku.sku_id,
                warehouse_id=stock.warehouse_id,
                supplier_id=sku.supplier_id,
                quantity=stock.lot,
                currency=sku.currency,
                unit_cost=sku.cost,
                at=self._run.now,
            )
        )
        self._reorder_if_low(sku, stock)
