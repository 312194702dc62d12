"""Reviews of delivered orders; ratings depend on how late the parcel was."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from simulator import columns, parameters
from simulator.history.delivery import Delivery
from simulator.history.order_lines import OrderLines
from simulator.history.order_steps import DELIVERED, OrderSteps
from simulator.history.orders import Orders
from simulator.plan import Plan
from simulator.randomness import Choice, Ints, Stream
from simulator.rules.delivery import delay_class
from simulator.rules.waiting import REVIEW, SPREAD
from simulator.world import names

_TEXTS = [text for rating in range(1, 6) for text in names.REVIEW_TEXTS[rating]]
_TEXTS_PER_RATING = len(names.REVIEW_TEXTS[1])


@dataclass(frozen=True)
class Reviews:
    """Columns of reviews, sorted by time."""

    order: Ints
    product: Ints
    rating: Ints
    moment: Ints

    def sums(self, of: Ints, count: int) -> tuple[Ints, Ints, Ints]:
        """Per group: sum and number of ratings, and time of the last; `of` is each review's group, from 0."""
        total, number, last = (np.zeros(count, dtype=np.int64) for _ in range(3))
        np.add.at(total, of, self.rating)
        np.add.at(number, of, 1)
        np.maximum.at(last, of, self.moment)
        return total, number, last


def write_reviews(
    plan: Plan,
    orders: Orders,
    order_lines: OrderLines,
    order_steps: OrderSteps,
    delivery: Delivery,
    warehouse: Ints,
    products: Ints,
) -> Reviews:
    """Reviews of delivered orders, each of the product of one line; `products` is per line."""
    stream = Stream(plan.seed, "reviews")
    wants = stream.split("wants").happens_exactly(parameters.REVIEW_RATE, orders.count) & ~orders.is_test
    after = REVIEW.seconds(stream.split("after").draw(SPREAD, orders.count))
    delivered = order_steps.at(DELIVERED)
    moment = delivered + after
    order = np.flatnonzero(wants & (delivered >= 0) & (moment < plan.end))
    order = order[np.argsort(moment[order], kind="stable")]
    late = delay_class(delivery.delay(np.maximum(warehouse, 0)))[order]
    bits = stream.split("stars").bits(len(order))
    rating = np.zeros(len(order), dtype=np.int64)
    for number, weights in enumerate(parameters.RATING_WEIGHTS_BY_DELAY.values()):
        chosen = late == number
        rating[chosen] = Choice(weights).from_bits(bits[chosen]) + 1
    lines = np.diff(np.append(order_lines.first, len(order_lines.order)))[order]
    line = order_lines.first[order] + stream.split("line").below(lines, len(order))
    return Reviews(order, products[line], rating, moment[order])


def reviews_table(plan: Plan, orders: Orders, made: Reviews) -> pa.Table:
    """The table `reviews`."""
    stream, count = Stream(plan.seed, "reviews-table"), len(made.order)
    which = (made.rating - 1) * _TEXTS_PER_RATING + stream.split("text").below(_TEXTS_PER_RATING, count)
    is_wordless = stream.split("wordless").happens(parameters.WORDLESS_REVIEW_RATE, count)
    helpful = stream.split("helpful").draw(SPREAD, count) * parameters.HELPFUL_MEAN // 1_000
    written = columns.timestamps(made.moment)
    return pa.table(
        {
            "review_id": columns.integers(np.arange(count) + 1),
            "order_id": columns.integers(made.order + 1),
            "user_id": columns.integers(orders.user[made.order] + 1),
            "product_id": columns.integers(made.product + 1),
            "rating": columns.integers(made.rating),
            "title": columns.texts(
                np.where(is_wordless, -1, made.rating - 1), list(names.REVIEW_TITLES.values())
            ),
            "content": columns.texts(np.where(is_wordless, -1, which), _TEXTS),
            "helpful_count": columns.integers(helpful),
            "reviewed_at": written,
            "created_at": written,
            "updated_at": written,
        }
    )
