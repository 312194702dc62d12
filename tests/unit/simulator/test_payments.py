"""How orders are paid: methods, failures, retries, orders left unpaid."""

from __future__ import annotations

import numpy as np
import pytest

from simulator import parameters
from simulator.history.generate import History
from simulator.history.order_steps import (
    CHANGED_MIND,
    NOT_PAID,
    OUT_OF_STOCK,
    PACKED,
    PAID,
    PAYMENT_FAILED,
)
from simulator.history.payments import METHODS
from simulator.randomness import Quantiles
from simulator.world.places import COUNTRY_CODES
from tests.unit.simulator.statistics import has_mean, has_rate, has_shares

MILD = Quantiles(parameters.MILD_QUANTILES_PER_MILLE)


def ordinary(history: History) -> np.ndarray:
    return (history.orders.attack_order < 0) & ~history.orders.is_settled_elsewhere


@pytest.mark.parametrize("country", ["TH", "SG", "PH", "VN"])
def test_each_country_pays_in_its_ways(medium: History, country: str) -> None:
    here = ordinary(medium) & (medium.orders.country == COUNTRY_CODES.index(country))
    counts = np.bincount(medium.payments.method[here], minlength=len(METHODS))
    weights = parameters.PAYMENT_METHOD_WEIGHTS[country]
    assert has_shares(counts.tolist(), [weights[name] for name in METHODS])


@pytest.mark.parametrize("method", METHODS)
def test_attempts_fail_and_are_repeated_as_often_as_stated(medium: History, method: str) -> None:
    payments = medium.payments
    tried = ordinary(medium) & (payments.attempts > 0) & (payments.method == METHODS.index(method))
    rate, again = parameters.PAYMENT_FAILURE_RATE[method], parameters.PAYMENT_RETRY_RATE
    first_failed = tried & ((payments.attempts > 1) | (payments.paid < 0))
    assert has_rate(int(first_failed.sum()), int(tried.sum()), rate)
    assert has_rate(int((tried & (payments.attempts > 1)).sum()), int(first_failed.sum()), again)
    assert payments.attempts.max() == parameters.MOST_PAYMENT_ATTEMPTS


def test_some_orders_are_left_unpaid_and_cancelled_when_time_is_over(medium: History) -> None:
    order_steps, end = medium.order_steps, medium.plan.end
    honest = medium.orders.attack_order < 0
    old = honest & (medium.orders.moment < end - 2 * 86_400)
    assert has_rate(
        int((old & (order_steps.reason == NOT_PAID)).sum()), int(old.sum()), parameters.NOT_PAID_CANCEL_RATE
    )
    unpaid = np.isin(order_steps.reason, (NOT_PAID, PAYMENT_FAILED, OUT_OF_STOCK))
    assert (order_steps.at(PAID)[unpaid] < 0).all()


def test_buyers_call_off_paid_orders_before_they_are_packed(medium: History) -> None:
    order_steps, served = medium.order_steps, medium.allocation.warehouse >= 0
    honest = (
        served & (medium.orders.attack_order < 0) & (medium.orders.moment < medium.plan.end - 20 * 86_400)
    )
    buyer_cancelled_at = order_steps.reason == CHANGED_MIND
    assert has_rate(
        int((honest & buyer_cancelled_at).sum()), int(honest.sum()), parameters.CANCEL_AFTER_PAYMENT_RATE
    )
    assert (order_steps.at(PACKED)[buyer_cancelled_at] < 0).all()
    assert (order_steps.at(PAID)[buyer_cancelled_at] >= 0).all()


def test_confirming_and_paying_take_their_mean_time(medium: History) -> None:
    payments, orders = medium.payments, medium.orders
    scale = MILD.mean / 1_000
    assert has_mean(
        (payments.confirmed - orders.moment - 5).tolist(),
        parameters.MINUTES_TO_CONFIRM * 60 * scale - 0.5,
    )
    assert has_mean(
        (payments.first_attempt - payments.confirmed - 5).tolist(),
        parameters.MINUTES_TO_PAY * 60 * scale - 0.5,
    )


def test_marketplaces_that_settle_leave_no_payments(medium: History) -> None:
    assert (medium.payments.attempts[medium.orders.is_settled_elsewhere] == 0).all()
