"""What follows a delivery: reviews and returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import partial

import numpy as np

from simulator import parameters
from simulator.live.decisions.checkout import FraudBehaviour
from simulator.live.decisions.context import SECONDS_PER_HOUR, RunContext
from simulator.live.decisions.records import (
    Line,
    NewOrder,
    NewReview,
    Refund,
    ReturnDecision,
    ReturnReceipt,
    ReturnRequest,
)
from simulator.live.decisions.risk import Risk
from simulator.randomness import Choice
from simulator.rules import money
from simulator.rules import returns as rules
from simulator.rules.delivery import DELAYS, delay_class
from simulator.rules.waiting import REFUND, RETURN_REQUEST, RETURN_TRANSIT, REVIEW
from simulator.world import names

_RATINGS = {delay: Choice(weights) for delay, weights in parameters.RATING_WEIGHTS_BY_DELAY.items()}
_DECISION_SECONDS = parameters.RETURN_DECISION_HOURS * SECONDS_PER_HOUR


@dataclass(slots=True)
class _ReturnsOfOrder:
    order: NewOrder
    received: set[int] = field(default_factory=set)
    """order_item_id of the lines that are back."""


class AfterDelivery:
    """Reviews and returns that are still to come."""

    def __init__(self, run: RunContext, risk: Risk) -> None:
        self._run, self._risk = run, risk
        self._rng = run.rng("aftermath")

    def begin(
        self, order: NewOrder, arrived: datetime, fraud: FraudBehaviour | None, is_settled_here: bool
    ) -> None:
        """Plan what follows the delivery of an order."""
        if order.is_test:
            return
        delay = self._delay(order, arrived)
        if self._rng.happens(parameters.REVIEW_RATE):
            self._run.after(self._run.draw_wait(REVIEW, self._rng), partial(self._review, order, delay))
        returns = _ReturnsOfOrder(order)
        may_return = is_settled_here and not self._risk.is_charged_back(order.order_id)
        for line in order.lines if may_return else ():
            if self._is_returned(line, delay, fraud):
                request = partial(self._request_return, returns, line, fraud)
                self._run.after(self._run.draw_wait(RETURN_REQUEST, self._rng), request)

    def _delay(self, order: NewOrder, arrived: datetime) -> str:
        late = (arrived - order.estimated_delivery_at) * self._run.speed_up
        return DELAYS[int(delay_class(np.array([late.total_seconds()]))[0])]

    def _review(self, order: NewOrder, delay: str) -> None:
        rating = self._rng.choose(_RATINGS[delay]) + 1
        texts = names.REVIEW_TEXTS[rating]
        text = texts[self._rng.below(len(texts))]
        is_wordless = self._rng.happens(parameters.WORDLESS_REVIEW_RATE)
        self._run.write(
            NewReview(
                order_id=order.order_id,
                user_id=order.user_id,
                product_id=order.lines[self._rng.below(len(order.lines))].product_id,
                rating=rating,
                title=None if is_wordless else names.REVIEW_TITLES[rating],
                content=None if is_wordless else text,
                at=self._run.now,
            )
        )

    def _is_returned(self, line: Line, delay: str, fraud: FraudBehaviour | None) -> bool:
        if fraud is not None and fraud.rule.returns_everything:
            return True
        sku = self._run.shop.sku_by_id.get(line.sku_id)
        department = np.array([rules.department_position(sku.department if sku else "")])
        rate = rules.return_rate(department, is_late=delay != DELAYS[0])
        return self._rng.below(rules.MILLION) < int(rate[0])

    def _request_return(self, returns: _ReturnsOfOrder, line: Line, fraud: FraudBehaviour | None) -> None:
        run, order = self._run, returns.order
        request = ReturnRequest(
            order_id=order.order_id,
            return_id=run.new_id("order_returns"),
            line=line,
            currency=order.currency,
            reason=rules.REASONS[self._rng.choose(rules.REASON)],
            refund_amount=_refund_amount(line),
            at=run.now,
        )
        run.write(request)
        always = fraud is not None and fraud.rule.returns_everything
        is_approved = not self._rng.happens(parameters.RETURN_REJECTED_RATE) or always
        run.after(_DECISION_SECONDS, partial(self._decide, returns, request, is_approved))

    def _decide(self, returns: _ReturnsOfOrder, request: ReturnRequest, is_approved: bool) -> None:
        self._run.write(ReturnDecision(request.order_id, request.return_id, is_approved, self._run.now))
        if is_approved:
            transit = self._run.draw_wait(RETURN_TRANSIT, self._rng)
            self._run.after(transit, partial(self._receive, returns, request))

    def _receive(self, returns: _ReturnsOfOrder, request: ReturnRequest) -> None:
        run, line = self._run, request.line
        is_resellable = self._rng.happens(parameters.RESELLABLE_RATE)
        stock = run.shop.warehouse_stock(line.sku_id, line.warehouse_id)
        if stock is not None and is_resellable:
            stock.quantity += line.quantity
        returns.received.add(line.order_item_id)
        ends_order = len(returns.received) == len(returns.order.lines)
        run.write(ReturnReceipt(request, is_resellable, ends_order, run.now))
        refund = partial(self._refund, request.order_id, request.return_id)
        run.after(run.draw_wait(REFUND, self._rng), refund)

    def _refund(self, order_id: int, return_id: int) -> None:
        self._run.write(Refund(order_id, return_id, self._run.now))


def _refund_amount(line: Line) -> Decimal:
    parts = (line.subtotal_amount, line.goods_discount_amount, line.tax_amount)
    amount, discount, tax = (np.array([money.hundredths(part)]) for part in parts)
    return money.decimal(rules.refund_amount(amount, discount, tax)[0])
