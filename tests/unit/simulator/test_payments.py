"""How orders are paid: methods, failures, retries, orders left unpaid."""

from __future__ import annotations

import numpy as np
import pytest

from simulator import parameters
from simulator.history.course import (
    CHANGED_MIND,
    NOT_PAID,
    OUT_OF_STOCK,
    PACKED,
    PAID,
    PAYMENT_FAILED,
)
from simulator.history.payments import METHODS
from simulator.history.story import Story
from simulator.randomness import Quantiles
from simulator.world.places import COUNTRY_CODES
from tests.unit.simulator.statistics import has_mean, has_rate, has_shares

MILD = Quantiles(parameters.MILD_QUANTILES_PER_MILLE)


def ordinary(story: Story) -> np.ndarray:
    return (story.orders.attack_order < 0) & ~story.orders.is_settled_elsewhere


@pytest.mark.parametrize("country", ["TH", "SG", "PH", "VN"])
def test_each_country_pays_in_its_ways(medium: Story, country: str) -> None:
    here = ordinary(medium) & (medium.orders.country == COUNTRY_CODES.index(country))
    counts = np.bincount(medium.paying.method[here], minlength=len(METHODS))
    weights = parameters.PAYMENT_METHOD_WEIGHTS[country]
    assert has_shares(counts.tolist(), [weights[name] for name in METHODS])


@pytest.mark.parametrize("method", METHODS)
def test_attempts_fail_and_are_repeated_as_often_as_stated(medium: Story, method: str) -> None:
    paying = medium.paying
    tried = ordinary(medium) & (paying.attempts > 0) & (paying.method == METHODS.index(method))
    rate, again = parameters.PAYMENT_FAILURE_RATE[method], parameters.PAYMENT_RETRY_RATE
    first_failed = tried & ((paying.attempts > 1) | (paying.paid < 0))
    assert has_rate(int(first_failed.sum()), int(tried.sum()), rate)
    assert has_rate(int((tried & (paying.attempts > 1)).sum()), int(first_failed.sum()), again)
    assert paying.attempts.max() == parameters.MOST_PAYMENT_ATTEMPTS


def test_some_orders_are_left_unpaid_and_cancelled_when_time_is_over(medium: Story) -> None:
    course, end = medium.course, medium.plan.end
    honest = medium.orders.attack_order < 0
    old = honest & (medium.orders.moment < end - 2 * 86_400)
    assert has_rate(
        int((old & (course.reason == NOT_PAID)).sum()), int(old.sum()), parameters.NOT_PAID_CANCEL_RATE
    )
    unpaid = np.isin(course.reason, (NOT_PAID, PAYMENT_FAILED, OUT_OF_STOCK))
    assert (course.at(PAID)[unpaid] < 0).all()


def test_buyers_call_off_paid_orders_before_they_are_packed(medium: Story) -> None:
    course, served = medium.course, medium.stocked.warehouse >= 0
    honest = (
        served & (medium.orders.attack_order < 0) & (medium.orders.moment < medium.plan.end - 20 * 86_400)
    )
    called_off = course.reason == CHANGED_MIND
    assert has_rate(int((honest & called_off).sum()), int(honest.sum()), parameters.CANCEL_AFTER_PAYMENT_RATE)
    assert (course.at(PACKED)[called_off] < 0).all()
    assert (course.at(PAID)[called_off] >= 0).all()


def test_confirming_and_paying_take_their_mean_time(medium: Story) -> None:
    paying, orders = medium.paying, medium.orders
    scale = MILD.mean / 1_000
    assert has_mean(
        (paying.confirmed - orders.moment - 5).tolist(), parameters.MINUTES_TO_CONFIRM * 60 * scale - 0.5
    )
    assert has_mean(
        (paying.first_attempt - paying.confirmed - 5).tolist(), parameters.MINUTES_TO_PAY * 60 * scale - 0.5
    )


def test_marketplaces_that_settle_leave_no_payments(medium: Story) -> None:
    assert (medium.paying.attempts[medium.orders.is_settled_elsewhere] == 0).all()
