"""What becomes of an order: confirmed, paid or not, packed, shipped, delivered or lost.

Waiting times are hours of life; the stage divides them by its speed-up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import partial
from math import inf

from simulator import parameters
from simulator.live.decisions.aftermath import Aftermath
from simulator.live.decisions.checkout import Conduct, put_back
from simulator.live.decisions.paying import Paying
from simulator.live.decisions.records import (
    Cancellation,
    Delivery,
    Dispatch,
    LostParcel,
    NewOrder,
    Parcel,
    Refund,
    Step,
)
from simulator.live.decisions.shop import rounded
from simulator.live.decisions.stage import Stage
from simulator.live.decisions.supply import Supply
from simulator.live.decisions.transit import transit_hours
from simulator.randomness import Choice

SETTLED_CHANNELS = frozenset({"lazada", "tiki"})
"""Marketplaces that take the money and ship; we see neither payments nor parcels."""
PARCEL_COST_RATE = Decimal("0.8")
"""What a parcel costs us, relative to the fee that buyers in its country pay."""
HOURS_PER_DAY = 24
_CARRIERS = tuple(parameters.CARRIER_WEIGHTS)
_CARRIER_CHOICE = Choice(list(parameters.CARRIER_WEIGHTS.values()))


@dataclass(slots=True)
class Life:
    """An order on its way."""

    order: NewOrder
    conduct: Conduct = field(default_factory=Conduct)
    attempts: int = 0
    packs_unreported: bool = False
    has_ended: bool = False
    """Cancelled, or moved on by somebody else."""

    @property
    def is_settled_elsewhere(self) -> bool:
        """Whether a marketplace takes the money and ships."""
        return self.order.channel in SETTLED_CHANNELS


Next = Callable[[Life], None]


class Fulfilment:
    """All orders that are not done."""

    def __init__(self, stage: Stage, supply: Supply, aftermath: Aftermath) -> None:
        self._stage, self._aftermath, self.supply = stage, aftermath, supply
        self._dice = stage.dice("fulfilment")
        self._paying = Paying(stage)
        self._lives: dict[int, Life] = {}

    def begin(self, order: NewOrder, conduct: Conduct) -> None:
        """A pending order is confirmed soon."""
        self._follow(Life(order, conduct), "pending")

    def resume(self, order: NewOrder, status: str, attempts: int) -> None:
        """Go on with an order that was on its way before the run began."""
        self._follow(Life(order, attempts=attempts), status)

    def overtaken(self, order_id: int) -> None:
        """Somebody else has moved the order on: leave it to them."""
        life = self._lives.pop(order_id, None)
        if life is not None:
            life.has_ended = True

    def _follow(self, life: Life, status: str) -> None:
        self._lives[life.order.order_id] = life
        packing, pick_up = parameters.HANDLING_HOURS
        hours, action = {
            "pending": (parameters.MINUTES_TO_CONFIRM / 60, self._confirm),
            "confirmed": (parameters.MINUTES_TO_PAY / 60, self._pay),
            "paid": (packing, self._pack),
            "packed": (pick_up, self._ship),
            "shipped": (pick_up, self._deliver),
        }[status]
        self._soon(hours, action, life)

    def _soon(self, mean_hours: float, action: Next, life: Life) -> None:
        self._after(self._stage.hours(mean_hours, self._dice), action, life)

    def _after(self, hours: float, action: Next, life: Life) -> None:
        self._stage.later(hours, partial(_unless_ended, life, action))

    def _step(self, life: Life, status: str, at: datetime | None = None) -> None:
        self._stage.write(Step(life.order.order_id, status, at or self._stage.now))

    def _confirm(self, life: Life) -> None:
        self._step(life, "confirmed")
        if not life.is_settled_elsewhere and self._dice.happens(parameters.NOT_PAID_CANCEL_RATE):
            self._after(parameters.HOURS_TO_PAY, self._cancel_for("not_paid"), life)
        else:
            self._soon(parameters.MINUTES_TO_PAY / 60, self._pay, life)

    def _pay(self, life: Life) -> None:
        if life.is_settled_elsewhere:
            self._step(life, "paid")
        else:
            life.attempts += 1
            if not self._paying.attempt(life.order, life.attempts, life.conduct):
                again = life.attempts < parameters.MOST_PAYMENT_ATTEMPTS and self._dice.happens(
                    parameters.PAYMENT_RETRY_RATE
                )
                follow = self._pay if again else self._cancel_for("payment_failed")
                self._soon(parameters.MINUTES_TO_PAY / 60, follow, life)
                return
        if self._dice.happens(parameters.CANCEL_AFTER_PAYMENT_RATE):
            self._soon(parameters.HANDLING_HOURS[0] / 2, self._cancel_for("changed_mind"), life)
        else:
            self._soon(parameters.HANDLING_HOURS[0], self._pack, life)

    def _pack(self, life: Life) -> None:
        if self._dice.happens(parameters.OUT_OF_ORDER_RATE):
            life.packs_unreported = True
        else:
            self._step(life, "packed")
        self._soon(parameters.HANDLING_HOURS[1], self._ship, life)

    def _ship(self, life: Life) -> None:
        picked_up = self._stage.now
        hours = max(
            transit_hours(
                self._stage.shop.warehouse_cities.get(line.warehouse_id or 0),
                life.order.destination,
                self._dice,
            )
            for line in life.order.lines
        )
        is_lost = self._dice.happens(parameters.LOST_PARCEL_RATE)
        hours = parameters.LOST_AFTER_DAYS * HOURS_PER_DAY if is_lost else hours
        self._report(partial(self._write_dispatch, life, picked_up), life, within=hours)
        if is_lost:
            self._after(hours, self._lose, life)
        else:
            self._after(hours, self._deliver, life)

    def _write_dispatch(self, life: Life, picked_up: datetime, _: Life) -> None:
        order = life.order
        if life.packs_unreported:
            late = self._stage.sped_up(parameters.LATE_REPORT_HOURS_MEAN)
            self._step(life, "packed", picked_up + late)
        if life.is_settled_elsewhere:
            self._step(life, "shipped", picked_up)
            return
        warehouses = sorted({line.warehouse_id or 0 for line in order.lines})
        parcels = tuple(self._parcel(order, warehouse_id or None) for warehouse_id in warehouses)
        self._stage.write(Dispatch(order.order_id, order.currency, parcels, picked_up))

    def _parcel(self, order: NewOrder, warehouse_id: int | None) -> Parcel:
        shipment_id = self._stage.new_id("shipments")
        country = parameters.COUNTRIES.get(order.destination.country)
        fee = (
            Decimal(str(country.shipping_fee))
            if country and country.currency == order.currency
            else Decimal(0)
        )
        return Parcel(
            shipment_id=shipment_id,
            warehouse_id=warehouse_id,
            tracking_no=f"TW{shipment_id:010d}{order.destination.country}",
            carrier=_CARRIERS[self._dice.choose(_CARRIER_CHOICE)],
            cost_amount=rounded(fee * PARCEL_COST_RATE, order.currency),
            estimated_delivery_at=order.estimated_delivery_at,
        )

    def _deliver(self, life: Life) -> None:
        arrived = self._stage.now
        self._report(partial(self._write_delivery, life, arrived), life)

    def _write_delivery(self, life: Life, arrived: datetime, _: Life) -> None:
        order, rates = life.order, self._stage.shop.rates
        value = order.total_amount * rates.get(order.currency, Decimal(0))
        points = 0 if order.is_test else int(value * parameters.LOYALTY_POINTS_PER_USD)
        self._stage.write(Delivery(order.order_id, order.customer_id, points, arrived))
        self._lives.pop(order.order_id, None)
        self._aftermath.begin(order, arrived, life.conduct, has_payment=not life.is_settled_elsewhere)

    def _report(self, write: Next, life: Life, within: float = inf) -> None:
        """The carrier's word comes at once, or hours later: `within` what comes next, and before it."""
        if self._dice.happens(parameters.LATE_REPORT_RATE):
            hours = self._stage.hours(parameters.LATE_REPORT_HOURS_MEAN, self._dice)
            self._after(min(hours, within), write, life)
        else:
            write(life)

    def _cancel_for(self, reason: str) -> Next:
        return partial(self._cancel, reason)

    def _cancel(self, reason: str, life: Life) -> None:
        order = life.order
        put_back(self._stage.shop, order)
        self._stage.write(Cancellation(order.order_id, order.currency, reason, order.lines, self._stage.now))
        self._lives.pop(order.order_id, None)

    def _lose(self, life: Life) -> None:
        """The parcel is given up; a marketplace gives money that it took back itself."""
        order, now = life.order, self._stage.now
        self._lives.pop(order.order_id, None)
        if life.is_settled_elsewhere:
            self._stage.write(Cancellation(order.order_id, order.currency, parameters.LOST_REASON, (), now))
            return
        return_id, pieces = self._stage.new_id("order_returns"), sum(line.quantity for line in order.lines)
        self._stage.write(
            LostParcel(order.order_id, return_id, order.currency, pieces, order.total_amount, now)
        )
        hours = parameters.LOST_REFUND_DAYS * HOURS_PER_DAY
        self._stage.later(hours, partial(self._refund, order.order_id, return_id))

    def _refund(self, order_id: int, return_id: int) -> None:
        self._stage.write(Refund(order_id, return_id, self._stage.now))


def _unless_ended(life: Life, action: Next) -> None:
    if not life.has_ended:
        action(life)
