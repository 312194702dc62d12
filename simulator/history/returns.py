"""How returns come about: by department, more often when late; what happens to goods and money.

A line's return is decided for every warehouse the order might ship from, since lateness depends on it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from simulator import columns, parameters
from simulator.history.amounts import OrderAmounts
from simulator.history.attacks import RETURN_ABUSE, Attacks
from simulator.history.delivery import Delivery
from simulator.history.order_lines import OrderLines
from simulator.history.orders import Orders
from simulator.plan import DAY, Plan
from simulator.randomness import Bools, Choice, Ints, Quantiles, Stream, per_million
from simulator.world.catalogue import DEPARTMENT_NAMES, Catalogue
from simulator.world.rates import CURRENCIES

STATUSES = ("requested", "approved", "rejected", "received", "refunded")
REQUESTED, APPROVED, REJECTED, RECEIVED, REFUNDED = range(len(STATUSES))
REASONS = tuple(parameters.RETURN_REASON_WEIGHTS)
_MILD = Quantiles(parameters.MILD_QUANTILES_PER_MILLE)
_MILLION = 1_000_000
_RATE = np.array([per_million(parameters.DEPARTMENTS[name].return_rate) for name in DEPARTMENT_NAMES])


@dataclass(frozen=True)
class Returns:
    """Per line: whether it would come back if on time or late, and how long each step takes, in seconds."""

    if_on_time: Bools
    if_late: Bools
    to_request: Ints
    to_receive: Ints
    to_refund: Ints
    is_rejected: Bools
    is_resellable: Bools

    def requested(self, lines: Ints, delivered: Ints) -> Ints:
        """When the buyer asks, from the delivery."""
        return delivered + self.to_request[lines]

    def received(self, lines: Ints, delivered: Ints) -> Ints:
        """When the goods are back."""
        return self.requested(lines, delivered) + self.to_receive[lines]


def plan_returns(
    plan: Plan, orders: Orders, order_lines: OrderLines, catalogue: Catalogue, attacks: Attacks
) -> Returns:
    """Decide for every line. Marketplaces that settle themselves keep returns to themselves."""
    stream, count = Stream(plan.seed, "returns"), len(order_lines.order)
    rate = _RATE[catalogue.department[order_lines.sku]]
    chance = stream.split("chance").below(_MILLION, count)
    is_abuse = orders.attack_order >= 0
    is_abuse &= attacks.kind_of_order[orders.attack_order] == RETURN_ABUSE
    always = is_abuse[order_lines.order]
    possible = ~(orders.is_settled_elsewhere | orders.is_test)[order_lines.order]
    late_rate = rate * round(parameters.LATE_RETURN_FACTOR * 100) // 100
    return Returns(
        if_on_time=possible & ((chance < rate) | always),
        if_late=possible & ((chance < late_rate) | always),
        to_request=_days(stream.split("request"), parameters.RETURN_DAYS_MEAN, count),
        to_receive=_days(stream.split("receive"), parameters.RETURN_TRANSIT_DAYS_MEAN, count),
        to_refund=_days(stream.split("refund"), parameters.REFUND_DAYS_MEAN, count),
        is_rejected=stream.split("rejected").happens(parameters.RETURN_REJECTED_RATE, count) & ~always,
        is_resellable=stream.split("resell").happens(parameters.RESELLABLE_RATE, count),
    )


def _days(stream: Stream, mean: int, count: int) -> Ints:
    return 1_800 + stream.draw(_MILD, count) * (mean * DAY // 1_000)


def returned_lines(
    plan: Plan,
    order_lines: OrderLines,
    delivery: Delivery,
    returns: Returns,
    delivered: Ints,
    warehouse: Ints,
) -> Ints:
    """Positions of lines whose return was asked for within the plan; `delivered` per order, -1 if not."""
    is_late = delivery.delay(np.maximum(warehouse, 0)) > 0
    comes_back = np.where(is_late[order_lines.order], returns.if_late, returns.if_on_time)
    arrived = delivered[order_lines.order]
    every = np.arange(len(order_lines.order))
    asked = returns.requested(every, arrived)
    return np.flatnonzero(comes_back & (arrived >= 0) & (asked < plan.end))


def whole_order_returned(
    plan: Plan, order_lines: OrderLines, returns: Returns, lines: Ints, delivered: Ints
) -> Ints:
    """Of each order, when its last line was back, if all of them came back; -1 otherwise."""
    arrived = returns.received(lines, delivered[order_lines.order[lines]])
    back = np.full(len(order_lines.order), columns.NULL)
    counts = ~returns.is_rejected[lines] & (arrived < plan.end)
    back[lines[counts]] = arrived[counts]
    all_back = np.minimum.reduceat(back, order_lines.first) >= 0
    return np.where(all_back, np.maximum.reduceat(back, order_lines.first), columns.NULL)


def order_returns(
    plan: Plan, orders: Orders, order_lines: OrderLines, amounts: OrderAmounts, returns: Returns,
    lines: Ints, delivered: Ints, lost_orders: Ints, lost_at: Ints,
) -> pa.Table:  # fmt: skip
    """The table of returns: one row per line that comes back, and one per lost parcel (money only)."""
    stream = Stream(plan.seed, "returns-table")
    order = order_lines.order[lines]
    asked = returns.requested(lines, delivered[order])
    received = returns.received(lines, delivered[order])
    refunded = received + returns.to_refund[lines]
    is_rejected = returns.is_rejected[lines]
    decided = asked + DAY
    status = np.select(
        [decided >= plan.end, is_rejected, refunded < plan.end, received < plan.end],
        [REQUESTED, REJECTED, REFUNDED, RECEIVED],
        APPROVED,
    )
    reason = stream.choose(Choice(list(parameters.RETURN_REASON_WEIGHTS.values())), len(lines))
    goods_price = order_lines.amount - amounts.line_goods_discount + amounts.line_tax
    lost_refunded = lost_at + parameters.LOST_REFUND_DAYS * DAY
    lost_status = np.where(lost_refunded < plan.end, REFUNDED, APPROVED)
    pieces = order_lines.per_order(order_lines.quantity)
    every = np.concatenate([status, lost_status])
    rows = {
        "order": np.concatenate([order, lost_orders]),
        "line": np.concatenate([lines, np.full(len(lost_orders), columns.NULL)]),
        "reason": np.concatenate([reason, np.full(len(lost_orders), REASONS.index("other"))]),
        "quantity": np.concatenate([order_lines.quantity[lines], pieces[lost_orders]]),
        "refund": np.concatenate([goods_price[lines], amounts.total[lost_orders]]),
        "asked": np.concatenate([asked, lost_at]),
        "decided": np.concatenate([decided, lost_at]),
        "received": np.concatenate([received, np.full(len(lost_orders), columns.NULL)]),
        "refunded": np.concatenate([refunded, lost_refunded]),
    }
    sequence = np.argsort(rows["asked"], kind="stable")
    return _table(every[sequence], {name: values[sequence] for name, values in rows.items()}, orders)


def _table(status: Ints, rows: dict[str, Ints], orders: Orders) -> pa.Table:
    count = len(status)
    is_back = (status >= RECEIVED) & (rows["received"] >= 0)
    is_refunded = status == REFUNDED
    updated = np.select(
        [is_refunded, status == RECEIVED, status == REQUESTED],
        [rows["refunded"], rows["received"], rows["asked"]],
        rows["decided"],
    )
    return pa.table(
        {
            "return_id": columns.integers(np.arange(count) + 1),
            "order_id": columns.integers(rows["order"] + 1),
            "order_item_id": columns.integers(np.where(rows["line"] >= 0, rows["line"] + 1, -1)),
            "status": columns.texts(status, STATUSES),
            "reason": columns.texts(rows["reason"], REASONS),
            "quantity": columns.integers(rows["quantity"]),
            "currency": columns.texts(orders.country[rows["order"]], CURRENCIES),
            "refund_amount": columns.amounts(rows["refund"]),
            "requested_at": columns.timestamps(rows["asked"]),
            "received_at": columns.timestamps(np.where(is_back, rows["received"], -1)),
            "refunded_at": columns.timestamps(np.where(is_refunded, rows["refunded"], -1)),
            "created_at": columns.timestamps(rows["asked"]),
            "updated_at": columns.timestamps(updated),
        }
    )
