"""Forecasts that anyone could make; a model has to be better."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tradewind.ml.demand.structure import Structure
from tradewind.ml.evaluation import nan_mean
from tradewind.ml.panel import Floats, Panel

WEEK, YEAR_OF_WEEKS = 7, 364


def seasonal_naive(history: Panel, horizon: int) -> Floats:
    """The value of the same weekday a year of 52 weeks ago; of last week where there is no such history."""
    season = YEAR_OF_WEEKS if history.length >= YEAR_OF_WEEKS + horizon else WEEK
    last = _filled(history.values[:, -season:])
    return last[:, np.arange(horizon) % season]


def same_weekday_mean(history: Panel, horizon: int) -> Floats:
    """The mean of the last four values of the same weekday."""
    weeks = history.values[:, -4 * WEEK :]
    days = [weeks[:, day::WEEK] for day in range(WEEK)]
    means = np.stack([nan_mean(day) for day in days], axis=1)
    return _filled(means)[:, np.arange(horizon) % WEEK]


def structural(history: Panel, horizon: int) -> Floats:
    """Level x weekday x month x growth."""
    return Structure.fit(history).forecast(history.future(horizon))


def zero(history: Panel, horizon: int) -> Floats:
    """No demand at all: hard to beat by absolute error where most days have none."""
    return np.zeros((history.count, horizon))


OBVIOUS = ("seasonal naive", "same-weekday mean")
"""Baselines that learn nothing; the bar on a shop's data is set by the better of them."""
BASELINES: dict[str, Callable[[Panel, int], Floats]] = {
    "seasonal naive": seasonal_naive,
    "same-weekday mean": same_weekday_mean,
    "level x weekday x month x growth": structural,
}


def _filled(values: Floats) -> Floats:
    """Unknown values replaced by the mean of their series, or 0 without any."""
    means = np.nan_to_num(nan_mean(values))
    return np.where(np.isnan(values), means[:, None], values)
