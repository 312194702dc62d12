"""Chargebacks of payments and cases of the risk team."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from simulator import columns
from simulator.history.attacks import Attacks
from simulator.history.orders import Orders
from simulator.history.payments import Payments
from simulator.plan import Plan
from simulator.randomness import Bools, Ints, Stream
from simulator.rules import risk as rules
from simulator.rules.payments import IS_CARD


@dataclass(frozen=True)
class Risk:
    """Per order: when its payment is charged back, and its case opened and decided (-1: never), and how."""

    charged_back: Ints
    case_opened: Ints
    case_decided: Ints
    is_decided_as_fraud: Bools


def assess_risk(
    plan: Plan, orders: Orders, payments: Payments, attacks: Attacks, is_captured: Bools, has_returns: Bools
) -> Risk:
    """Chargebacks and cases of all orders.

    `is_captured` tells whether an order's payment is captured and not voided. An order of which something was
    returned is not charged back: its buyer has the money already.
    """
    stream, count = Stream(plan.seed, "risk"), orders.count
    kind = _kinds(orders, attacks)
    can_be_charged_back = is_captured & IS_CARD[payments.method] & ~has_returns
    is_charged_back = can_be_charged_back & stream.split("chargeback").happens_each(rules.CHARGEBACK[kind])
    delay = stream.split("chargeback-days").between(*rules.CHARGEBACK_SECONDS, count)
    charged_back = np.where(is_charged_back, payments.paid + delay, columns.NULL)
    charged_back[charged_back >= plan.end] = columns.NULL
    is_investigated = stream.split("case").happens_each(rules.CASE[kind]) & ~orders.is_test
    opened = orders.moment + stream.split("opened").between(*rules.OPENING_SECONDS, count)
    opened = np.where(is_investigated, opened, plan.end)
    opened = np.where(charged_back >= 0, np.minimum(opened, charged_back), opened)
    decided = opened + stream.split("decided").between(*rules.DECISION_SECONDS, count)
    return Risk(
        charged_back=charged_back,
        case_opened=np.where(opened < plan.end, opened, columns.NULL),
        case_decided=np.where(decided < plan.end, decided, columns.NULL),
        is_decided_as_fraud=stream.split("outcome").happens_each(rules.DECIDED_AS_FRAUD[kind]),
    )


def _kinds(orders: Orders, attacks: Attacks) -> Ints:
    position = orders.attack_order
    return np.where(position >= 0, attacks.kind_of_order[position], rules.HONEST)


def fraud_cases_table(risk: Risk) -> pa.Table:
    """The table `fraud_cases`, in the order of their opening."""
    order = np.flatnonzero(risk.case_opened >= 0)
    order = order[np.argsort(risk.case_opened[order], kind="stable")]
    opened, decided = risk.case_opened[order], risk.case_decided[order]
    outcome = np.where(decided >= 0, ~risk.is_decided_as_fraud[order], columns.NULL)
    return pa.table(
        {
            "fraud_case_id": columns.integers(np.arange(len(order)) + 1),
            "order_id": columns.integers(order + 1),
            "opened_at": columns.timestamps(opened),
            "outcome": columns.texts(outcome.astype(np.int64), rules.OUTCOMES),
            "decided_at": columns.timestamps(decided),
            "created_at": columns.timestamps(opened),
            "updated_at": columns.timestamps(np.maximum(opened, decided)),
        }
    )
