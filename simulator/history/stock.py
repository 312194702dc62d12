"""Stock over time: supplier lots arrive, paid orders take from the oldest lots, low stock is reordered.

This is the one part that is not computed in columns, since what an order finds depends on all orders before
it: one loop over plain integers.
"""

from __future__ import annotations

import heapq
from array import array
from collections import deque
from dataclasses import dataclass, field

import numpy as np

from simulator import columns, parameters
from simulator.history.delivery import Delivery
from simulator.history.order_lines import OrderLines
from simulator.history.orders import Orders
from simulator.history.payments import Payments
from simulator.history.returns import DECISION_SECONDS, Returns
from simulator.plan import DAY, Plan
from simulator.randomness import Ints, ScalarStream, Stream, per_million
from simulator.rules.delivery import choose_warehouses, warehouses_by_distance
from simulator.world.catalogue import Catalogue
from simulator.world.partners import Suppliers

MOVEMENTS = ("receipt", "return", "sale", "write_off")
RECEIPT, RETURN, SALE, WRITE_OFF = range(len(MOVEMENTS))
LOCATIONS_PER_SKU = len(parameters.WAREHOUSES)
_NO_ITEM = 0


@dataclass
class Ledger:
    """Columns of movements; `location` is SKU x warehouses + warehouse, `lot` the row that opened it."""

    location: array[int] = field(default_factory=lambda: array("q"))
    lot: array[int] = field(default_factory=lambda: array("q"))
    movement: array[int] = field(default_factory=lambda: array("q"))
    change: array[int] = field(default_factory=lambda: array("q"))
    cost_percent: array[int] = field(default_factory=lambda: array("q"))
    """Cost of a piece of the lot, in percent of the SKU's cost."""
    item: array[int] = field(default_factory=lambda: array("q"))
    """order_item_id; 0 for none."""
    moment: array[int] = field(default_factory=lambda: array("q"))

    def add(
        self, location: int, lot: int, movement: int, change: int, cost: int, item: int, moment: int
    ) -> int:
        """Add a row; its position."""
        row = len(self.location)
        self.location.append(location)
        self.lot.append(row if lot < 0 else lot)
        self.movement.append(movement)
        self.change.append(change)
        self.cost_percent.append(cost)
        self.item.append(item)
        self.moment.append(moment)
        return row


@dataclass(frozen=True)
class StockLevels:
    """Reorder point, size of a reorder and safety stock, per stock location."""

    reorder_point: Ints
    lot_size: Ints
    safety: Ints


@dataclass(frozen=True)
class StockAllocation:
    """Which warehouse serves each order, and the stock ledger."""

    warehouse: Ints
    """Slowest warehouse that an order ships from, -1 if it is not paid or not in stock."""
    line_warehouse: Ints
    """Warehouse each line ships from, -1 likewise."""
    ledger: Ledger
    levels: StockLevels


