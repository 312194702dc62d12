"""The table `shipments`."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from simulator import columns, parameters
from simulator.history.delivery import Delivery
from simulator.history.order_steps import DELIVERED, LOST, PACKED, RETURNED, SHIPPED, OrderSteps
from simulator.history.orders import Orders
from simulator.plan import Plan
from simulator.randomness import Choice, Ints, Stream
from simulator.world.rates import CURRENCIES

STATUSES = ("pending", "picked_up", "in_transit", "delivered", "failed", "returned")
_CARRIERS = tuple(parameters.CARRIER_WEIGHTS)
_IN_TRANSIT_AFTER = 3 * 3_600


def shipments_table(
    plan: Plan, orders: Orders, steps: OrderSteps, delivery: Delivery, warehouse: Ints
) -> pa.Table:
    """One parcel per packed order, except those that a marketplace delivers."""
    stream = Stream(plan.seed, "shipments")
    order = np.flatnonzero((steps.at(PACKED) >= 0) & ~orders.is_settled_elsewhere)
    count, origin = len(order), warehouse[order]
    shipped, delivered = steps.at(SHIPPED)[order], steps.at(DELIVERED)[order]
    is_lost = steps.reason[order] == LOST
    is_returned = steps.at(RETURNED)[order] >= 0
    moving = np.where(shipped + _IN_TRANSIT_AFTER < plan.end, 2, 1)
    status = np.select([is_returned, delivered >= 0, is_lost, shipped >= 0], [5, 3, 4, moving], 0)
    fee = np.array([round(country.shipping_fee * 100) for country in parameters.COUNTRIES.values()])
    cost = fee[orders.country[order]] * stream.split("cost").between(60, 110, count) // 10_000 * 100
    packed = np.minimum(steps.at(PACKED)[order], np.where(shipped >= 0, shipped, plan.end))
    updated = np.maximum.reduce([packed, shipped, delivered, steps.at(RETURNED)[order]])
    carrier = stream.choose(Choice(list(parameters.CARRIER_WEIGHTS.values())), count)
    return pa.table(
        {
            "shipment_id": columns.integers(np.arange(count) + 1),
            "order_id": columns.integers(order + 1),
            "warehouse_id": columns.integers(origin + 1),
            "tracking_no": columns.numbered("TWX", order + 1, 9),
            "carrier": columns.texts(carrier, _CARRIERS),
            "status": columns.texts(status, STATUSES),
            "currency": columns.texts(orders.country[order], CURRENCIES),
            "cost_amount": columns.amounts(cost),
            "shipped_at": columns.timestamps(shipped),
            "estimated_delivery_at": columns.timestamps(delivery.promised[order, origin]),
            "delivered_at": columns.timestamps(delivered),
            "created_at": columns.timestamps(packed),
            "updated_at": columns.timestamps(updated),
        }
    )
