"""Delivery times of all orders, from every warehouse, and what was promised."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator import parameters
from simulator.history.orders import Orders
from simulator.history.payments import Payments
from simulator.plan import Plan
from simulator.randomness import Bools, Ints, Stream
from simulator.rules import delivery as rules
from simulator.rules.waiting import PACKING, PICK_UP, SPREAD
from simulator.world.places import CITY_ZONE


@dataclass(frozen=True)
class Delivery:
    """Times per order, for an order that is paid; a column per warehouse where it matters."""

    zone: Ints
    packed: Ints
    shipped: Ints
    arrives: Ints
    """Rows are orders, columns warehouses."""
    promised: Ints
    """Rows are orders, columns warehouses."""
    is_lost: Bools

    def delay(self, warehouses: Ints) -> Ints:
        """Seconds after the promise (negative: before it), for the warehouse of each order."""
        rows = np.arange(len(self.zone))
        return self.arrives[rows, warehouses] - self.promised[rows, warehouses]

    def promised_at(self, warehouses: Ints) -> Ints:
        """The time promised to the buyer; from the nearest warehouse where none is allocated (-1)."""
        nearest = np.array([rules.warehouses_by_distance(zone)[0] for zone in range(len(parameters.ZONES))])
        warehouse = np.where(warehouses >= 0, warehouses, nearest[self.zone])
        return self.promised[np.arange(len(self.zone)), warehouse]


def plan_delivery(plan: Plan, orders: Orders, payments: Payments) -> Delivery:
    """The times of all orders, from every warehouse."""
    stream, count = Stream(plan.seed, "delivery"), orders.count
    zone = CITY_ZONE[orders.city]
    packed = payments.paid + PACKING.seconds(stream.split("pack").draw(SPREAD, count))
    shipped = packed + PICK_UP.seconds(stream.split("ship").draw(SPREAD, count))
    mean = np.array(parameters.TRANSIT_HOURS, dtype=np.int64)[:, zone].T * rules.HOUR
    transit = rules.transit_seconds(mean, stream.split("transit").draw(rules.TRANSIT, count)[:, None])
    return Delivery(
        zone=zone,
        packed=packed,
        shipped=shipped,
        arrives=shipped[:, None] + transit,
        promised=orders.moment[:, None] + rules.promised_seconds(mean),
        is_lost=stream.split("lost").happens(parameters.LOST_PARCEL_RATE, count),
    )