def stock_levels(plan: Plan, catalogue: Catalogue, pieces: int) -> StockLevels:
    """Levels from each SKU's share of the pieces sold and each warehouse's share of the stock."""
    share = np.array([warehouse.stock_weight for warehouse in parameters.WAREHOUSES], dtype=np.int64)
    demand = catalogue.weight[:, None] * share[None, :]
    total = int(demand.sum())
    per_day = (demand * (pieces * 1_000 // plan.days) // total * 1_000).reshape(-1) // 1_000
    lead = (parameters.LEAD_TIME_DAYS[0] + parameters.LEAD_TIME_DAYS[1]) // 2
    safety = 1 + per_day * parameters.SAFETY_STOCK_DAYS // 1_000
    return StockLevels(
        reorder_point=safety + per_day * lead // 1_000,
        lot_size=np.maximum(parameters.LEAST_LOT, per_day * parameters.STOCK_COVER_DAYS // 1_000),
        safety=safety,
    )


def allocate_stock(
    plan: Plan, orders: Orders, order_lines: OrderLines, catalogue: Catalogue, suppliers: Suppliers,
    payments: Payments, delivery: Delivery, returns: Returns, cancelled: Ints,
) -> StockAllocation:  # fmt: skip
    """Serve all paid orders by time of payment; `cancelled` is when the buyer cancels, -1 if never."""
    levels = stock_levels(plan, catalogue, int(order_lines.quantity.sum()))
    stock = _Stock(plan, catalogue, suppliers, levels)
    stock.open(Stream(plan.seed, "opening-stock"))
    warehouse = np.full(orders.count, columns.NULL)
    line_warehouse = np.full(len(order_lines.order), columns.NULL)
    paid = np.flatnonzero((payments.paid >= 0) & (payments.paid < plan.end))
    sequence = paid[np.argsort(payments.paid[paid], kind="stable")]
    sku, quantity = order_lines.sku.tolist(), order_lines.quantity.tolist()
    first = [*order_lines.first.tolist(), len(sku)]
    by_distance = [warehouses_by_distance(zone) for zone in range(len(parameters.ZONES))]
    possible_returns = _possible_returns(returns)

    def has_stock(line: int, at: int) -> bool:
        return bool(stock.quantity[sku[line] * LOCATIONS_PER_SKU + at] >= quantity[line])

    for order, moment, zone, cancel in zip(
        sequence.tolist(),
        payments.paid[sequence].tolist(),
        delivery.zone[sequence].tolist(),
        cancelled[sequence].tolist(),
        strict=True,
    ):
        stock.process_due(moment)
        lines = range(first[order], first[order + 1])
        chosen = choose_warehouses(lines, by_distance[zone], has_stock)
        if chosen is None:
            continue
        slowest = max(chosen, key=by_distance[zone].index)
        warehouse[order], line_warehouse[lines.start : lines.stop] = slowest, chosen
        locations = [sku[line] * LOCATIONS_PER_SKU + at for line, at in zip(lines, chosen, strict=True)]
        for line, location in zip(lines, locations, strict=True):
            stock.take(location, quantity[line], line + 1, moment)
        if cancel >= 0:
            for line, location in zip(lines, locations, strict=True):
                stock.schedule(cancel, RETURN, location, quantity[line], line + 1, True)
            continue
        arrives, promised = int(delivery.arrives[order, slowest]), int(delivery.promised[order, slowest])
        for line, location in zip(lines, locations, strict=True):
            planned = possible_returns.get(line)
            if planned and not delivery.is_lost[order] and (planned[0] or arrives > promised):
                due = arrives + planned[1]
                stock.schedule(due, RETURN, location, quantity[line], line + 1, planned[2])
    stock.process_due(plan.end - 1)
    return StockAllocation(warehouse, line_warehouse, stock.ledger, levels)


def _possible_returns(returns: Returns) -> dict[int, tuple[bool, int, bool]]:
    """Per line that may be returned: whether also if on time, seconds until receipt, whether resellable."""
    lines = np.flatnonzero(returns.if_late & ~returns.is_rejected)
    seconds = returns.to_request[lines] + DECISION_SECONDS + returns.to_receive[lines]
    rows = zip(
        returns.if_on_time[lines].tolist(),
        seconds.tolist(),
        returns.is_resellable[lines].tolist(),
        strict=True,
    )
    return dict(zip(lines.tolist(), rows, strict=True))


class _Stock:
    """Current stock, lots as queues, and scheduled arrivals."""

    def __init__(self, plan: Plan, catalogue: Catalogue, suppliers: Suppliers, levels: StockLevels) -> None:
        locations = catalogue.count * LOCATIONS_PER_SKU
        self.ledger = Ledger()
        self.quantity = [0] * locations
        self._end = plan.end
        self._start = plan.start
        self._lots: list[deque[list[int]]] = [deque() for _ in range(locations)]
        self._is_reordered = [False] * locations
        self._scheduled: list[tuple[int, int, int, int, int, int, bool]] = []
        self._sequence = 0
        self._dice = ScalarStream(plan.seed, "stock")
        self._lead = np.repeat(
            suppliers.lead_days[catalogue.product_supplier[catalogue.product]], LOCATIONS_PER_SKU
        ).tolist()
        self._reorder_point = levels.reorder_point.tolist()
        self._lot_size = levels.lot_size.tolist()
        self._damaged = per_million(parameters.DAMAGED_LOT_RATE)

    def open(self, stream: Stream) -> None:
        """A first lot in every location, received in the weeks before the history."""
        count = len(self.quantity)
        when = (self._start - DAY - stream.split("when").below(20 * DAY, count)).tolist()
        spread = stream.split("size").between(60, 140, count).tolist()
        for location in sorted(range(count), key=when.__getitem__):
            size = max(
                1, (self._reorder_point[location] + self._lot_size[location]) * spread[location] // 100
            )
            self._receive_lot(location, size, when[location])

    def process_due(self, moment: int) -> None:
        """Book all arrivals due by a moment."""
        coming = self._scheduled
        while coming and coming[0][0] <= moment:
            due, _, movement, location, pieces, item, resellable = heapq.heappop(coming)
            if movement == RECEIPT:
                self._is_reordered[location] = False
                self._receive_lot(location, pieces, due)
            else:
                self._receive_return(location, pieces, item, resellable, due)

    def take(self, location: int, pieces: int, item: int, moment: int) -> None:
        """Take pieces from the oldest lots; reorder when the reorder point is reached."""
        self.quantity[location] -= pieces
        lots = self._lots[location]
        while pieces:
            lot = lots[0]
            taken = min(lot[1], pieces)
            self.ledger.add(location, lot[0], SALE, -taken, lot[2], item, moment)
            pieces -= taken
            lot[1] -= taken
            if not lot[1]:
                lots.popleft()
        if self.quantity[location] <= self._reorder_point[location] and not self._is_reordered[location]:
            self._is_reordered[location] = True
            due = moment + self._lead[location] * DAY + self._dice.below(DAY)
            self.schedule(due, RECEIPT, location, self._lot_size[location], _NO_ITEM, True)

    def schedule(
        self, due: int, movement: int, location: int, pieces: int, item: int, resellable: bool
    ) -> None:
        """Schedule an arrival; those after the end of the plan are dropped."""
        if due < self._end:
            self._sequence += 1
            heapq.heappush(
                self._scheduled, (due, self._sequence, movement, location, pieces, item, resellable)
            )

    def _receive_lot(self, location: int, pieces: int, moment: int) -> None:
        cost = self._dice.between(94, 106)
        lot = self.ledger.add(location, -1, RECEIPT, pieces, cost, _NO_ITEM, moment)
        if pieces > 1 and self._dice.below(1_000_000) < self._damaged:
            self.ledger.add(location, lot, WRITE_OFF, -1, cost, _NO_ITEM, moment)
            pieces -= 1
        self._lots[location].append([lot, pieces, cost])
        self.quantity[location] += pieces

    def _receive_return(self, location: int, pieces: int, item: int, resellable: bool, moment: int) -> None:
        lot = self.ledger.add(location, -1, RETURN, pieces, 100, item, moment)
        if resellable:
            self._lots[location].append([lot, pieces, 100])
            self.quantity[location] += pieces
        else:
            self.ledger.add(location, lot, WRITE_OFF, -pieces, 100, item, moment)
