"""What buyers say: who writes a review, and how many stars, by how late the parcel was."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from simulator import columns, parameters
from simulator.history.baskets import Baskets
from simulator.history.course import DELIVERED, Course
from simulator.history.delivery import Delivery, lateness
from simulator.history.orders import Orders
from simulator.plan import DAY, Plan
from simulator.randomness import Choice, Ints, Quantiles, Stream
from simulator.world import names

_MILD = Quantiles(parameters.MILD_QUANTILES_PER_MILLE)
_TEXTS = [text for rating in range(1, 6) for text in names.REVIEW_TEXTS[rating]]
_TEXTS_PER_RATING = len(names.REVIEW_TEXTS[1])


@dataclass(frozen=True)
class Reviews:
    """Columns of reviews, in the order they were written."""

    order: Ints
    product: Ints
    rating: Ints
    moment: Ints

    def sums(self, of: Ints, count: int) -> tuple[Ints, Ints, Ints]:
        """Per `of` (a number from 0 for each review): sum and number of the stars, time of the last."""
        total, number, last = (np.zeros(count, dtype=np.int64) for _ in range(3))
        np.add.at(total, of, self.rating)
        np.add.at(number, of, 1)
        np.maximum.at(last, of, self.moment)
        return total, number, last


def write_reviews(
    plan: Plan,
    orders: Orders,
    baskets: Baskets,
    course: Course,
    delivery: Delivery,
    warehouse: Ints,
    products: Ints,
) -> Reviews:
    """Reviews of delivered orders, each of one of its lines' product (`products` per line)."""
    stream = Stream(plan.seed, "reviews")
    wants = stream.split("wants").happens_exactly(parameters.REVIEW_RATE, orders.count) & ~orders.is_test
    after = 3_600 + stream.split("after").draw(_MILD, orders.count) * (
        parameters.REVIEW_DAYS_MEAN * DAY // 1_000
    )
    delivered = course.at(DELIVERED)
    moment = delivered + after
    order = np.flatnonzero(wants & (delivered >= 0) & (moment < plan.end))
    order = order[np.argsort(moment[order], kind="stable")]
    late = lateness(delivery.delay(np.maximum(warehouse, 0)))[order]
    bits = stream.split("stars").bits(len(order))
    rating = np.zeros(len(order), dtype=np.int64)
    for number, weights in enumerate(parameters.RATING_WEIGHTS_BY_DELAY.values()):
        chosen = late == number
        rating[chosen] = Choice(weights).of(bits[chosen]) + 1
    lines = np.diff(np.append(baskets.first, len(baskets.order)))[order]
    line = baskets.first[order] + stream.split("line").below(lines, len(order))
    return Reviews(order, products[line], rating, moment[order])


def reviews_table(plan: Plan, orders: Orders, made: Reviews) -> pa.Table:
    """The table of reviews."""
    stream, count = Stream(plan.seed, "reviews-table"), len(made.order)
    which = (made.rating - 1) * _TEXTS_PER_RATING + stream.split("text").below(_TEXTS_PER_RATING, count)
    is_wordless = stream.split("wordless").happens(parameters.WORDLESS_REVIEW_RATE, count)
    helpful = stream.split("helpful").draw(_MILD, count) * parameters.HELPFUL_MEAN // 1_000
    written = columns.instants(made.moment)
    return pa.table(
        {
            "review_id": columns.numbers(np.arange(count) + 1),
            "order_id": columns.numbers(made.order + 1),
            "user_id": columns.numbers(orders.user[made.order] + 1),
            "product_id": columns.numbers(made.product + 1),
            "rating": columns.numbers(made.rating),
            "title": columns.words(
                np.where(is_wordless, -1, made.rating - 1), list(names.REVIEW_TITLES.values())
            ),
            "content": columns.words(np.where(is_wordless, -1, which), _TEXTS),
            "helpful_count": columns.numbers(helpful),
            "reviewed_at": written,
            "created_at": written,
            "updated_at": written,
        }
    )
