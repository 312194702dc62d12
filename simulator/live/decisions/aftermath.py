"""What buyers do once they have their goods: write a review, send something back."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import partial

from simulator import parameters
from simulator.live.decisions.checkout import Conduct
from simulator.live.decisions.records import (
    Line,
    NewOrder,
    NewReview,
    ReturnRequest,
    ReturnVerdict,
)
from simulator.live.decisions.stage import Stage
from simulator.randomness import Choice
from simulator.world import names

HOURS_PER_DAY = 24
USUAL_RETURN_RATE = 0.05
"""Of lines whose department the parameters do not know."""
_RATINGS = {delay: Choice(weights) for delay, weights in parameters.RATING_WEIGHTS_BY_DELAY.items()}
_REASONS = tuple(parameters.RETURN_REASON_WEIGHTS)
_REASON_CHOICE = Choice(list(parameters.RETURN_REASON_WEIGHTS.values()))


class Aftermath:
    """Reviews and returns that are still to come."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._dice = stage.dice("aftermath")

    def begin(self, order: NewOrder, arrived: datetime, conduct: Conduct, has_payment: bool) -> None:
        """An order has arrived."""
        if order.is_test:
            return
        delay = self._delay(order, arrived)
        if self._dice.happens(parameters.REVIEW_RATE):
            self._later(parameters.REVIEW_DAYS_MEAN, partial(self._review, order, delay))
        sent_back = tuple(line for line in order.lines if self._comes_back(line, delay, conduct))
        if sent_back and has_payment:
            self._later(parameters.RETURN_DAYS_MEAN, partial(self._ask_to_return, order, sent_back, conduct))

    def _later(self, mean_days: float, action: partial[None]) -> None:
        self._stage.later(self._stage.hours(mean_days * HOURS_PER_DAY, self._dice), action)

    def _delay(self, order: NewOrder, arrived: datetime) -> str:
        late = (arrived - order.estimated_delivery_at) * self._stage.speed_up
        on_time, little = parameters.DELAY_LIMITS_DAYS
        days = late.total_seconds() / 3_600 / HOURS_PER_DAY
        kinds = tuple(parameters.RATING_WEIGHTS_BY_DELAY)
        return kinds[0] if days <= on_time else kinds[1] if days <= little else kinds[2]

    def _review(self, order: NewOrder, delay: str) -> None:
        rating = self._dice.choose(_RATINGS[delay]) + 1
        texts = names.REVIEW_TEXTS[rating]
        self._stage.write(
            NewReview(
                order_id=order.order_id,
                user_id=order.user_id,
                product_id=order.lines[self._dice.below(len(order.lines))].product_id,
                rating=rating,
                title=names.REVIEW_TITLES[rating],
                content=texts[self._dice.below(len(texts))],
                at=self._stage.now,
            )
        )

    def _comes_back(self, line: Line, delay: str, conduct: Conduct) -> bool:
        sku = self._stage.shop.sku_by_id.get(line.sku_id)
        department = parameters.DEPARTMENTS.get(sku.department) if sku else None
        rate = department.return_rate if department else USUAL_RETURN_RATE
        if delay != "on_time":
            rate *= parameters.LATE_RETURN_FACTOR
        return conduct.returns_everything or self._dice.happens(min(1.0, rate))

    def _ask_to_return(self, order: NewOrder, lines: tuple[Line, ...], conduct: Conduct) -> None:
        request = ReturnRequest(
            order_id=order.order_id,
            return_ids=tuple(self._stage.new_id("order_returns") for _ in lines),
            lines=lines,
            currency=order.currency,
            reason=_REASONS[self._dice.choose(_REASON_CHOICE)],
            refund_amounts=tuple(max(Decimal(0), line.total_amount - line.shipping_amount) for line in lines),
            at=self._stage.now,
        )
        self._stage.write(request)
        is_accepted = conduct.returns_everything or not self._dice.happens(parameters.RETURN_REJECTED_RATE)
        days = parameters.RETURN_TRANSIT_DAYS_MEAN + parameters.REFUND_DAYS_MEAN
        ends_order = len(lines) == len(order.lines)
        self._later(days, partial(self._settle, request, is_accepted, ends_order))

    def _settle(self, request: ReturnRequest, is_accepted: bool, ends_order: bool) -> None:
        resellable = tuple(
            line for line in request.lines if is_accepted and self._dice.happens(parameters.RESELLABLE_RATE)
        )
        for line in resellable:
            place = self._stage.shop.place(line.sku_id, line.warehouse_id)
            if place is not None:
                place.quantity += line.quantity
        self._stage.write(ReturnVerdict(request, is_accepted, resellable, ends_order, self._stage.now))
