"""Chargebacks and the risk team's cases in live traffic, days after the order."""

from __future__ import annotations

from functools import partial

from simulator import parameters
from simulator.live.decisions.checkout import FraudBehaviour
from simulator.live.decisions.context import RunContext
from simulator.live.decisions.records import NewOrder
from simulator.live.decisions.settlement_records import CaseDecision, Chargeback, NewFraudCase
from simulator.rules import risk as rules
from simulator.rules.payments import IS_CARD
from simulator.rules.returns import MILLION


class Risk:
    """Chargebacks and cases that are still to come."""

    def __init__(self, run: RunContext) -> None:
        self._run = run
        self._rng = run.rng("risk")
        self._charged_back: set[int] = set()
        """Orders that are charged back, or will be."""
        self._cases: set[int] = set()

    def begin(self, order: NewOrder, fraud: FraudBehaviour | None) -> None:
        """Decide whether the risk team will open a case of a new order by itself."""
        kind = _kind(fraud)
        if not order.is_test and self._rng.below(MILLION) < int(rules.CASE[kind]):
            open_case = partial(self._open_case, order.order_id, kind)
            self._run.after(self._rng.between(*rules.OPENING_SECONDS), open_case)

    def on_capture(self, order: NewOrder, payment_id: int, method: int, fraud: FraudBehaviour | None) -> None:
        """Decide whether a captured payment will be charged back."""
        kind = _kind(fraud)
        if IS_CARD[method] and self._rng.below(MILLION) < int(rules.CHARGEBACK[kind]):
            self._charged_back.add(order.order_id)
            charge_back = partial(self._charge_back, order.order_id, payment_id, kind)
            self._run.after(self._rng.between(*rules.CHARGEBACK_SECONDS), charge_back)

    def is_charged_back(self, order_id: int) -> bool:
        """Whether an order's payment is charged back or will be; nothing of such an order is returned."""
        return order_id in self._charged_back

    def on_cancelled(self, order_id: int) -> None:
        """Drop the chargeback of an order whose money goes back anyway."""
        self._charged_back.discard(order_id)

    def resume(self, order_id: int) -> None:
        """Decide a case that was opened before this run; whether it was an attack is not known here."""
        is_fraud = self._rng.happens(parameters.RESUMED_CASE_FRAUD_RATE)
        self._decide_later(order_id, is_fraud)

    def _charge_back(self, order_id: int, payment_id: int, kind: int) -> None:
        if self.is_charged_back(order_id):
            self._run.write(Chargeback(order_id, payment_id, self._run.now))
            self._open_case(order_id, kind)

    def _open_case(self, order_id: int, kind: int) -> None:
        if order_id not in self._cases:
            self._cases.add(order_id)
            self._run.write(NewFraudCase(order_id, self._run.now))
            self._decide_later(order_id, self._rng.below(MILLION) < int(rules.DECIDED_AS_FRAUD[kind]))

    def _decide_later(self, order_id: int, is_fraud: bool) -> None:
        outcome = rules.FRAUD if is_fraud else rules.LEGITIMATE
        decide = partial(self._decide, order_id, outcome)
        self._run.after(self._rng.between(*rules.DECISION_SECONDS), decide)

    def _decide(self, order_id: int, outcome: str) -> None:
        self._run.write(CaseDecision(order_id, outcome, self._run.now))


def _kind(fraud: FraudBehaviour | None) -> int:
    return rules.kind_position(None if fraud is None else fraud.rule.kind)
