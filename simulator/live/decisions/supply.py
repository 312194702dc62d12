"""Supply: what runs low is ordered from the supplier and arrives after the lead time."""

from __future__ import annotations

from functools import partial

from simulator import parameters
from simulator.live.decisions.records import NewOrder, Receipt
from simulator.live.decisions.shop import Place, Sku
from simulator.live.decisions.stage import Stage

HOURS_PER_DAY = 24
LOT_PER_REORDER_POINT = 3
"""A first delivery is this many times the reorder point, but no smaller than the parameters' least lot."""
LOT_GROWTH = 2
"""Where everything was sold before a delivery came, the next is this many times as large."""


class Supply:
    """Everything that is on its way from suppliers."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._dice = stage.dice("supply")

    def begin(self) -> None:
        """What is low from the beginning has been ordered some time ago."""
        for sku in self._stage.shop.skus:
            for place in sku.places:
                self._reorder_if_low(sku, place)

    def look_at(self, order: NewOrder) -> None:
        """Reorder what an order has made scarce."""
        for line in order.lines:
            place = self._stage.shop.place(line.sku_id, line.warehouse_id)
            if place is not None:
                self._reorder_if_low(self._stage.shop.sku_by_id[line.sku_id], place)

    def _reorder_if_low(self, sku: Sku, place: Place) -> None:
        if place.is_ordered or place.quantity > place.reorder_point:
            return
        place.is_ordered = True
        days = self._dice.between(*parameters.LEAD_TIME_DAYS)
        self._stage.later(days * HOURS_PER_DAY, partial(self._receive, sku, place))

    def _receive(self, sku: Sku, place: Place) -> None:
        place.is_ordered = False
        first = max(parameters.LEAST_LOT, LOT_PER_REORDER_POINT * place.reorder_point)
        place.lot = (place.lot or first) * (LOT_GROWTH if place.lot and not place.quantity else 1)
        place.quantity += place.lot
        self._stage.write(
            Receipt(
                sku_id=sku.sku_id,
                warehouse_id=place.warehouse_id,
                supplier_id=sku.supplier_id,
                quantity=place.lot,
                currency=sku.currency,
                unit_cost=sku.cost,
                at=self._stage.now,
            )
        )
        self._reorder_if_low(sku, place)
