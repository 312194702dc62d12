"""The steps of every order through its life cycle up to the end of the plan, and when each was reported."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from simulator import columns, parameters
from simulator.history.delivery import Delivery
from simulator.history.orders import Orders
from simulator.history.payments import Payments
from simulator.plan import DAY, Plan
from simulator.randomness import Bools, Ints, Stream
from simulator.rules.waiting import SPREAD

STEPS = ("pending", "confirmed", "paid", "packed", "shipped", "delivered", "returned", "cancelled")
PENDING, CONFIRMED, PAID, PACKED, SHIPPED, DELIVERED, RETURNED, CANCELLED = range(len(STEPS))
REASONS = ("not_paid", "payment_failed", "out_of_stock", "changed_mind", parameters.LOST_REASON)
NOT_PAID, PAYMENT_FAILED, OUT_OF_STOCK, CHANGED_MIND, LOST = range(len(REASONS))
_HOUR = 3_600
_LOST_AFTER = parameters.LOST_AFTER_DAYS * DAY
_OUT_OF_STOCK_AFTER = 1_800


@dataclass(frozen=True)
class OrderSteps:
    """When each order took each step (a column per step), -1 where it has not; and why it was cancelled."""

    times: Ints
    reason: Ints

    def at(self, step: int) -> Ints:
        """When each order took a step, -1 where it has not."""
        when: Ints = self.times[:, step]
        return when

    @property
    def status(self) -> Ints:
        """The last step of each order."""
        last: Ints = (len(STEPS) - 1) - (self.times[:, ::-1] >= 0).argmax(axis=1)
        return last


def buyer_cancellations(plan: Plan, orders: Orders, payments: Payments, delivery: Delivery) -> Ints:
    """When the buyer cancels a paid order before it is packed; -1 for nearly all."""
    stream, count = Stream(plan.seed, "cancellations"), orders.count
    changes = stream.happens(parameters.CANCEL_AFTER_PAYMENT_RATE, count) & (orders.attack_order < 0)
    percent = stream.between(*parameters.CANCEL_BEFORE_PACKING_PERCENT, count)
    moment = payments.paid + (delivery.packed - payments.paid) * percent // 100
    return np.where(changes & (payments.paid >= 0), moment, columns.NULL)


def take_steps(
    plan: Plan,
    orders: Orders,
    payments: Payments,
    delivery: Delivery,
    warehouse: Ints,
    buyer_cancelled_at: Ints,
) -> OrderSteps:
    """Every order's steps except `returned`; `warehouse` is -1 where no warehouse had the goods."""
    is_served = (payments.paid >= 0) & (payments.paid < plan.end) & (warehouse >= 0)
    is_packed = is_served & (buyer_cancelled_at < 0)
    rows = np.arange(orders.count)
    arrives = delivery.arrives[rows, np.maximum(warehouse, 0)]
    unpaid = payments.paid < 0
    payment_due = orders.moment + parameters.HOURS_TO_PAY * _HOUR
    cancelled, reason = _first_of(
        (unpaid & ~payments.is_refused, payment_due, NOT_PAID),
        (unpaid & payments.is_refused, payment_due, PAYMENT_FAILED),
        (~unpaid & ~is_served, payments.paid + _OUT_OF_STOCK_AFTER, OUT_OF_STOCK),
        (is_served & ~is_packed, buyer_cancelled_at, CHANGED_MIND),
        (is_packed & delivery.is_lost, delivery.shipped + _LOST_AFTER, LOST),
    )
    times = np.full((orders.count, len(STEPS)), columns.NULL)
    times[:, PENDING] = orders.moment
    times[:, CONFIRMED] = payments.confirmed
    times[:, PAID] = np.where(is_served, payments.paid, -1)
    times[:, PACKED] = np.where(is_packed, delivery.packed, -1)
    times[:, SHIPPED] = np.where(is_packed, delivery.shipped, -1)
    times[:, DELIVERED] = np.where(is_packed & ~delivery.is_lost, arrives, -1)
    times[:, CANCELLED] = cancelled
    times[times >= plan.end] = columns.NULL
    return OrderSteps(times, np.where(times[:, CANCELLED] >= 0, reason, columns.NULL))


def with_returns(steps: OrderSteps, returned: Ints) -> OrderSteps:
    """The same with the step `returned`, for orders of which every line was returned."""
    times = steps.times.copy()
    times[:, RETURNED] = np.where(steps.at(DELIVERED) >= 0, returned, columns.NULL)
    return OrderSteps(times, steps.reason)


def reported(plan: Plan, steps: OrderSteps) -> OrderSteps:
    """The steps as they are reported: some packings with a time after the pick-up."""
    stream, count = Stream(plan.seed, "out-of-order"), len(steps.times)
    times = steps.times.copy()
    is_out_of_order = stream.happens(parameters.OUT_OF_ORDER_RATE, count) & (steps.at(SHIPPED) >= 0)
    when = np.minimum(
        steps.at(SHIPPED) + stream.between(*parameters.OUT_OF_ORDER_SECONDS, count), plan.end - 1
    )
    times[:, PACKED] = np.where(is_out_of_order, when, times[:, PACKED])
    return OrderSteps(times, steps.reason)


def report_times(plan: Plan, steps: OrderSteps) -> Ints:
    """When each step was written down, same shape as the steps; carriers' reports may be hours late."""
    stream, count = Stream(plan.seed, "late-reports"), len(steps.times)
    written = steps.times.copy()
    mean_seconds = parameters.LATE_REPORT_HOURS_MEAN * _HOUR
    for step in (SHIPPED, DELIVERED):
        is_late = stream.split(step).happens(parameters.LATE_REPORT_RATE, count)
        delay = stream.split(step, "hours").draw(SPREAD, count) * mean_seconds // 1_000
        when = np.minimum(steps.at(step) + delay, plan.end - 1)
        written[:, step] = np.where(is_late & (steps.at(step) >= 0), when, written[:, step])
    return written


def order_status_history(steps: OrderSteps, written: Ints) -> pa.Table:
    """The table `order_status_history`."""
    order, step = np.nonzero(steps.times >= 0)
    first = np.searchsorted(order, order, side="left")
    number = np.arange(len(order)) - first + 1
    before = np.where(number > 1, np.concatenate([[0], step[:-1]]), columns.NULL)
    return pa.table(
        {
            "history_id": columns.integers(np.arange(len(order)) + 1),
            "order_id": columns.integers(order + 1),
            "step_number": columns.integers(number),
            "from_status": columns.texts(before, STEPS),
            "to_status": columns.texts(step, STEPS),
            "changed_at": columns.timestamps(steps.times[order, step]),
            "created_at": columns.timestamps(written[order, step]),
        }
    )


def _first_of(*cases: tuple[Bools, Ints, int]) -> tuple[Ints, Ints]:
    """Time and reason of the first case that holds, -1 where none does."""
    conditions = [case for case, _, _ in cases]
    times = np.select(conditions, [when for _, when, _ in cases], columns.NULL)
    return times, np.select(conditions, [reason for _, _, reason in cases], columns.NULL)
