"""The tables of stock: the ledger and what it adds up to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from simulator import columns, parameters
from simulator.history.stock import MOVEMENTS, PLACES, RECEIPT, Ledger, Levels
from simulator.plan import Plan
from simulator.randomness import Ints
from simulator.world.catalogue import Catalogue


@dataclass(frozen=True)
class Stock:
    """What is on hand, and when it last moved: per place, and per SKU."""

    quantity: Ints
    moved: Ints
    sku_quantity: Ints
    sku_moved: Ints


def add_up(ledger: Ledger, goods: Catalogue) -> Stock:
    """Sums of the ledger."""
    place, change, moment = (
        np.array(of, dtype=np.int64) for of in (ledger.place, ledger.change, ledger.moment)
    )
    quantity = np.zeros(goods.count * PLACES, dtype=np.int64)
    moved = np.zeros(goods.count * PLACES, dtype=np.int64)
    np.add.at(quantity, place, change)
    np.maximum.at(moved, place, moment)
    return Stock(
        quantity, moved, quantity.reshape(-1, PLACES).sum(axis=1), moved.reshape(-1, PLACES).max(axis=1)
    )


def inventory(plan: Plan, stock: Stock, levels: Levels) -> pa.Table:
    """The table of stock on hand."""
    place = np.arange(len(stock.quantity))
    return pa.table(
        {
            "sku_id": columns.numbers(place // PLACES + 1),
            "warehouse_id": columns.numbers(place % PLACES + 1),
            "quantity": columns.numbers(stock.quantity),
            "reorder_point": columns.numbers(levels.reorder_point),
            "safety_stock": columns.numbers(levels.safety),
            "created_at": columns.instants(np.minimum(stock.moved, plan.start)),
            "updated_at": columns.instants(stock.moved),
        }
    )


def inventory_log(ledger: Ledger, goods: Catalogue) -> pa.Table:
    """The ledger's table."""
    place, lot, movement, change, percent, item, moment = (
        np.array(of, dtype=np.int64)
        for of in (
            ledger.place,
            ledger.lot,
            ledger.movement,
            ledger.change,
            ledger.cost_percent,
            ledger.item,
            ledger.moment,
        )
    )
    sku = place // PLACES
    supplier = goods.product_supplier[goods.product[sku]] + 1
    at = columns.instants(moment)
    return pa.table(
        {
            "log_id": columns.numbers(np.arange(len(place)) + 1),
            "sku_id": columns.numbers(sku + 1),
            "warehouse_id": columns.numbers(place % PLACES + 1),
            "lot_id": columns.numbers(lot + 1),
            "movement_type": columns.words(movement, MOVEMENTS),
            "quantity_change": columns.signed(change),
            "currency": columns.same(parameters.CATALOGUE_CURRENCY, len(place)),
            "unit_cost": columns.amounts(goods.cost[sku] * percent // 100),
            "supplier_id": columns.numbers(np.where(movement == RECEIPT, supplier, -1)),
            "order_item_id": columns.numbers(np.where(item > 0, item, -1)),
            "moved_at": at,
            "created_at": at,
        }
    )
