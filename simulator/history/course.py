"""The life of an order, step by step, up to the end of the plan; late and out-of-order reports of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from simulator import columns, parameters
from simulator.history.delivery import Delivery
from simulator.history.orders import Orders
from simulator.history.payments import Paying
from simulator.plan import DAY, Plan
from simulator.randomness import Bools, Choice, Ints, Quantiles, Stream
from simulator.world.rates import CURRENCIES

STEPS = ("pending", "confirmed", "paid", "packed", "shipped", "delivered", "returned", "cancelled")
PENDING, CONFIRMED, PAID, PACKED, SHIPPED, DELIVERED, RETURNED, CANCELLED = range(len(STEPS))
REASONS = ("not_paid", "payment_failed", "out_of_stock", "changed_mind", parameters.LOST_REASON)
NOT_PAID, PAYMENT_FAILED, OUT_OF_STOCK, CHANGED_MIND, LOST = range(len(REASONS))
_MILD = Quantiles(parameters.MILD_QUANTILES_PER_MILLE)
_HOUR = 3_600
_LOST_AFTER = parameters.LOST_AFTER_DAYS * DAY
_NO_STOCK_AFTER = 1_800
_CARRIERS = tuple(parameters.CARRIER_WEIGHTS)
_SHIPMENT_STATUSES = ("pending", "picked_up", "in_transit", "delivered", "failed", "returned")


@dataclass(frozen=True)
class Course:
    """When each order took each step (a column per step), -1 where it has not; and why it was cancelled."""

    steps: Ints
    reason: Ints

    def at(self, step: int) -> Ints:
        """When each order took a step, -1 where it has not."""
        when: Ints = self.steps[:, step]
        return when

    @property
    def status(self) -> Ints:
        """The last step each order took."""
        last: Ints = (len(STEPS) - 1) - (self.steps[:, ::-1] >= 0).argmax(axis=1)
        return last


def cancellations(plan: Plan, orders: Orders, paying: Paying, delivery: Delivery) -> Ints:
    """When the buyer of a paid order calls it off before it is packed; -1 for nearly all."""
    stream, count = Stream(plan.seed, "cancellations"), orders.count
    changes = stream.happens(parameters.CANCEL_AFTER_PAYMENT_RATE, count) & (orders.attack_order < 0)
    moment = paying.paid + (delivery.packed - paying.paid) * stream.between(5, 95, count) // 100
    return np.where(changes & (paying.paid >= 0), moment, columns.NOTHING)


def live(
    plan: Plan, orders: Orders, paying: Paying, delivery: Delivery, warehouse: Ints, called_off: Ints
) -> Course:
    """Every order's steps but the return; `warehouse` is -1 where a paid order found no stock."""
    served = (paying.paid >= 0) & (paying.paid < plan.end) & (warehouse >= 0)
    goes_on = served & (called_off < 0)
    rows = np.arange(orders.count)
    arrives = delivery.arrives[rows, np.maximum(warehouse, 0)]
    unpaid = paying.paid < 0
    cancelled, reason = _first_of(
        (unpaid & ~paying.is_refused, orders.moment + parameters.HOURS_TO_PAY * _HOUR, NOT_PAID),
        (unpaid & paying.is_refused, orders.moment + parameters.HOURS_TO_PAY * _HOUR, PAYMENT_FAILED),
        (~unpaid & ~served, paying.paid + _NO_STOCK_AFTER, OUT_OF_STOCK),
        (served & ~goes_on, called_off, CHANGED_MIND),
        (goes_on & delivery.is_lost, delivery.shipped + _LOST_AFTER, LOST),
    )
    steps = np.full((orders.count, len(STEPS)), columns.NOTHING)
    steps[:, PENDING] = orders.moment
    steps[:, CONFIRMED] = paying.confirmed
    steps[:, PAID] = np.where(served, paying.paid, -1)
    steps[:, PACKED] = np.where(goes_on, delivery.packed, -1)
    steps[:, SHIPPED] = np.where(goes_on, delivery.shipped, -1)
    steps[:, DELIVERED] = np.where(goes_on & ~delivery.is_lost, arrives, -1)
    steps[:, CANCELLED] = cancelled
    steps[steps >= plan.end] = columns.NOTHING
    return Course(steps, np.where(steps[:, CANCELLED] >= 0, reason, columns.NOTHING))


def with_returns(course: Course, returned: Ints) -> Course:
    """The same with the step `returned`, where all of an order came back."""
    steps = course.steps.copy()
    steps[:, RETURNED] = np.where(course.at(DELIVERED) >= 0, returned, columns.NOTHING)
    return Course(steps, course.reason)


