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
from simulator.live.decisions.after_delivery import AfterDelivery
from simulator.live.decisions.checkout import FraudBehaviour, release_reservation
from simulator.live.decisions.context import RunContext
from simulator.live.decisions.payments import PaymentAttempts
from simulator.live.decisions.records import (
    Cancellation,
    Delivery,
    Dispatch,
    LostParcel,
    NewOrder,
    Parcel,
    Refund,
    StatusChange,
)
from simulator.live.decisions.replenishment import Replenishment
from simulator.live.decisions.shop import rounded
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
class OrderInProgress:
    """An order on its way."""

    order: NewOrder
    behaviour: FraudBehaviour = field(default_factory=FraudBehaviour)
    attempts: int = 0
    is_packing_late: bool = False
    has_ended: bool = False
    """Cancelled, or moved on by somebody else."""

    @property
    def is_settled_elsewhere(self) -> bool:
        """Whether a marketplace takes the money and ships."""
        return self.order.channel in SETTLED_CHANNELS


Next = Callable[[OrderInProgress], None]


class Fulfilment:
    """All orders that are not done."""

    def __init__(self, run: RunContext, replenishment: Replenishment, after_delivery: AfterDelivery) -> None:
        self._run, self._after_delivery, self.replenishment = (
            run,
            after_delivery,
            replenishment,
        )
        self._rng = run.rng("fulfilment")
        self._payments = PaymentAttempts(run)
        self._in_progress: dict[int, OrderInProgress] = {}

    def begin(self, order: NewOrder, behaviour: FraudBehaviour) -> None:
        """A pending order is confirmed soon."""
        self._continue(OrderInProgress(order, behaviour), "pending")

    def resume(self, order: NewOrder, status: str, attempts: int) -> None:
        """Go on with an order that was on its way before the run began."""
        self._continue(OrderInProgress(order, attempts=attempts), status)

    def drop(self, order_id: int) -> None:
        """Somebody else has moved the order on: leave it to them."""
        progress = self._in_progress.pop(order_id, None)
        if progress is not None:
            progress.has_ended = True

    def _continue(self, progress: OrderInProgress, status: str) -> None:
        self._in_progress[progress.order.order_id] = progress
        packing, pick_up = parameters.HANDLING_HOURS
        hours, action = {
            "pending": (parameters.MINUTES_TO_CONFIRM / 60, self._confirm),
            "confirmed": (parameters.MINUTES_TO_PAY / 60, self._pay),
            "paid": (packing, self._pack),
            "packed": (pick_up, self._ship),
            "shipped": (pick_up, self._deliver),
        }[status]
        self._after_mean(hours, action, progress)

    def _after_mean(self, mean_hours: float, action: Next, progress: OrderInProgress) -> None:
        self._after(self._run.draw_hours(mean_hours, self._rng), action, progress)

    def _after(self, hours: float, action: Next, progress: OrderInProgress) -> None:
        self._run.after_hours(hours, partial(_unless_ended, progress, action))

    def _step(self, progress: OrderInProgress, status: str, at: datetime | None = None) -> None:
        self._run.write(StatusChange(progress.order.order_id, status, at or self._run.now))

    def _confirm(self, progress: OrderInProgress) -> None:
        self._step(progress, "confirmed")
        if not progress.is_settled_elsewhere and self._rng.happens(parameters.NOT_PAID_CANCEL_RATE):
            self._after(parameters.HOURS_TO_PAY, self._cancel_for("not_paid"), progress)
        else:
            self._after_mean(parameters.MINUTES_TO_PAY / 60, self._pay, progress)

    def _pay(self, progress: OrderInProgress) -> None:
        if progress.is_settled_elsewhere:
            self._step(progress, "paid")
        else:
            progress.attempts += 1
            if not self._payments.attempt(progress.order, progress.attempts, progress.behaviour):
                again = progress.attempts < parameters.MOST_PAYMENT_ATTEMPTS and self._rng.happens(
                    parameters.PAYMENT_RETRY_RATE
                )
                follow = self._pay if again else self._cancel_for("payment_failed")
                self._after_mean(parameters.MINUTES_TO_PAY / 60, follow, progress)
                return
        if self._rng.happens(parameters.CANCEL_AFTER_PAYMENT_RATE):
            self._after_mean(parameters.HANDLING_HOURS[0] / 2, self._cancel_for("changed_mind"), progress)
        else:
            self._after_mean(parameters.HANDLING_HOURS[0], self._pack, progress)

    def _pack(self, progress: OrderInProgress) -> None:
        if self._rng.happens(parameters.OUT_OF_ORDER_RATE):
            progress.is_packing_late = True
        else:
            self._step(progress, "packed")
        self._after_mean(parameters.HANDLING_HOURS[1], self._ship, progress)

    def _ship(self, progress: OrderInProgress) -> None:
        picked_up = self._run.now
        hours = max(
            transit_hours(
                self._run.shop.warehouse_cities.get(line.warehouse_id or 0),
                progress.order.destination,
                self._rng,
            )
            for line in progress.order.lines
        )
        is_lost = self._rng.happens(parameters.LOST_PARCEL_RATE)
        hours = parameters.LOST_AFTER_DAYS * HOURS_PER_DAY if is_lost else hours
        self._report(partial(self._write_dispatch, progress, picked_up), progress, within=hours)
        if is_lost:
            self._after(hours, self._lose, progress)
        else:
            self._after(hours, self._deliver, progress)

    def _write_dispatch(self, progress: OrderInProgress, picked_up: datetime, _: OrderInProgress) -> None:
        order = progress.order
        if progress.is_packing_late:
            late = self._run.run_time(parameters.LATE_REPORT_HOURS_MEAN)
            self._step(progress, "packed", picked_up + late)
        if progress.is_settled_elsewhere:
            self._step(progress, "shipped", picked_up)
            return
        warehouses = sorted({line.warehouse_id or 0 for line in order.lines})
        parcels = tuple(self._parcel(order, warehouse_id or None) for warehouse_id in warehouses)
        self._run.write(Dispatch(order.order_id, order.currency, parcels, picked_up))

    def _parcel(self, order: NewOrder, warehouse_id: int | None) -> Parcel:
        shipment_id = self._run.new_id("shipments")
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
            carrier=_CARRIERS[self._rng.choose(_CARRIER_CHOICE)],
            cost_amount=rounded(fee * PARCEL_COST_RATE, order.currency),
            estimated_delivery_at=order.estimated_delivery_at,
        )

    def _deliver(self, progress: OrderInProgress) -> None:
        arrived = self._run.now
        self._report(partial(self._write_delivery, progress, arrived), progress)

    def _write_delivery(self, progress: OrderInProgress, arrived: datetime, _: OrderInProgress) -> None:
        order, rates = progress.order, self._run.shop.rates
        value = order.total_amount * rates.get(order.currency, Decimal(0))
        points = 0 if order.is_test else int(value * parameters.LOYALTY_POINTS_PER_USD)
        self._run.write(Delivery(order.order_id, order.customer_id, points, arrived))
        self._in_progress.pop(order.order_id, None)
        self._after_delivery.begin(
            order, arrived, progress.behaviour, has_payment=not progress.is_settled_elsewhere
        )

    def _report(self, write: Next, progress: OrderInProgress, within: float = inf) -> None:
        """The carrier's word comes at once, or hours later: `within` what comes next, and before it."""
        if self._rng.happens(parameters.LATE_REPORT_RATE):
            hours = self._run.draw_hours(parameters.LATE_REPORT_HOURS_MEAN, self._rng)
            self._after(min(hours, within), write, progress)
        else:
            write(progress)

    def _cancel_for(self, reason: str) -> Next:
        return partial(self._cancel, reason)

    def _cancel(self, reason: str, progress: OrderInProgress) -> None:
        order = progress.order
        release_reservation(self._run.shop, order)
        self._run.write(Cancellation(order.order_id, order.currency, reason, order.lines, self._run.now))
        self._in_progress.pop(order.order_id, None)

    def _lose(self, progress: OrderInProgress) -> None:
        """The parcel is given up; a marketplace gives money that it took back itself."""
        order, now = progress.order, self._run.now
        self._in_progress.pop(order.order_id, None)
        if progress.is_settled_elsewhere:
            self._run.write(Cancellation(order.order_id, order.currency, parameters.LOST_REASON, (), now))
            return
        return_id, pieces = self._run.new_id("order_returns"), sum(line.quantity for line in order.lines)
        self._run.write(
            LostParcel(order.order_id, return_id, order.currency, pieces, order.total_amount, now)
        )
        hours = parameters.LOST_REFUND_DAYS * HOURS_PER_DAY
        self._run.after_hours(hours, partial(self._refund, order.order_id, return_id))

    def _refund(self, order_id: int, return_id: int) -> None:
        self._run.write(Refund(order_id, return_id, self._run.now))


def _unless_ended(progress: OrderInProgress, action: Next) -> None:
    if not progress.has_ended:
        action(progress)
