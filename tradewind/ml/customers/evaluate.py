"""Hold-out of the customer models: learn until a cutoff, compare with what customers bought after it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tradewind.ml import evaluation
from tradewind.ml.customers import bg_nbd, gamma_gamma
from tradewind.ml.customers.purchases import WEEK, Records, by_day, records
from tradewind.ml.errors import DataError
from tradewind.ml.evaluation import Score
from tradewind.ml.panel import Floats

NAME = "customers"
TOTAL_BAR = 5.0
"""Percent that the total may be off, tracked from each customer's first purchase on, as the paper does."""
CDNOW = {(69_659, 23_570): "CDNOW", (6_919, 2_357): "CDNOW, a tenth of the customers"}
"""Rows and customers of public data -> its name; the bar holds for it."""
RATE = "rate until the cutoff"


@dataclass(frozen=True)
class HeldOut:
    """What each customer of the calibration bought after it, and what the models expected."""

    purchases: Floats
    value: Floats
    expected_purchases: Floats
    expected_value: Floats
    churn: Floats
    """Probability of buying nothing."""
    repeats: float
    """Purchases after the first one in the calibration, of all customers."""
    tracked: float
    """Expected purchases after the first one until the end, by the days of first purchases alone."""


def on_data(table: pd.DataFrame, name: str, cutoff: pd.Timestamp | None = None) -> list[Score]:
    """Score purchases (of `purchases.checked`): error of totals and per customer, of purchases and of value.

    cutoff: the last day of the calibration; half of the days unless given.
    """
    first, last = table["date"].min(), table["date"].max()
    until = cutoff if cutoff is not None else first + (last - first) // 2
    if not first <= until < last:
        raise DataError(
            f"--cutoff {until.date()} must lie between {first.date()} and the day before {last.date()}"
        )
    known = records(table, until)
    held = held_out(table, known, until, last)
    bar = TOTAL_BAR if (len(table), table["customer_id"].nunique()) in CDNOW else None
    title = f"{name}, {len(known.customer)} customers, {(last - until).days} days after {until.date()}"
    by_rate = _by_rate(known, (last - until).days / WEEK)
    return [
        *_totals(held, by_rate, known, title, bar),
        _per_customer("purchases", held.purchases, held.expected_purchases, by_rate, title),
        _per_customer("value", held.value, held.expected_value, by_rate * _mean_value(known), title),
        _churn(held, title),
    ]


def held_out(table: pd.DataFrame, known: Records, until: pd.Timestamp, last: pd.Timestamp) -> HeldOut:
    """Fit on the records, and compare with the days after them."""
    weeks = (last - until).days / WEEK
    model = bg_nbd.fit(known)
    expected = model.purchases(known, weeks)
    values = gamma_gamma.fit(known.frequency, known.value).value(known.frequency, known.value)
    later = by_day(table[table["date"] > until]).groupby("customer_id")["amount"].agg(["size", "sum"])
    later = later.reindex(known.customer, fill_value=0)
    return HeldOut(
        later["size"].to_numpy(dtype=float),
        later["sum"].to_numpy(dtype=float),
        expected,
        expected * values,
        model.churn(known, weeks),
        float(known.frequency.sum()),
        float(model.since_first(known.age + weeks).sum()),
    )


def _by_rate(known: Records, weeks: float) -> Floats:
    """The baseline: everyone goes on as until the cutoff."""
    return (
        np.divide(known.frequency, known.age, out=np.zeros_like(known.frequency), where=known.age > 0) * weeks
    )


def _mean_value(known: Records) -> Floats:
    overall = np.average(known.value, weights=np.maximum(known.frequency, 1e-9))
    return np.where(known.frequency > 0, known.value, overall)


def _totals(held: HeldOut, by_rate: Floats, known: Records, title: str, bar: float | None) -> list[Score]:
    """How far expected totals are off, in percent of what came."""
    value = float((by_rate * _mean_value(known)).sum())
    bought, spent = float(held.purchases.sum()), float(held.value.sum())
    expected, worth = float(held.expected_purchases.sum()), float(held.expected_value.sum())
    until_end = held.repeats + bought
    return [
        _total(
            "repeated purchases since the first", held.tracked,
            held.repeats + float(by_rate.sum()), until_end, title, bar,
        ),
        _total("purchases", expected, float(by_rate.sum()), bought, title),
        _total("value", worth, value, spent, title),
    ]  # fmt: skip


def _total(
    what: str, expected: float, baseline: float, actual: float, title: str, bar: float | None = None
) -> Score:
    off, baseline_off = (100 * abs(each - actual) / max(actual, 1e-9) for each in (expected, baseline))
    note = f"expected {expected:,.0f}, came {actual:,.0f}"
    return Score(NAME, title, f"error of total {what}, %", off, RATE, baseline_off, bar, True, None, note)


def _per_customer(what: str, actual: Floats, expected: Floats, baseline: Floats, title: str) -> Score:
    errors = np.abs(actual - expected)
    return Score(
        NAME, title, f"MAE of {what} per customer", float(errors.mean()), RATE,
        float(np.abs(actual - baseline).mean()), None, True, evaluation.interval_of_mean(errors, rounds=100),
    )  # fmt: skip


def _churn(held: HeldOut, title: str) -> Score:
    """Brier score of the probability of no purchase, beside that of the same probability for all."""
    happened = (held.purchases == 0).astype(float)
    errors = (held.churn - happened) ** 2
    rate = float(happened.mean())
    return Score(
        NAME, title, "Brier score of churn", float(errors.mean()), "the same probability for all",
        rate * (1 - rate), None, True, evaluation.interval_of_mean(errors, rounds=100),
        f"{rate:.1%} bought nothing, {held.churn.mean():.1%} expected",
    )  # fmt: skip
