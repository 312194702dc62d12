"""Payments of all orders: confirmation, attempts, failures and retries, orders left unpaid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from simulator import columns, parameters
from simulator.history.amounts import OrderAmounts, order_terms
from simulator.history.attacks import Attacks
from simulator.history.orders import Orders
from simulator.plan import Plan
from simulator.randomness import Bools, Ints, Stream, per_million
from simulator.rules import payments as rules
from simulator.rules.attacks import RULES
from simulator.rules.waiting import CONFIRMATION, PAYMENT, SPREAD, Wait
from simulator.world.places import COUNTRY_CODES
from simulator.world.rates import CURRENCIES

METHODS = rules.METHODS
STATUSES = ("pending", "authorized", "captured", "failed", "voided")
PENDING, AUTHORIZED, CAPTURED, FAILED, VOIDED = range(len(STATUSES))
_ORDINARY_RATE = -1
_ATTACK_FAILURE = np.array(
    [
        _ORDINARY_RATE if rule.payment_failure_rate is None else per_million(rule.payment_failure_rate)
        for rule in RULES
    ]
)


@dataclass(frozen=True)
class Payments:
    """Per order: when it was confirmed, how payment was attempted, and when that succeeded (-1: never)."""

    confirmed: Ints
    method: Ints
    attempts: Ints
    """Number of attempts; 0 if the buyer never tries, or a marketplace settles the order."""
    first_attempt: Ints
    paid: Ints
    is_refused: Bools
    """Whether all attempts failed."""

    def attempted(self, number: int) -> Ints:
        """When attempt `number` (from 0) is made, if it is."""
        return self.first_attempt + number * parameters.PAYMENT_RETRY_SECONDS


def simulate_payments(plan: Plan, orders: Orders, attacks: Attacks) -> Payments:
    """The payment attempts of every order."""
    stream, count = Stream(plan.seed, "payments"), orders.count
    confirmed = orders.moment + _wait(stream.split("confirm"), CONFIRMATION, count)
    first = confirmed + _wait(stream.split("pay"), PAYMENT, count)
    method = _methods(stream.split("method"), orders)
    is_fraud = orders.attack_order >= 0
    attack_rate = np.where(
        is_fraud, _ATTACK_FAILURE[attacks.kind_of_order[orders.attack_order]], _ORDINARY_RATE
    )
    failure = np.where(attack_rate == _ORDINARY_RATE, rules.FAILURE_PER_MILLION[method], attack_rate)
    tries = ~stream.split("unpaid").happens(parameters.NOT_PAID_CANCEL_RATE, count) | is_fraud
    attempts = np.where(tries, 1, 0)
    failed = tries & stream.split("fail", 0).happens_each(failure) & ~orders.is_settled_elsewhere
    has_failed = failed
    for number in range(1, parameters.MOST_PAYMENT_ATTEMPTS):
        again = has_failed & stream.split("again", number).happens(parameters.PAYMENT_RETRY_RATE, count)
        attempts[again] += 1
        has_failed = again & stream.split("fail", number).happens_each(failure)
        failed = (failed & ~again) | has_failed
    last = first + (np.maximum(attempts, 1) - 1) * parameters.PAYMENT_RETRY_SECONDS
    return Payments(
        confirmed=confirmed,
        method=method,
        attempts=np.where(orders.is_settled_elsewhere, 0, attempts),
        first_attempt=first,
        paid=np.where(tries & ~failed, last + parameters.CAPTURE_SECONDS, columns.NULL),
        is_refused=failed,
    )


def _wait(stream: Stream, wait: Wait, count: int) -> Ints:
    return wait.seconds(stream.draw(SPREAD, count))


def _methods(stream: Stream, orders: Orders) -> Ints:
    bits = stream.bits(orders.count)
    method = np.zeros(orders.count, dtype=np.int64)
    for country, code in enumerate(COUNTRY_CODES):
        chosen = orders.country == country
        method[chosen] = rules.method(code).from_bits(bits[chosen])
    method[orders.attack_order >= 0] = rules.CREDIT_CARD
    return method


def payments_table(
    plan: Plan, orders: Orders, amounts: OrderAmounts, payments: Payments, voided: Ints, attacks: Attacks
) -> tuple[pa.Table, Ints]:
    """The table `payments`, and each order's first payment_id (-1: none).

    `voided` is when an order's successful payment is voided since the order is cancelled, -1 if never.
    """
    order = np.repeat(np.arange(orders.count), payments.attempts)
    first = np.cumsum(payments.attempts) - payments.attempts
    number = np.arange(len(order)) - first[order]
    attempted = payments.attempted(0)[order] + number * parameters.PAYMENT_RETRY_SECONDS
    happened = attempted < plan.end
    order, number, attempted = order[happened], number[happened], attempted[happened]
    is_last = number == payments.attempts[order] - 1
    succeeded = is_last & (payments.paid[order] >= 0)
    captured = attempted + parameters.CAPTURE_SECONDS
    is_voided = succeeded & (voided[order] >= 0) & (voided[order] < plan.end)
    is_captured = succeeded & (captured < plan.end) & ~is_voided
    status = np.select([~succeeded, is_voided, is_captured], [FAILED, VOIDED, CAPTURED], PENDING)
    stream, count = Stream(plan.seed, "payments-table"), len(order)
    method, amount = payments.method[order], amounts.total[order]
    fee = rules.fee(amount, method, order_terms(orders.country[order]).unit)
    reason = stream.choose(rules.FAILURE_REASON, count)
    updated = np.select([is_voided, is_captured], [voided[order], captured], attempted)
    table = pa.table(
        {
            "payment_id": columns.integers(np.arange(count) + 1),
            "order_id": columns.integers(order + 1),
            "sequence_number": columns.integers(number + 1),
            "method": columns.texts(method, METHODS),
            "gateway": columns.texts(method, rules.GATEWAYS),
            "status": columns.texts(status, STATUSES),
            "currency": columns.texts(orders.country[order], CURRENCIES),
            "amount": columns.amounts(amount),
            "fee_amount": columns.amounts(np.where(is_captured, fee, -1)),
            "installment_count": columns.integers(_instalments(stream.split("installments"), method)),
            "card_country": _card_countries(orders, order, method, attacks),
            "failure_reason": columns.texts(np.where(status == FAILED, reason, -1), rules.FAILURE_REASONS),
            "attempted_at": columns.timestamps(attempted),
            "captured_at": columns.timestamps(np.where(is_captured, captured, -1)),
            "created_at": columns.timestamps(attempted),
            "updated_at": columns.timestamps(updated),
        }
    )
    first_payment = np.full(orders.count, columns.NULL)
    is_first = number == 0
    first_payment[order[is_first]] = np.flatnonzero(is_first) + 1
    return table, first_payment


def _instalments(stream: Stream, method: Ints) -> Ints:
    drawn = np.array(rules.INSTALMENTS)[stream.choose(rules.INSTALMENT, len(method))]
    return np.where(method == rules.CREDIT_CARD, drawn, 1)


def _card_countries(orders: Orders, order: Ints, method: Ints, attacks: Attacks) -> pa.Array:
    """The country of each card: the buyer's, or for attacks the one planned; null if not a card."""
    abroad = sorted(set(attacks.order_card_country))
    own = np.where(rules.IS_CARD[method], orders.country[order], columns.NULL)
    stolen = np.array([abroad.index(code) for code in attacks.order_card_country]) + len(COUNTRY_CODES)
    position = orders.attack_order[order]
    return columns.texts(np.where(position >= 0, stolen[position], own), [*COUNTRY_CODES, *abroad])
