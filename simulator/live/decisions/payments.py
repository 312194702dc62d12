"""Paying: with what, whether it works, what it costs the shop."""

from __future__ import annotations

from decimal import Decimal

from simulator import parameters
from simulator.live.decisions.checkout import FraudBehaviour
from simulator.live.decisions.context import RunContext
from simulator.live.decisions.records import NewOrder, PaymentAttempt
from simulator.live.decisions.shop import rounded
from simulator.randomness import Choice

HABITS_ELSEWHERE = "US"
"""People of countries that the parameters do not know pay as these do."""
_REASONS = tuple(parameters.FAILURE_REASON_WEIGHTS)
_REASON_CHOICE = Choice(list(parameters.FAILURE_REASON_WEIGHTS.values()))
_METHODS = {country: tuple(weights) for country, weights in parameters.PAYMENT_METHOD_WEIGHTS.items()}
_METHOD_CHOICES = {
    country: Choice(list(weights.values())) for country, weights in parameters.PAYMENT_METHOD_WEIGHTS.items()
}


class PaymentAttempts:
    """Attempts to pay."""

    def __init__(self, run: RunContext) -> None:
        self._run = run
        self._rng = run.rng("paying")

    def attempt(self, order: NewOrder, number: int, behaviour: FraudBehaviour) -> bool:
        """Try once; whether it worked."""
        method = "credit_card" if behaviour.card_country else self._method(order.destination.country)
        usual = parameters.PAYMENT_FAILURE_RATE[method]
        failure_rate = usual if behaviour.payment_failure_rate is None else behaviour.payment_failure_rate
        failed = self._rng.happens(failure_rate)
        fee = order.total_amount * Decimal(str(parameters.PAYMENT_FEE_RATE[method]))
        is_card = method.endswith("_card")
        self._run.write(
            PaymentAttempt(
                payment_id=self._run.new_id("payments"),
                order_id=order.order_id,
                sequence_number=number,
                method=method,
                gateway=parameters.PAYMENT_GATEWAYS[method],
                currency=order.currency,
                amount=order.total_amount,
                fee_amount=None if failed else rounded(fee, order.currency),
                at=self._run.now,
                card_country=(behaviour.card_country or order.destination.country) if is_card else None,
                failure_reason=_REASONS[self._rng.choose(_REASON_CHOICE)] if failed else None,
            )
        )
        return not failed

    def _method(self, country: str) -> str:
        habits = country if country in _METHODS else HABITS_ELSEWHERE
        return _METHODS[habits][self._rng.choose(_METHOD_CHOICES[habits])]
