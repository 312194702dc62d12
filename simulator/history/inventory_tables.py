"""The tables `inventory` and `inventory_log`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from simulator import columns, parameters
from simulator.history.stock import LOCATIONS_PER_SKU, MOVEMENTS, RECEIPT, Ledger, StockLevels
from simulator.plan import Plan
from simulator.randomness import Ints
from simulator.world.catalogue import Catalogue


@dataclass(frozen=True)
class StockOnHand:
    """Pieces on hand and time of the last movement, per stock location and per SKU."""

    quantity: Ints
    moved: Ints
    sku_quantity: Ints
    sku_moved: Ints


def sum_ledger(ledger: Ledger, catalogue: Catalogue) -> StockOnHand:
    """Sum the ledger."""
    location, change, moment = (
        np.array(of, dtype=np.int64) for of in (ledger.location, ledger.change, ledger.moment)
    )
    quantity = np.zeros(catalogue.count * LOCATIONS_PER_SKU, dtype=np.int64)
    moved = np.zeros(catalogue.count * LOCATIONS_PER_SKU, dtype=np.int64)
    np.add.at(quantity, location, change)
    np.maximum.at(moved, location, moment)
    return StockOnHand(
        quantity,
        moved,
        quantity.reshape(-1, LOCATIONS_PER_SKU).sum(axis=1),
        moved.reshape(-1, LOCATIONS_PER_SKU).max(axis=1),
    )


def inventory(plan: Plan, stock: StockOnHand, levels: StockLevels) -> pa.Table:
    """The table `inventory`."""
    location = np.arange(len(stock.quantity))
    return pa.table(
        {
            "sku_id": columns.integers(location // LOCATIONS_PER_SKU + 1),
            "warehouse_id": columns.integers(location % LOCATIONS_PER_SKU + 1),
            "quantity": columns.integers(stock.quantity),
            "reorder_point": columns.integers(levels.reorder_point),
            "safety_stock": columns.integers(levels.safety),
            "created_at": columns.timestamps(np.minimum(stock.moved, plan.start)),
            "updated_at": columns.timestamps(stock.moved),
        }
    )


def inventory_log(ledger: Ledger, catalogue: Catalogue) -> pa.Table:
    """The table `inventory_log`."""
    location, lot, movement, change, percent, item, moment = (
        np.array(of, dtype=np.int64)
        for of in (
            ledger.location,
            ledger.lot,
            ledger.movement,
            ledger.change,
            ledger.cost_percent,
            ledger.item,
            ledger.moment,
        )
    )
    sku = location // LOCATIONS_PER_SKU
    supplier = catalogue.product_supplier[catalogue.product[sku]] + 1
    at = columns.timestamps(moment)
    return pa.table(
        {
            "log_id": columns.integers(np.arange(len(location)) + 1),
            "sku_id": columns.integers(sku + 1),
            "warehouse_id": columns.integers(location % LOCATIONS_PER_SKU + 1),
            "lot_id": columns.integers(lot + 1),
            "movement_type": columns.texts(movement, MOVEMENTS),
            "quantity_change": columns.signed_integers(change),
            "currency": columns.constant(parameters.CATALOGUE_CURRENCY, len(location)),
            "unit_cost": columns.amounts(catalogue.cost[sku] * percent // 100),
            "supplier_id": columns.integers(np.where(movement == RECEIPT, supplier, -1)),
            "order_item_id": columns.integers(np.where(item > 0, item, -1)),
            "moved_at": at,
            "created_at": at,
        }
    )
