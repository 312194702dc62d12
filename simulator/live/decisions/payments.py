"""Attempts to pay an order: the method, whether it succeeds, and what it costs the shop."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from simulator import parameters
from simulator.live.decisions.checkout import FraudBehaviour
from simulator.live.decisions.context import RunContext
from simulator.live.decisions.records import NewOrder, PaymentAttempt
from simulator.rules import money
from simulator.rules import payments as rules


class PaymentAttempts:
    """Attempts to pay."""

    def __init__(self, run: RunContext) -> None:
        self._run = run
        self._rng = run.rng("paying")

    def method(self, order: NewOrder, fraud: FraudBehaviour | None) -> int:
        """The method of all attempts of an order, as a position in METHODS."""
        if fraud is not None:
            return rules.CREDIT_CARD
        return self._rng.choose(rules.method(order.destination.country))

    def fails(self, method: int, fraud: FraudBehaviour | None) -> bool:
        """Whether an attempt fails."""
        rate = parameters.PAYMENT_FAILURE_RATE[rules.METHODS[method]]
        if fraud is not None and fraud.rule.payment_failure_rate is not None:
            rate = fraud.rule.payment_failure_rate
        return self._rng.happens(rate)

    def write(
        self,
        order: NewOrder,
        number: int,
        method: int,
        attempted_at: datetime,
        has_failed: bool,
        fraud: FraudBehaviour | None,
    ) -> None:
        """Write an attempt; the money of a successful one is captured now."""
        amount = np.array([money.hundredths(order.total_amount)])
        fee = rules.fee(amount, np.array([method]), np.array([money.smallest_unit(order.currency)]))
        card_country = fraud.card_country if fraud is not None else order.destination.country
        instalments = self._rng.choose(rules.INSTALMENT) if method == rules.CREDIT_CARD else 0
        self._run.write(
            PaymentAttempt(
                payment_id=self._run.new_id("payments"),
                order_id=order.order_id,
                sequence_number=number,
                method=rules.METHODS[method],
                gateway=rules.GATEWAYS[method],
                currency=order.currency,
                amount=order.total_amount,
                fee_amount=None if has_failed else money.decimal(fee[0]),
                installment_count=rules.INSTALMENTS[instalments],
                attempted_at=attempted_at,
                captured_at=None if has_failed else self._run.now,
                card_country=card_country if rules.IS_CARD[method] else None,
                failure_reason=self._failure_reason() if has_failed else None,
            )
        )

    def _failure_reason(self) -> str:
        return rules.FAILURE_REASONS[self._rng.choose(rules.FAILURE_REASON)]
