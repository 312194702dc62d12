"""The steps of orders: confirmed, paid or not, packed, shipped, delivered, cancelled or lost.

Waiting times are simulated seconds; the run divides them by its speed-up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from math import inf

import numpy as np

from simulator import parameters
from simulator.live.decisions.after_delivery import AfterDelivery
from simulator.live.decisions.checkout import FraudBehaviour, release_reservation, slowest_transit_seconds
from simulator.live.decisions.context import SECONDS_PER_HOUR, RunContext
from simulator.live.decisions.payments import PaymentAttempts, PaymentInstrument
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
from simulator.live.decisions.risk import Risk
from simulator.randomness import Choice
from simulator.rules import loyalty, money, pricing, shipping
from simulator.rules.delivery import DAY, TRANSIT
from simulator.rules.waiting import CONFIRMATION, PACKING, PAYMENT, PICK_UP, Wait

SETTLED_CHANNELS = frozenset({"lazada", "tiki"})
"""Marketplaces that collect the payment and ship; the shop sees neither payments nor parcels."""
PER_MILLE = 1_000
_CARRIERS = tuple(parameters.CARRIER_WEIGHTS)
_CARRIER_CHOICE = Choice(list(parameters.CARRIER_WEIGHTS.values()))


@dataclass(slots=True)
class OrderInProgress:
    """An order that is neither delivered nor cancelled."""

    order: NewOrder
    fraud: FraudBehaviour | None = None
    attempts: int = 0
    instrument: PaymentInstrument | None = None
    """What all attempts pay with; None before the first."""
    is_packing_late: bool = False
    """Whether its packing is reported after its pick-up."""
    has_ended: bool = False
    """Cancelled, or continued by somebody else."""

    @property
    def is_settled_elsewhere(self) -> bool:
        """Whether a marketplace collects the payment and ships."""
        return self.order.channel in SETTLED_CHANNELS


Next = Callable[[OrderInProgress], None]


class Fulfilment:
    """All orders in progress."""

    def __init__(
        self, run: RunContext, replenishment: Replenishment, after_delivery: AfterDelivery, risk: Risk
    ) -> None:
        self._run, self._after_delivery, self.replenishment = run, after_delivery, replenishment
        self._risk = risk
        self._rng = run.rng("fulfilment")
        self._payments = PaymentAttempts(run)
        self._in_progress: dict[int, OrderInProgress] = {}

    def begin(self, order: NewOrder, fraud: FraudBehaviour | None) -> None:
        """Start with a pending order."""
        self._risk.begin(order, fraud)
        self._continue(OrderInProgress(order, fraud), "pending")

    def resume(self, order: NewOrder, status: str, attempts: int) -> None:
        """Continue an order of an earlier run or of the history."""
        self._continue(OrderInProgress(order, attempts=attempts), status)

    def drop(self, order_id: int) -> None:
        """Stop handling an order that somebody else has moved on."""
        progress = self._in_progress.pop(order_id, None)
        if progress is not None:
            progress.has_ended = True

    def _continue(self, progress: OrderInProgress, status: str) -> None:
        self._in_progress[progress.order.order_id] = progress
        wait, action = {
            "pending": (CONFIRMATION, self._confirm),
            "confirmed": (PAYMENT, self._pay),
            "paid": (PACKING, self._pack),
            "packed": (PICK_UP, self._ship),
            "shipped": (PICK_UP, self._deliver),
        }[status]
        self._after_wait(wait, action, progress)

    def _after_wait(self, wait: Wait, action: Next, progress: OrderInProgress) -> None:
        self._after(self._run.draw_wait(wait, self._rng), action, progress)

    def _after(self, seconds: float, action: Next, progress: OrderInProgress) -> None:
        self._run.after(seconds, partial(_unless_ended, progress, action))

    def _change_status(self, progress: OrderInProgress, status: str, at: datetime | None = None) -> None:
        self._run.write(StatusChange(progress.order.order_id, status, at or self._run.now))

    def _confirm(self, progress: OrderInProgress) -> None:
        self._change_status(progress, "confirmed")
        if progress.fraud is None and self._rng.happens(parameters.NOT_PAID_CANCEL_RATE):
            self._cancel_when_due(progress, "not_paid")
        else:
            self._after_wait(PAYMENT, self._pay, progress)

    def _pay(self, progress: OrderInProgress) -> None:
        if progress.is_settled_elsewhere:
            self._change_status(progress, "paid")
            self._pack_or_cancel(progress)
            return
        order, fraud = progress.order, progress.fraud
        if progress.instrument is None:
            method = self._payments.method(order, fraud)
            progress.instrument = self._payments.instrument(order, method, fraud)
        instrument = progress.instrument
        progress.attempts += 1
        if not self._payments.fails(instrument.method, fraud):
            capture = partial(self._capture, self._run.now)
            self._after(parameters.CAPTURE_SECONDS, capture, progress)
            return
        self._payments.write(order, progress.attempts, instrument, self._run.now, has_failed=True)
        may_retry = progress.attempts < parameters.MOST_PAYMENT_ATTEMPTS
        if may_retry and self._rng.happens(parameters.PAYMENT_RETRY_RATE):
            self._after(parameters.PAYMENT_RETRY_SECONDS, self._pay, progress)
        else:
            self._cancel_when_due(progress, "payment_failed")

    def _capture(self, attempted_at: datetime, progress: OrderInProgress) -> None:
        order, instrument = progress.order, progress.instrument
        assert instrument is not None
        number = progress.attempts
        payment_id = self._payments.write(order, number, instrument, attempted_at, has_failed=False)
        self._risk.on_capture(order, payment_id, instrument.method, progress.fraud)
        self._pack_or_cancel(progress)

    def _cancel_when_due(self, progress: OrderInProgress, reason: str) -> None:
        """Cancel an order that is not paid when its time to pay is over."""
        since = (self._run.now - progress.order.ordered_at) * self._run.speed_up
        left = parameters.HOURS_TO_PAY * SECONDS_PER_HOUR - since.total_seconds()
        self._after(max(0.0, left), partial(self._cancel, reason), progress)

    def _pack_or_cancel(self, progress: OrderInProgress) -> None:
        """The order is packed, unless its buyer cancels it before."""
        seconds = self._run.draw_wait(PACKING, self._rng)
        if progress.fraud is None and self._rng.happens(parameters.CANCEL_AFTER_PAYMENT_RATE):
            until = seconds * self._rng.between(*parameters.CANCEL_BEFORE_PACKING_PERCENT) / 100
            self._after(until, partial(self._cancel, "changed_mind"), progress)
        else:
            self._after(seconds, self._pack, progress)

    def _pack(self, progress: OrderInProgress) -> None:
        if self._rng.happens(parameters.OUT_OF_ORDER_RATE):
            progress.is_packing_late = True
        else:
            self._change_status(progress, "packed")
        self._after_wait(PICK_UP, self._ship, progress)

    def _ship(self, progress: OrderInProgress) -> None:
        picked_up, order = self._run.now, progress.order
        mean = slowest_transit_seconds(self._run.shop, order.lines, order.destination)
        is_lost = self._rng.happens(parameters.LOST_PARCEL_RATE)
        transit = mean * self._rng.draw(TRANSIT) / PER_MILLE
        seconds = parameters.LOST_AFTER_DAYS * DAY if is_lost else transit
        self._report(partial(self._write_dispatch, picked_up), progress, within=seconds)
        self._after(seconds, self._lose if is_lost else self._deliver, progress)

    def _write_dispatch(self, picked_up: datetime, progress: OrderInProgress) -> None:
        order = progress.order
        if progress.is_packing_late:
            late = self._rng.between(*parameters.OUT_OF_ORDER_SECONDS)
            self._change_status(progress, "packed", picked_up + self._run.real_time(late))
        if progress.is_settled_elsewhere:
            self._change_status(progress, "shipped", picked_up)
            return
        warehouses = sorted({line.warehouse_id or 0 for line in order.lines})
        parcels = tuple(self._parcel(order, warehouse_id or None) for warehouse_id in warehouses)
        self._run.write(Dispatch(order.order_id, order.currency, parcels, picked_up))

    def _parcel(self, order: NewOrder, warehouse_id: int | None) -> Parcel:
        shipment_id = self._run.new_id("shipments")
        terms = pricing.order_terms([(order.destination.country, order.currency)])
        percent = np.array([self._rng.between(*parameters.PARCEL_COST_PERCENT)])
        return Parcel(
            shipment_id=shipment_id,
            warehouse_id=warehouse_id,
            tracking_no=f"TW{shipment_id:010d}{order.destination.country}",
            carrier=_CARRIERS[self._rng.choose(_CARRIER_CHOICE)],
            cost_amount=money.decimal(shipping.parcel_cost(terms.shipping_fee, percent, terms.unit)[0]),
            estimated_delivery_at=order.estimated_delivery_at,
        )

    def _deliver(self, progress: OrderInProgress) -> None:
        self._report(partial(self._write_delivery, self._run.now), progress)

    def _write_delivery(self, arrived: datetime, progress: OrderInProgress) -> None:
        order, rate = progress.order, self._run.shop.rates.get(progress.order.currency)
        points = 0 if order.is_test or rate is None else loyalty.points_of(order.total_amount, rate)
        self._run.write(Delivery(order.order_id, order.customer_id, points, arrived))
        self._in_progress.pop(order.order_id, None)
        self._after_delivery.begin(order, arrived, progress.fraud, not progress.is_settled_elsewhere)

    def _report(self, write: Next, progress: OrderInProgress, within: float = inf) -> None:
        """Write a carrier's report now, or hours late but `within` this time, before the next step."""
        if self._rng.happens(parameters.LATE_REPORT_RATE):
            mean = parameters.LATE_REPORT_HOURS_MEAN * SECONDS_PER_HOUR
            self._after(min(self._run.draw_wait(Wait(0, mean), self._rng), within), write, progress)
        else:
            write(progress)

    def _cancel(self, reason: str, progress: OrderInProgress) -> None:
        order = progress.order
        release_reservation(self._run.shop, order)
        self._risk.on_cancelled(order.order_id)
        self._run.write(Cancellation(order.order_id, order.currency, reason, order.lines, self._run.now))
        self._in_progress.pop(order.order_id, None)

    def _lose(self, progress: OrderInProgress) -> None:
        """Give the parcel up; the shop refunds it, unless a marketplace or the card's issuer does."""
        order, now = progress.order, self._run.now
        self._in_progress.pop(order.order_id, None)
        if progress.is_settled_elsewhere or self._risk.is_charged_back(order.order_id):
            self._run.write(Cancellation(order.order_id, order.currency, parameters.LOST_REASON, (), now))
            return
        return_id = self._run.new_id("order_returns")
        pieces = sum(line.quantity for line in order.lines)
        self._run.write(
            LostParcel(order.order_id, return_id, order.currency, pieces, order.total_amount, now)
        )
        refund = partial(self._refund, order.order_id, return_id)
        self._run.after(parameters.LOST_REFUND_DAYS * DAY, refund)

    def _refund(self, order_id: int, return_id: int) -> None:
        self._run.write(Refund(order_id, return_id, self._run.now))


def _unless_ended(progress: OrderInProgress, action: Next) -> None:
    if not progress.has_ended:
        action(progress)
