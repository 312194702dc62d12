"""Returns of order lines: which lines come back, when, and what is refunded.

Whether a line is returned is decided both for a delivery on time and for a late one, since the warehouse, and
so the delay, is not known yet.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from simulator import columns, parameters
from simulator.history.amounts import OrderAmounts
from simulator.history.attacks import Attacks
from simulator.history.delivery import Delivery
from simulator.history.order_lines import OrderLines
from simulator.history.orders import Orders
from simulator.plan import DAY, Plan
from simulator.randomness import Bools, Ints, Stream
from simulator.rules import returns as rules
from simulator.rules.attacks import RULES
from simulator.rules.waiting import REFUND, RETURN_REQUEST, RETURN_TRANSIT, SPREAD, Wait
from simulator.world.catalogue import DEPARTMENT_NAMES, Catalogue
from simulator.world.rates import CURRENCIES

STATUSES = ("requested", "approved", "rejected", "received", "refunded")
REQUESTED, APPROVED, REJECTED, RECEIVED, REFUNDED = range(len(STATUSES))
_RETURNS_EVERYTHING = np.array([rule.returns_everything for rule in RULES])
_RATE_OF_DEPARTMENT = np.array([rules.department_position(name) for name in DEPARTMENT_NAMES])
DECISION_SECONDS = parameters.RETURN_DECISION_HOURS * 3_600


@dataclass(frozen=True)
class Returns:
    """Per line: whether it is returned if on time or late, and how long each step takes, in seconds."""

    if_on_time: Bools
    if_late: Bools
    to_request: Ints
    to_receive: Ints
    to_refund: Ints
    is_rejected: Bools
    is_resellable: Bools

    def requested(self, lines: Ints, delivered: Ints) -> Ints:
        """When the buyer requests the return."""
        return delivered + self.to_request[lines]

    def received(self, lines: Ints, delivered: Ints) -> Ints:
        """When the goods are back in the warehouse."""
        return self.requested(lines, delivered) + DECISION_SECONDS + self.to_receive[lines]


def plan_returns(
    plan: Plan, orders: Orders, order_lines: OrderLines, catalogue: Catalogue, attacks: Attacks
) -> Returns:
    """Decide for every line. Marketplaces that settle orders handle returns themselves."""
    stream, count = Stream(plan.seed, "returns"), len(order_lines.order)
    department = _RATE_OF_DEPARTMENT[catalogue.department[order_lines.sku]]
    chance = stream.split("chance").below(rules.MILLION, count)
    is_abuse = orders.attack_order >= 0
    is_abuse &= _RETURNS_EVERYTHING[attacks.kind_of_order[orders.attack_order]]
    always = is_abuse[order_lines.order]
    possible = ~(orders.is_settled_elsewhere | orders.is_test)[order_lines.order]
    return Returns(
        if_on_time=possible & ((chance < rules.return_rate(department, is_late=False)) | always),
        if_late=possible & ((chance < rules.return_rate(department, is_late=True)) | always),
        to_request=_wait(stream.split("request"), RETURN_REQUEST, count),
        to_receive=_wait(stream.split("receive"), RETURN_TRANSIT, count),
        to_refund=_wait(stream.split("refund"), REFUND, count),
        is_rejected=stream.split("rejected").happens(parameters.RETURN_REJECTED_RATE, count) & ~always,
        is_resellable=stream.split("resell").happens(parameters.RESELLABLE_RATE, count),
    )


def _wait(stream: Stream, wait: Wait, count: int) -> Ints:
    return wait.seconds(stream.draw(SPREAD, count))


def returned_lines(
    plan: Plan,
    order_lines: OrderLines,
    delivery: Delivery,
    returns: Returns,
    delivered: Ints,
    warehouse: Ints,
) -> Ints:
    """Positions of lines whose return is requested within the plan; `delivered` is per order, -1 if not."""
    is_late = delivery.delay(np.maximum(warehouse, 0)) > 0
    is_returned = np.where(is_late[order_lines.order], returns.if_late, returns.if_on_time)
    arrived = delivered[order_lines.order]
    requested = returns.requested(np.arange(len(order_lines.order)), arrived)
    return np.flatnonzero(is_returned & (arrived >= 0) & (requested < plan.end))


def whole_order_returned(
    plan: Plan, order_lines: OrderLines, returns: Returns, lines: Ints, delivered: Ints
) -> Ints:
    """Per order, when its last line was received, if all lines were returned; -1 otherwise."""
    arrived = returns.received(lines, delivered[order_lines.order[lines]])
    back = np.full(len(order_lines.order), columns.NULL)
    counts = ~returns.is_rejected[lines] & (arrived < plan.end)
    back[lines[counts]] = arrived[counts]
    is_whole = np.minimum.reduceat(back, order_lines.first) >= 0
    return np.where(is_whole, np.maximum.reduceat(back, order_lines.first), columns.NULL)


@dataclass(frozen=True)
class ReturnRows:
    """Columns of returns, sorted by request: a returned line each, or a lost parcel (-1 as its line).

    A row's position plus one is its `return_id`.
    """

    order: Ints
    line: Ints
    status: Ints
    reason: Ints
    quantity: Ints
    refund: Ints
    requested: Ints
    decided: Ints
    received: Ints
    refunded: Ints
    """When the refund is due; it is made if the status is REFUNDED."""


def return_rows(
    plan: Plan, order_lines: OrderLines, amounts: OrderAmounts, returns: Returns, lines: Ints,
    delivered: Ints, lost_orders: Ints, lost_at: Ints,
) -> ReturnRows:  # fmt: skip
    """One row per returned line, and one per lost parcel (a refund only)."""
    stream = Stream(plan.seed, "returns-table")
    order = order_lines.order[lines]
    requested = returns.requested(lines, delivered[order])
    received = returns.received(lines, delivered[order])
    refunded = received + returns.to_refund[lines]
    decided = requested + DECISION_SECONDS
    status = np.select(
        [decided >= plan.end, returns.is_rejected[lines], refunded < plan.end, received < plan.end],
        [REQUESTED, REJECTED, REFUNDED, RECEIVED],
        APPROVED,
    )
    reason = stream.choose(rules.REASON, len(lines))
    refund = rules.refund_amount(
        order_lines.amount[lines], amounts.line_goods_discount[lines], amounts.line_tax[lines]
    )
    lost_refunded = lost_at + parameters.LOST_REFUND_DAYS * DAY
    lost_status = np.where(lost_refunded < plan.end, REFUNDED, APPROVED)
    pieces = order_lines.per_order(order_lines.quantity)
    none = np.full(len(lost_orders), columns.NULL)
    both = {
        "order": (order, lost_orders),
        "line": (lines, none),
        "status": (status, lost_status),
        "reason": (reason, np.full(len(lost_orders), rules.REASONS.index("other"))),
        "quantity": (order_lines.quantity[lines], pieces[lost_orders]),
        "refund": (refund, amounts.total[lost_orders]),
        "requested": (requested, lost_at),
        "decided": (decided, lost_at),
        "received": (received, none),
        "refunded": (refunded, lost_refunded),
    }
    sequence = np.argsort(np.concatenate(both["requested"]), kind="stable")
    return ReturnRows(**{name: np.concatenate(values)[sequence] for name, values in both.items()})


def order_returns(orders: Orders, rows: ReturnRows) -> pa.Table:
    """The table `order_returns`."""
    status, count = rows.status, len(rows.order)
    is_back = (status >= RECEIVED) & (rows.received >= 0)
    is_refunded = status == REFUNDED
    updated = np.select(
        [is_refunded, status == RECEIVED, status == REQUESTED],
        [rows.refunded, rows.received, rows.requested],
        rows.decided,
    )
    return pa.table(
        {
            "return_id": columns.integers(np.arange(count) + 1),
            "order_id": columns.integers(rows.order + 1),
            "order_item_id": columns.integers(np.where(rows.line >= 0, rows.line + 1, -1)),
            "status": columns.texts(status, STATUSES),
            "reason": columns.texts(rows.reason, rules.REASONS),
            "quantity": columns.integers(rows.quantity),
            "currency": columns.texts(orders.country[rows.order], CURRENCIES),
            "refund_amount": columns.amounts(rows.refund),
            "requested_at": columns.timestamps(rows.requested),
            "received_at": columns.timestamps(np.where(is_back, rows.received, -1)),
            "refunded_at": columns.timestamps(np.where(is_refunded, rows.refunded, -1)),
            "created_at": columns.timestamps(rows.requested),
            "updated_at": columns.timestamps(updated),
        }
    )
