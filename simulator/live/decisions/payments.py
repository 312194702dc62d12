"""Attempts to pay an order: the method, whether it succeeds, and what it costs the shop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from simulator import network, parameters
from simulator.live.decisions.checkout import FraudBehaviour
from simulator.live.decisions.context import RunContext
from simulator.live.decisions.records import NewOrder, PaymentAttempt
from simulator.rules import money
from simulator.rules import payments as rules
from simulator.rules.cards import card_number


@dataclass(frozen=True, slots=True)
class PaymentInstrument:
    """What the attempts of an order pay with."""

    method: int
    """Position in METHODS."""
    card_country: str | None
    """None if it is not a card."""
    card_fingerprint: str | None


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

    def instrument(self, order: NewOrder, method: int, fraud: FraudBehaviour | None) -> PaymentInstrument:
        """What all attempts of an order pay with, by this method."""
        if not rules.IS_CARD[method]:
            return PaymentInstrument(method, None, None)
        card = self._own_card(order, method) if fraud is None or fraud.card is None else fraud.card
        country = order.destination.country if fraud is None else fraud.card_country
        return PaymentInstrument(method, country, network.card_fingerprint(card))

    def _own_card(self, order: NewOrder, method: int) -> int:
        account = order.user_id - 1
        is_second = self._rng.happens(parameters.SECOND_CARD_USE_RATE) and network.has_second_card(account)
        return int(card_number(np.array([account]), np.array([method]), np.array([is_second]))[0])

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
        instrument: PaymentInstrument,
        attempted_at: datetime,
        has_failed: bool,
    ) -> int:
        """Write an attempt and return its payment_id; the money of a successful one is captured now."""
        method, payment_id = instrument.method, self._run.new_id("payments")
        amount = np.array([money.hundredths(order.total_amount)])
        fee = rules.fee(amount, np.array([method]), np.array([money.smallest_unit(order.currency)]))
        instalments = self._rng.choose(rules.INSTALMENT) if method == rules.CREDIT_CARD else 0
        self._run.write(
            PaymentAttempt(
                payment_id=payment_id,
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
                card_country=instrument.card_country,
                card_fingerprint=instrument.card_fingerprint,
                failure_reason=self._failure_reason() if has_failed else None,
            )
        )
        return payment_id

    def _failure_reason(self) -> str:
        return rules.FAILURE_REASONS[self._rng.choose(rules.FAILURE_REASON)]