def reported(plan: Plan, course: Course) -> Course:
    """The same as the reports say: some packings are reported with a time after the pick-up."""
    stream, count = Stream(plan.seed, "out-of-order"), len(course.steps)
    steps = course.steps.copy()
    muddled = stream.happens(parameters.OUT_OF_ORDER_RATE, count) & (course.at(SHIPPED) >= 0)
    when = np.minimum(course.at(SHIPPED) + stream.between(600, 2 * _HOUR, count), plan.end - 1)
    steps[:, PACKED] = np.where(muddled, when, steps[:, PACKED])
    return Course(steps, course.reason)


def _first_of(*cases: tuple[Bools, Ints, int]) -> tuple[Ints, Ints]:
    """Time and reason of the one case that holds, -1 where none does."""
    conditions = [case for case, _, _ in cases]
    times = np.select(conditions, [when for _, when, _ in cases], columns.NOTHING)
    return times, np.select(conditions, [reason for _, _, reason in cases], columns.NOTHING)


def report_times(plan: Plan, course: Course) -> Ints:
    """When each step was written down: carriers' reports sometimes hours late. Same shape as the steps."""
    stream, count = Stream(plan.seed, "late-reports"), len(course.steps)
    written = course.steps.copy()
    for step in (SHIPPED, DELIVERED):
        is_late = stream.split(step).happens(parameters.LATE_REPORT_RATE, count)
        hours = (
            stream.split(step, "hours").draw(_MILD, count)
            * parameters.LATE_REPORT_HOURS_MEAN
            * _HOUR
            // 1_000
        )
        when = np.minimum(course.at(step) + hours, plan.end - 1)
        written[:, step] = np.where(is_late & (course.at(step) >= 0), when, written[:, step])
    return written


def order_status_history(course: Course, written: Ints) -> pa.Table:
    """The table of steps."""
    order, step = np.nonzero(course.steps >= 0)
    first = np.searchsorted(order, order, side="left")
    number = np.arange(len(order)) - first + 1
    before = np.where(number > 1, np.concatenate([[0], step[:-1]]), columns.NOTHING)
    return pa.table(
        {
            "history_id": columns.numbers(np.arange(len(order)) + 1),
            "order_id": columns.numbers(order + 1),
            "step_number": columns.numbers(number),
            "from_status": columns.words(before, STEPS),
            "to_status": columns.words(step, STEPS),
            "changed_at": columns.instants(course.steps[order, step]),
            "created_at": columns.instants(written[order, step]),
        }
    )


def shipments(plan: Plan, orders: Orders, course: Course, delivery: Delivery, warehouse: Ints) -> pa.Table:
    """The table of parcels: one per packed order that no marketplace delivers itself."""
    stream = Stream(plan.seed, "shipments")
    order = np.flatnonzero((course.at(PACKED) >= 0) & ~orders.is_settled_elsewhere)
    count, place = len(order), warehouse[order]
    shipped, delivered = course.at(SHIPPED)[order], course.at(DELIVERED)[order]
    is_lost = course.reason[order] == LOST
    is_back = course.at(RETURNED)[order] >= 0
    moving = np.where(shipped + 3 * _HOUR < plan.end, 2, 1)
    status = np.select([is_back, delivered >= 0, is_lost, shipped >= 0], [5, 3, 4, moving], 0)
    fee = np.array([round(country.shipping_fee * 100) for country in parameters.COUNTRIES.values()])
    cost = fee[orders.country[order]] * stream.split("cost").between(60, 110, count) // 10_000 * 100
    packed = np.minimum(course.at(PACKED)[order], np.where(shipped >= 0, shipped, plan.end))
    updated = np.maximum.reduce([packed, shipped, delivered, course.at(RETURNED)[order]])
    return pa.table(
        {
            "shipment_id": columns.numbers(np.arange(count) + 1),
            "order_id": columns.numbers(order + 1),
            "warehouse_id": columns.numbers(place + 1),
            "tracking_no": columns.labelled("TWX", order + 1, 9),
            "carrier": columns.words(
                stream.choose(Choice(list(parameters.CARRIER_WEIGHTS.values())), count), _CARRIERS
            ),
            "status": columns.words(status, _SHIPMENT_STATUSES),
            "currency": columns.words(orders.country[order], CURRENCIES),
            "cost_amount": columns.amounts(cost),
            "shipped_at": columns.instants(shipped),
            "estimated_delivery_at": columns.instants(delivery.promised[order, place]),
            "delivered_at": columns.instants(delivered),
            "created_at": columns.instants(packed),
            "updated_at": columns.instants(updated),
        }
    )
