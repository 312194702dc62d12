"""What lies where: lots come in, orders take from the oldest, low stock is replenished, some find none.

This walk is the one part that cannot be done in columns: what an order finds depends on all before it. It is
one tight loop over plain numbers.
"""

from __future__ import annotations

import heapq
from array import array
from collections import deque
from dataclasses import dataclass, field

import numpy as np

from simulator import columns, parameters
from simulator.history.baskets import Baskets
from simulator.history.delivery import Delivery
from simulator.history.orders import Orders
from simulator.history.payments import Paying
from simulator.history.returns import Returns
from simulator.plan import DAY, Plan
from simulator.randomness import Dice, Ints, Stream, per_million
from simulator.world.catalogue import Catalogue
from simulator.world.partners import Suppliers, warehouses_by_nearness

MOVEMENTS = ("receipt", "return", "sale", "write_off")
RECEIPT, RETURN, SALE, WRITE_OFF = range(len(MOVEMENTS))
PLACES = len(parameters.WAREHOUSES)
_NO_ITEM = 0


@dataclass
class Ledger:
    """Columns of movements; `place` is SKU x warehouses + warehouse, `lot` the row that opened the lot."""

    place: array[int] = field(default_factory=lambda: array("q"))
    lot: array[int] = field(default_factory=lambda: array("q"))
    movement: array[int] = field(default_factory=lambda: array("q"))
    change: array[int] = field(default_factory=lambda: array("q"))
    cost_percent: array[int] = field(default_factory=lambda: array("q"))
    """What a piece of the lot cost, in percent of the SKU's cost."""
    item: array[int] = field(default_factory=lambda: array("q"))
    """order_item_id; 0 for none."""
    moment: array[int] = field(default_factory=lambda: array("q"))

    def add(self, place: int, lot: int, movement: int, change: int, cost: int, item: int, moment: int) -> int:
        """One row; its position."""
        row = len(self.place)
        self.place.append(place)
        self.lot.append(row if lot < 0 else lot)
        self.movement.append(movement)
        self.change.append(change)
        self.cost_percent.append(cost)
        self.item.append(item)
        self.moment.append(moment)
        return row


@dataclass(frozen=True)
class Levels:
    """Per place: when to reorder, how much, and what is kept against surprises."""

    reorder_point: Ints
    lot_size: Ints
    safety: Ints


@dataclass(frozen=True)
class Stocked:
    """What came of the walk."""

    warehouse: Ints
    """Of each order the warehouse it ships from, -1 where none had everything (or it was not paid)."""
    ledger: Ledger
    levels: Levels


