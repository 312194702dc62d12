"""Payments of all orders: confirmation, attempts, failures and retries, orders left unpaid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from simulator import columns, network, parameters
from simulator.history.amounts import OrderAmounts, order_terms
from simulator.history.attacks import Attacks
from simulator.history.orders import Orders
from simulator.plan import Plan
from simulator.randomness import Bools, Ints, Stream, per_million
from simulator.rules import payments as rules
from simulator.rules.attacks import RULES
from simulator.rules.cards import card_number
from simulator.rules.waiting import CONFIRMATION, PAYMENT, SPREAD, Wait
from simulator.world.places import COUNTRY_CODES
from simulator.world.rates import CURRENCIES

METHODS = rules.METHODS
STATUSES = ("pending", "authorized", "captured", "failed", "voided", "charged_back")
PENDING, AUTHORIZED, CAPTURED, FAILED, VOIDED, CHARGED_BACK = range(len(STATUSES))
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


@dataclass(frozen=True)
class PaymentRows:
    """Columns of payment attempts, sorted by order; a row's position plus one is its `payment_id`."""

    order: Ints
    number: Ints
    attempted: Ints
    received: Ints
    """When the money of a successful attempt is received, whether or not it is voided afterwards."""
    captured: Ints
    """The same, -1 if that is after the plan, or the payment failed or was voided."""
    voided: Ints
    charged_back: Ints
    is_failed: Bools
    fee: Ints

    @property
    def status(self) -> Ints:
        """Position in STATUSES of each row."""
        cases = [self.is_failed, self.voided >= 0, self.charged_back >= 0, self.captured >= 0]
        return np.select(cases, [FAILED, VOIDED, CHARGED_BACK, CAPTURED], PENDING)

    def first_of_orders(self, count: int) -> Ints:
        """The payment_id of each order's first attempt, -1 for none."""
        return self._ids(count, self.number == 0)

    def captured_of_orders(self, count: int) -> Ints:
        """The payment_id of each order's captured payment, -1 for none."""
        return self._ids(count, self.captured >= 0)

    def _ids(self, count: int, chosen: Bools) -> Ints:
        ids = np.full(count, columns.NULL)
        ids[self.order[chosen]] = np.flatnonzero(chosen) + 1
        return ids


def payment_rows(
    plan: Plan, orders: Orders, amounts: OrderAmounts, payments: Payments, voided: Ints, charged_back: Ints
) -> PaymentRows:
    """All attempts within the plan.

    Per order, `voided` is when its successful payment is voided since the order is cancelled, and
    `charged_back` when it is charged back; -1 if never.
    """
    order = np.repeat(np.arange(orders.count), payments.attempts)
    first = np.cumsum(payments.attempts) - payments.attempts
    number = np.arange(len(order)) - first[order]
    attempted = payments.attempted(0)[order] + number * parameters.PAYMENT_RETRY_SECONDS
    happened = attempted < plan.end
    order, number, attempted = order[happened], number[happened], attempted[happened]
    succeeded = (number == payments.attempts[order] - 1) & (payments.paid[order] >= 0)
    captured = attempted + parameters.CAPTURE_SECONDS
    is_voided = succeeded & (voided[order] >= 0) & (voided[order] < plan.end)
    is_captured = succeeded & (captured < plan.end) & ~is_voided
    units = order_terms(orders.country[order]).unit
    return PaymentRows(
        order=order,
        number=number,
        attempted=attempted,
        received=captured,
        captured=np.where(is_captured, captured, columns.NULL),
        voided=np.where(is_voided, voided[order], columns.NULL),
        charged_back=np.where(is_captured, charged_back[order], columns.NULL),
        is_failed=~succeeded,
        fee=rules.fee(amounts.total[order], payments.method[order], units),
    )


def payments_table(
    plan: Plan,
    orders: Orders,
    amounts: OrderAmounts,
    payments: Payments,
    rows: PaymentRows,
    attacks: Attacks,
) -> pa.Table:
    """The table `payments`."""
    order, count, method = rows.order, len(rows.order), payments.method[rows.order]
    stream, status = Stream(plan.seed, "payments-table"), rows.status
    reason = stream.choose(rules.FAILURE_REASON, count)
    updated = np.maximum.reduce([rows.attempted, rows.captured, rows.voided, rows.charged_back])
    return pa.table(
        {
            "payment_id": columns.integers(np.arange(count) + 1),
            "order_id": columns.integers(order + 1),
            "sequence_number": columns.integers(rows.number + 1),
            "method": columns.texts(method, METHODS),
            "gateway": columns.texts(method, rules.GATEWAYS),
            "status": columns.texts(status, STATUSES),
            "currency": columns.texts(orders.country[order], CURRENCIES),
            "amount": columns.amounts(amounts.total[order]),
            "fee_amount": columns.amounts(np.where(rows.captured >= 0, rows.fee, columns.NULL)),
            "installment_count": columns.integers(_instalments(stream.split("installments"), method)),
            "card_country": _card_countries(orders, order, method, attacks),
            "card_fingerprint": _card_fingerprints(plan, orders, order, method, attacks),
            "failure_reason": columns.texts(
                np.where(status == FAILED, reason, columns.NULL), rules.FAILURE_REASONS
            ),
            "attempted_at": columns.timestamps(rows.attempted),
            "captured_at": columns.timestamps(rows.captured),
            "charged_back_at": columns.timestamps(rows.charged_back),
            "created_at": columns.timestamps(rows.attempted),
            "updated_at": columns.timestamps(updated),
        }
    )


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


def _card_fingerprints(plan: Plan, orders: Orders, order: Ints, method: Ints, attacks: Attacks) -> pa.Array:
    """The card of each payment: one of the buyer's, or for attacks the one planned; null if not a card."""
    uses_second = Stream(plan.seed, "cards").happens(parameters.SECOND_CARD_USE_RATE, orders.count)
    accounts = np.unique(orders.user)
    second = np.array([network.has_second_card(account) for account in accounts.tolist()])
    has_second = second[np.searchsorted(accounts, orders.user)]
    number = card_number(orders.user[order], method, (uses_second & has_second)[order])
    planned = np.array(attacks.order_card, dtype=np.int64)[orders.attack_order[order]]
    number = np.where((orders.attack_order[order] >= 0) & (planned >= 0), planned, number)
    numbers, position = np.unique(number, return_inverse=True)
    fingerprints = [network.card_fingerprint(each) for each in numbers.tolist()]
    return columns.texts(np.where(rules.IS_CARD[method], position, columns.NULL), fingerprints)
