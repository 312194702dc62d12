"""What buyers do once they have their goods: write a review, send something back."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import partial

from simulator import parameters
from simulator.live.decisions.checkout import FraudBehaviour
from simulator.live.decisions.context import RunContext
from simulator.live.decisions.records import (
    Line,
    NewOrder,
    NewReview,
    ReturnDecision,
    ReturnRequest,
)
from simulator.randomness import Choice
from simulator.world import names

HOURS_PER_DAY = 24
USUAL_RETURN_RATE = 0.05
"""Of lines whose department the parameters do not know."""
_RATINGS = {delay: Choice(weights) for delay, weights in parameters.RATING_WEIGHTS_BY_DELAY.items()}
_REASONS = tuple(parameters.RETURN_REASON_WEIGHTS)
_REASON_CHOICE = Choice(list(parameters.RETURN_REASON_WEIGHTS.values()))


class AfterDelivery:
    """Reviews and returns that are still to come."""

    def __init__(self, run: RunContext) -> None:
        self._run = run
        self._rng = run.rng("aftermath")

    def begin(self, order: NewOrder, arrived: datetime, behaviour: FraudBehaviour, has_payment: bool) -> None:
        """An order has arrived."""
        if order.is_test:
            return
        delay = self._delay(order, arrived)
        if self._rng.happens(parameters.REVIEW_RATE):
            self._later(parameters.REVIEW_DAYS_MEAN, partial(self._review, order, delay))
        sent_back = tuple(line for line in order.lines if self._comes_back(line, delay, behaviour))
        if sent_back and has_payment:
            self._later(
                parameters.RETURN_DAYS_MEAN, partial(self._ask_to_return, order, sent_back, behaviour)
            )

    def _later(self, mean_days: float, action: partial[None]) -> None:
        self._run.after_hours(self._run.draw_hours(mean_days * HOURS_PER_DAY, self._rng), action)

    def _delay(self, order: NewOrder, arrived: datetime) -> str:
        late = (arrived - order.estimated_delivery_at) * self._run.speed_up
        on_time, little = parameters.DELAY_LIMITS_DAYS
        days = late.total_seconds() / 3_600 / HOURS_PER_DAY
        kinds = tuple(parameters.RATING_WEIGHTS_BY_DELAY)
        return kinds[0] if days <= on_time else kinds[1] if days <= little else kinds[2]

    def _review(self, order: NewOrder, delay: str) -> None:
        rating = self._rng.choose(_RATINGS[delay]) + 1
        texts = names.REVIEW_TEXTS[rating]
        self._run.write(
            NewReview(
                order_id=order.order_id,
                user_id=order.user_id,
                product_id=order.lines[self._rng.below(len(order.lines))].product_id,
                rating=rating,
                title=names.REVIEW_TITLES[rating],
                content=texts[self._rng.below(len(texts))],
                at=self._run.now,
            )
        )

    def _comes_back(self, line: Line, delay: str, behaviour: FraudBehaviour) -> bool:
        sku = self._run.shop.sku_by_id.get(line.sku_id)
        department = parameters.DEPARTMENTS.get(sku.department) if sku else None
        rate = department.return_rate if department else USUAL_RETURN_RATE
        if delay != "on_time":
            rate *= parameters.LATE_RETURN_FACTOR
        return behaviour.returns_everything or self._rng.happens(min(1.0, rate))

    def _ask_to_return(self, order: NewOrder, lines: tuple[Line, ...], behaviour: FraudBehaviour) -> None:
        request = ReturnRequest(
            order_id=order.order_id,
            return_ids=tuple(self._run.new_id("order_returns") for _ in lines),
            lines=lines,
            currency=order.currency,
            reason=_REASONS[self._rng.choose(_REASON_CHOICE)],
            refund_amounts=tuple(max(Decimal(0), line.total_amount - line.shipping_amount) for line in lines),
            at=self._run.now,
        )
        self._run.write(request)
        is_accepted = behaviour.returns_everything or not self._rng.happens(parameters.RETURN_REJECTED_RATE)
        days = parameters.RETURN_TRANSIT_DAYS_MEAN + parameters.REFUND_DAYS_MEAN
        ends_order = len(lines) == len(order.lines)
        self._later(days, partial(self._decide, request, is_accepted, ends_order))

    def _decide(self, request: ReturnRequest, is_accepted: bool, ends_order: bool) -> None:
        resellable = tuple(
            line for line in request.lines if is_accepted and self._rng.happens(parameters.RESELLABLE_RATE)
        )
        for line in resellable:
            stock = self._run.shop.warehouse_stock(line.sku_id, line.warehouse_id)
            if stock is not None:
                stock.quantity += line.quantity
        self._run.write(ReturnDecision(request, is_accepted, resellable, ends_order, self._run.now))