def make_levels(plan: Plan, goods: Catalogue, pieces: int) -> Levels:
    """From each SKU's share of the pieces sold and each warehouse's share of the goods."""
    share = np.array([warehouse.stock_weight for warehouse in parameters.WAREHOUSES], dtype=np.int64)
    demand = goods.weight[:, None] * share[None, :]
    total = int(demand.sum())
    per_day = (demand * (pieces * 1_000 // plan.days) // total * 1_000).reshape(-1) // 1_000
    lead = (parameters.LEAD_TIME_DAYS[0] + parameters.LEAD_TIME_DAYS[1]) // 2
    safety = 1 + per_day * parameters.SAFETY_STOCK_DAYS // 1_000
    return Levels(
        reorder_point=safety + per_day * lead // 1_000,
        lot_size=np.maximum(parameters.LEAST_LOT, per_day * parameters.STOCK_COVER_DAYS // 1_000),
        safety=safety,
    )


def walk(
    plan: Plan, orders: Orders, baskets: Baskets, goods: Catalogue, suppliers: Suppliers,
    paying: Paying, delivery: Delivery, returns: Returns, cancelled: Ints,
) -> Stocked:  # fmt: skip
    """Serve all paid orders. `cancelled` is when a paid order is called off, -1 if it is not."""
    levels = make_levels(plan, goods, int(baskets.quantity.sum()))
    shelves = _Shelves(plan, goods, suppliers, levels)
    shelves.open(Stream(plan.seed, "opening-stock"))
    warehouse = np.full(orders.count, columns.NOTHING)
    paid = np.flatnonzero((paying.paid >= 0) & (paying.paid < plan.end))
    sequence = paid[np.argsort(paying.paid[paid], kind="stable")]
    sku, quantity = baskets.sku.tolist(), baskets.quantity.tolist()
    first = [*baskets.first.tolist(), len(sku)]
    nearness = warehouses_by_nearness()
    back = _coming_back(returns)
    for order, moment, zone, cancel in zip(
        sequence.tolist(),
        paying.paid[sequence].tolist(),
        delivery.zone[sequence].tolist(),
        cancelled[sequence].tolist(),
        strict=True,
    ):
        shelves.settle(moment)
        lines = range(first[order], first[order + 1])
        for at in nearness[zone]:
            if all(shelves.quantity[sku[line] * PLACES + at] >= quantity[line] for line in lines):
                break
        else:
            continue
        warehouse[order] = at
        for line in lines:
            shelves.take(sku[line] * PLACES + at, quantity[line], line + 1, moment)
        if cancel >= 0:
            for line in lines:
                shelves.expect(cancel, RETURN, sku[line] * PLACES + at, quantity[line], line + 1, True)
            continue
        arrives, promised = int(delivery.arrives[order, at]), int(delivery.promised[order, at])
        for line in lines:
            plan_of_line = back.get(line)
            if plan_of_line and not delivery.is_lost[order] and (plan_of_line[0] or arrives > promised):
                back_at, resellable = arrives + plan_of_line[1], plan_of_line[2]
                shelves.expect(back_at, RETURN, sku[line] * PLACES + at, quantity[line], line + 1, resellable)
    shelves.settle(plan.end - 1)
    return Stocked(warehouse, shelves.ledger, levels)


def _coming_back(returns: Returns) -> dict[int, tuple[bool, int, bool]]:
    """Of lines that may come back: even if on time, seconds from delivery to shelf, whether still good."""
    lines = np.flatnonzero(returns.if_late & ~returns.is_rejected)
    seconds = returns.to_request[lines] + returns.to_receive[lines]
    rows = zip(
        returns.if_on_time[lines].tolist(),
        seconds.tolist(),
        returns.is_resellable[lines].tolist(),
        strict=True,
    )
    return dict(zip(lines.tolist(), rows, strict=True))


class _Shelves:
    """Stock as it is now, lots as queues, and what is on its way."""

    def __init__(self, plan: Plan, goods: Catalogue, suppliers: Suppliers, levels: Levels) -> None:
        places = goods.count * PLACES
        self.ledger = Ledger()
        self.quantity = [0] * places
        self._end = plan.end
        self._start = plan.start
        self._lots: list[deque[list[int]]] = [deque() for _ in range(places)]
        self._awaited = [False] * places
        self._coming: list[tuple[int, int, int, int, int, int, bool]] = []
        self._sequence = 0
        self._dice = Dice(plan.seed, "stock")
        self._lead = np.repeat(suppliers.lead_days[goods.product_supplier[goods.product]], PLACES).tolist()
        self._reorder_point = levels.reorder_point.tolist()
        self._lot_size = levels.lot_size.tolist()
        self._damaged = per_million(parameters.DAMAGED_LOT_RATE)

    def open(self, stream: Stream) -> None:
        """A first lot in every place, delivered in the weeks before the history."""
        count = len(self.quantity)
        when = (self._start - DAY - stream.split("when").below(20 * DAY, count)).tolist()
        spread = stream.split("size").between(60, 140, count).tolist()
        for place in sorted(range(count), key=when.__getitem__):
            size = max(1, (self._reorder_point[place] + self._lot_size[place]) * spread[place] // 100)
            self._receive(place, size, when[place])

    def settle(self, moment: int) -> None:
        """Let everything arrive that is due by now."""
        coming = self._coming
        while coming and coming[0][0] <= moment:
            due, _, movement, place, pieces, item, resellable = heapq.heappop(coming)
            if movement == RECEIPT:
                self._awaited[place] = False
                self._receive(place, pieces, due)
            else:
                self._put_back(place, pieces, item, resellable, due)

    def take(self, place: int, pieces: int, item: int, moment: int) -> None:
        """Take from the oldest lots; reorder when little is left."""
        self.quantity[place] -= pieces
        lots = self._lots[place]
        while pieces:
            lot = lots[0]
            taken = min(lot[1], pieces)
            self.ledger.add(place, lot[0], SALE, -taken, lot[2], item, moment)
            pieces -= taken
            lot[1] -= taken
            if not lot[1]:
                lots.popleft()
        if self.quantity[place] <= self._reorder_point[place] and not self._awaited[place]:
            self._awaited[place] = True
            due = moment + self._lead[place] * DAY + self._dice.below(DAY)
            self.expect(due, RECEIPT, place, self._lot_size[place], _NO_ITEM, True)

    def expect(self, due: int, movement: int, place: int, pieces: int, item: int, resellable: bool) -> None:
        """Something is on its way; what comes after the end never does."""
        if due < self._end:
            self._sequence += 1
            heapq.heappush(self._coming, (due, self._sequence, movement, place, pieces, item, resellable))

    def _receive(self, place: int, pieces: int, moment: int) -> None:
        cost = self._dice.between(94, 106)
        lot = self.ledger.add(place, -1, RECEIPT, pieces, cost, _NO_ITEM, moment)
        if pieces > 1 and self._dice.below(1_000_000) < self._damaged:
            self.ledger.add(place, lot, WRITE_OFF, -1, cost, _NO_ITEM, moment)
            pieces -= 1
        self._lots[place].append([lot, pieces, cost])
        self.quantity[place] += pieces

    def _put_back(self, place: int, pieces: int, item: int, resellable: bool, moment: int) -> None:
        lot = self.ledger.add(place, -1, RETURN, pieces, 100, item, moment)
        if resellable:
            self._lots[place].append([lot, pieces, 100])
            self.quantity[place] += pieces
        else:
            self.ledger.add(place, lot, WRITE_OFF, -pieces, 100, item, moment)
