"""The table `shipments`."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from simulator import columns, parameters
from simulator.history.amounts import order_terms
from simulator.history.generate import History
from simulator.history.order_steps import DELIVERED, LOST, PACKED, RETURNED, SHIPPED
from simulator.randomness import Choice, Ints, Stream
from simulator.rules import shipping
from simulator.world.rates import CURRENCIES

STATUSES = ("pending", "picked_up", "in_transit", "delivered", "failed", "returned")
_CARRIERS = tuple(parameters.CARRIER_WEIGHTS)
_IN_TRANSIT_AFTER = 3 * 3_600


def shipments_table(history: History) -> pa.Table:
    """One parcel per packed order and warehouse, except for orders that a marketplace delivers."""
    plan, orders, steps = history.plan, history.orders, history.order_steps
    stream = Stream(plan.seed, "shipments")
    order, warehouse, number = _parcels(history)
    count = len(order)
    shipped, delivered = steps.at(SHIPPED)[order], steps.at(DELIVERED)[order]
    is_lost = steps.reason[order] == LOST
    is_returned = steps.at(RETURNED)[order] >= 0
    moving = np.where(shipped + _IN_TRANSIT_AFTER < plan.end, 2, 1)
    status = np.select([is_returned, delivered >= 0, is_lost, shipped >= 0], [5, 3, 4, moving], 0)
    terms = order_terms(orders.country[order])
    percent = stream.split("cost").between(*parameters.PARCEL_COST_PERCENT, count)
    packed = np.minimum(steps.at(PACKED)[order], np.where(shipped >= 0, shipped, plan.end))
    updated = np.maximum.reduce([packed, shipped, delivered, steps.at(RETURNED)[order]])
    carrier = stream.choose(Choice(list(parameters.CARRIER_WEIGHTS.values())), count)
    promised = history.delivery.promised_at(history.allocation.warehouse)
    return pa.table(
        {
            "shipment_id": columns.integers(np.arange(count) + 1),
            "order_id": columns.integers(order + 1),
            "warehouse_id": columns.integers(warehouse + 1),
            "tracking_no": columns.numbered("TWX", (order + 1) * 10 + number, 10),
            "carrier": columns.texts(carrier, _CARRIERS),
            "status": columns.texts(status, STATUSES),
            "currency": columns.texts(orders.country[order], CURRENCIES),
            "cost_amount": columns.amounts(shipping.parcel_cost(terms.shipping_fee, percent, terms.unit)),
            "shipped_at": columns.timestamps(shipped),
            "estimated_delivery_at": columns.timestamps(promised[order]),
            "delivered_at": columns.timestamps(delivered),
            "created_at": columns.timestamps(packed),
            "updated_at": columns.timestamps(updated),
        }
    )


def _parcels(history: History) -> tuple[Ints, Ints, Ints]:
    """Order, warehouse and number within the order of each parcel."""
    is_ours = (history.order_steps.at(PACKED) >= 0) & ~history.orders.is_settled_elsewhere
    line_order = history.order_lines.order
    shipped_lines = np.flatnonzero(is_ours[line_order] & (history.allocation.line_warehouse >= 0))
    warehouses = len(parameters.WAREHOUSES)
    key = line_order[shipped_lines] * warehouses + history.allocation.line_warehouse[shipped_lines]
    order, warehouse = np.divmod(np.unique(key), warehouses)
    return order, warehouse, np.arange(len(order)) - np.searchsorted(order, order, side="left")
