"""How long things take: packing, pick-up and transit, by warehouse and destination, and what was promised."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator import parameters
from simulator.history.orders import Orders
from simulator.history.payments import Payments
from simulator.plan import DAY, Plan
from simulator.randomness import Bools, Ints, Quantiles, Stream
from simulator.world.places import CITY_ZONE

_HOUR = 3_600
_MILD = Quantiles(parameters.MILD_QUANTILES_PER_MILLE)
_TRANSIT = Quantiles(parameters.TRANSIT_QUANTILES_PER_MILLE)
_ALLOWED_HOURS = sum(parameters.HANDLING_HOURS) + 2
"""For handling and paying, in the promise."""


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


def plan_delivery(plan: Plan, orders: Orders, payments: Payments) -> Delivery:
    """Times of all orders, from every warehouse."""
    stream, count = Stream(plan.seed, "delivery"), orders.count
    zone = CITY_ZONE[orders.city]
    to_pack, to_ship = (hours * _HOUR for hours in parameters.HANDLING_HOURS)
    packed = payments.paid + 600 + stream.split("pack").draw(_MILD, count) * to_pack // 1_000
    shipped = packed + 600 + stream.split("ship").draw(_MILD, count) * to_ship // 1_000
    mean = np.array(parameters.TRANSIT_HOURS, dtype=np.int64)[:, zone].T * _HOUR
    transit = mean * stream.split("transit").draw(_TRANSIT, count)[:, None] // 1_000
    promise = mean * round(parameters.PROMISED_TRANSIT_RATE * 100) // 100 + _ALLOWED_HOURS * _HOUR
    return Delivery(
        zone=zone,
        packed=packed,
        shipped=shipped,
        arrives=shipped[:, None] + transit,
        promised=orders.moment[:, None] + promise,
        is_lost=stream.split("lost").happens(parameters.LOST_PARCEL_RATE, count),
    )


def lateness(delay: Ints) -> Ints:
    """Position in RATING_WEIGHTS_BY_DELAY: on time, a little late, very late."""
    little, very = (days * DAY for days in parameters.DELAY_LIMITS_DAYS)
    return (delay > little).astype(np.int64) + (delay > very)
