"""How orders are paid: confirmation, attempts, failures and retries, orders left unpaid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from simulator import columns, parameters
from simulator.history.amounts import OrderAmounts
from simulator.history.attacks import VELOCITY, Attacks
from simulator.history.orders import Orders
from simulator.plan import Plan
from simulator.randomness import Bools, Choice, Ints, Quantiles, Stream, per_million
from simulator.world.places import COUNTRY_CODES
from simulator.world.rates import CURRENCIES

METHODS = tuple(parameters.PAYMENT_FEE_RATE)
STATUSES = ("pending", "authorized", "captured", "failed", "voided")
PENDING, AUTHORIZED, CAPTURED, FAILED, VOIDED = range(len(STATUSES))
_MILD = Quantiles(parameters.MILD_QUANTILES_PER_MILLE)
_REASONS = tuple(parameters.FAILURE_REASON_WEIGHTS)
_CARDS = 2
"""The first methods are cards."""
_FAILURE = np.array([per_million(rate) for rate in parameters.PAYMENT_FAILURE_RATE.values()])
_TRIED_CARD_FAILURE = per_million(parameters.TRIED_CARD_FAILURE_RATE)
_RETRY_SECONDS = 150
_CAPTURE_SECONDS = 20


@dataclass(frozen=True)
class Payments:
    """Per order: when it was confirmed, how it was tried to be paid, and when that succeeded (-1: never)."""

    confirmed: Ints
    method: Ints
    attempts: Ints
    """Number of attempts; 0 where the buyer never tried, or the marketplace settles."""
    first_attempt: Ints
    paid: Ints
    is_refused: Bools
    """All attempts failed."""

    def attempted(self, number: int) -> Ints:
        """When attempt `number` (from 0) was made, were it made."""
        return self.first_attempt + number * _RETRY_SECONDS


def simulate_payments(plan: Plan, orders: Orders, attacks: Attacks) -> Payments:
    """Try to pay every order."""
    stream, count = Stream(plan.seed, "payments"), orders.count
    confirmed = orders.moment + 5 + _wait(stream.split("confirm"), parameters.MINUTES_TO_CONFIRM * 60, count)
    first = confirmed + 5 + _wait(stream.split("pay"), parameters.MINUTES_TO_PAY * 60, count)
    method = _methods(stream.split("method"), orders)
    is_fraud = orders.attack_order >= 0
    is_trying_cards = is_fraud & (attacks.kind_of_order[orders.attack_order] == VELOCITY)
    failure = np.where(is_trying_cards, _TRIED_CARD_FAILURE, _FAILURE[method])
    tries = ~stream.split("unpaid").happens(parameters.NOT_PAID_CANCEL_RATE, count) | is_fraud
    attempts = np.where(tries, 1, 0)
    failed = tries & stream.split("fail", 0).happens_each(failure) & ~orders.is_settled_elsewhere
    has_failed = failed
    for number in range(1, parameters.MOST_PAYMENT_ATTEMPTS):
        again = has_failed & stream.split("again", number).happens(parameters.PAYMENT_RETRY_RATE, count)
        attempts[again] += 1
        has_failed = again & stream.split("fail", number).happens_each(failure)
        failed = (failed & ~again) | has_failed
    paid = first + (np.maximum(attempts, 1) - 1) * _RETRY_SECONDS + _CAPTURE_SECONDS
    return Payments(
        confirmed=confirmed,
        method=method,
        attempts=np.where(orders.is_settled_elsewhere, 0, attempts),
        first_attempt=first,
        paid=np.where(tries & ~failed, paid, columns.NULL),
        is_refused=failed,
    )


def _wait(stream: Stream, mean_seconds: int, count: int) -> Ints:
    return stream.draw(_MILD, count) * mean_seconds // 1_000


def _methods(stream: Stream, orders: Orders) -> Ints:
    bits = stream.bits(orders.count)
    method = np.zeros(orders.count, dtype=np.int64)
    for country, code in enumerate(COUNTRY_CODES):
        chosen = orders.country == country
        weights = parameters.PAYMENT_METHOD_WEIGHTS[code]
        method[chosen] = Choice([weights.get(name, 0) for name in METHODS]).from_bits(bits[chosen])
    is_fraud = orders.attack_order >= 0
    method[is_fraud] = METHODS.index("credit_card")
    return method


def payments_table(
    plan: Plan,
    orders: Orders,
    amounts: OrderAmounts,
    payments: Payments,
    voided: Ints,
    attacks: Attacks,
) -> tuple[pa.Table, Ints]:
    """The table of payments, and each order's first payment_id (-1: none).

    `voided` is when an order's successful payment was called back before capture counted, -1 if it stands.
    """
    order = np.repeat(np.arange(orders.count), payments.attempts)
    first = np.cumsum(payments.attempts) - payments.attempts
    number = np.arange(len(order)) - first[order]
    attempted = payments.attempted(0)[order] + number * _RETRY_SECONDS
    happened = attempted < plan.end
    order, number, attempted = order[happened], number[happened], attempted[happened]
    is_last = number == payments.attempts[order] - 1
    succeeded = is_last & (payments.paid[order] >= 0)
    settled = attempted + _CAPTURE_SECONDS
    is_voided = succeeded & (voided[order] >= 0) & (voided[order] < plan.end)
    is_captured = succeeded & (settled < plan.end) & ~is_voided
    status = np.select([~succeeded, is_voided, is_captured], [FAILED, VOIDED, CAPTURED], PENDING)
    stream, count = Stream(plan.seed, "payments-table"), len(order)
    method, amount = payments.method[order], amounts.total[order]
    fee_rate = np.array([per_million(rate) for rate in parameters.PAYMENT_FEE_RATE.values()])[method]
    reason = stream.choose(Choice(list(parameters.FAILURE_REASON_WEIGHTS.values())), count)
    updated = np.select([is_voided, is_captured], [voided[order], settled], attempted)
    table = pa.table(
        {
            "payment_id": columns.integers(np.arange(count) + 1),
            "order_id": columns.integers(order + 1),
            "sequence_number": columns.integers(number + 1),
            "method": columns.texts(method, METHODS),
            "gateway": columns.texts(method, [parameters.PAYMENT_GATEWAYS[name] for name in METHODS]),
            "status": columns.texts(status, STATUSES),
            "currency": columns.texts(orders.country[order], CURRENCIES),
            "amount": columns.amounts(amount),
            "fee_amount": columns.amounts(np.where(is_captured, amount // 1_000 * fee_rate // 1_000, -1)),
            "installment_count": columns.integers(_installments(stream.split("installments"), method)),
            "card_country": _card_countries(orders, order, method, attacks),
            "failure_reason": columns.texts(np.where(status == FAILED, reason, -1), _REASONS),
            "attempted_at": columns.timestamps(attempted),
            "captured_at": columns.timestamps(np.where(is_captured, settled, -1)),
            "created_at": columns.timestamps(attempted),
            "updated_at": columns.timestamps(updated),
        }
    )
    first_payment = np.full(orders.count, columns.NULL)
    opening = number == 0
    first_payment[order[opening]] = np.flatnonzero(opening) + 1
    return table, first_payment


def _installments(stream: Stream, method: Ints) -> Ints:
    """Credit cards may pay in instalments."""
    chosen = np.array([1, 3, 6, 10])[stream.choose(Choice((80, 10, 7, 3)), len(method))]
    return np.where(method == METHODS.index("credit_card"), chosen, 1)


def _card_countries(orders: Orders, order: Ints, method: Ints, attacks: Attacks) -> pa.Array:
    """Cards come from the buyer's country; an attack's from where the attack says."""
    abroad = sorted(set(attacks.order_card_country))
    own = np.where(method < _CARDS, orders.country[order], columns.NULL)
    stolen = np.array([abroad.index(code) for code in attacks.order_card_country]) + len(COUNTRY_CODES)
    place = orders.attack_order[order]
    return columns.texts(np.where(place >= 0, stolen[place], own), [*COUNTRY_CODES, *abroad])
