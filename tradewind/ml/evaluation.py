"""Measures of forecasts, and the table that every evaluation prints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tradewind.ml.panel import Floats

NOT_AVAILABLE = "not available"


@dataclass(frozen=True)
class Score:
    """One row: what a model reaches, beside a baseline and the bar."""

    model: str
    data: str
    metric: str
    value: float | None
    """None: the data is not at hand."""
    baseline: str = ""
    baseline_value: float | None = None
    bar: float | None = None
    is_lower_better: bool = True
    interval: tuple[float, float] | None = None
    """95 % of the value, by resampling series."""
    note: str = ""

    @property
    def is_reached(self) -> bool | None:
        """Whether the bar is reached; None without a bar or a value."""
        if self.bar is None or self.value is None:
            return None
        return self.value < self.bar if self.is_lower_better else self.value >= self.bar

    def as_json(self) -> dict[str, Any]:
        """The row for programs."""
        return {
            "model": self.model,
            "data": self.data,
            "metric": self.metric,
            "value": self.value,
            "interval": list(self.interval) if self.interval else None,
            "baseline": self.baseline,
            "baseline_value": self.baseline_value,
            "bar": self.bar,
            "is_reached": self.is_reached,
            "note": self.note,
        }


def smape(actual: Floats, forecast: Floats) -> Floats:
    """Per series: mean over days of 200 |y - f| / (|y| + |f|), in percent; 0 where both are 0."""
    both = np.abs(actual) + np.abs(forecast)
    error = np.divide(200 * np.abs(actual - forecast), both, out=np.zeros_like(both), where=both > 0)
    return nan_mean(np.where(np.isnan(actual), np.nan, error))


def mae(actual: Floats, forecast: Floats) -> Floats:
    """Per series: mean absolute error, in pieces."""
    return nan_mean(np.abs(actual - forecast))


def mase(actual: Floats, forecast: Floats, history: Floats) -> Floats:
    """Per series: the mean absolute error over that of yesterday's value as the forecast within the history.

    Hyndman and Koehler, 2006. NaN where the history never changes.
    """
    return _scaled(mae(actual, forecast), nan_mean(np.abs(np.diff(history, axis=1))))


def rmsse(actual: Floats, forecast: Floats, history: Floats) -> Floats:
    """Per series: root mean squared scaled error, as in the M5 competition; NaN for a constant history."""
    squared = _scaled(nan_mean((actual - forecast) ** 2), nan_mean(np.diff(history, axis=1) ** 2))
    return np.sqrt(squared)


def coverage(actual: Floats, low: Floats, high: Floats) -> float:
    """The part of known values within the closed interval."""
    inside = (actual >= low) & (actual <= high)
    return float(inside[~np.isnan(actual)].mean())


def weighted_mean(values: Floats, weights: Floats) -> float:
    """The mean of what is known, weighted."""
    used = ~np.isnan(values) & (weights > 0)
    if not used.any():
        return float("nan")
    return float(np.average(values[used], weights=weights[used]))


def interval_of_mean(
    values: Floats, weights: Floats | None = None, *, seed: int = 1, rounds: int = 400
) -> tuple[float, float]:
    """95 % interval of the (weighted) mean over series, by the bootstrap over series."""
    given = np.ones_like(values) if weights is None else weights
    used = np.flatnonzero(~np.isnan(values) & (given > 0))
    if not len(used):
        return float("nan"), float("nan")
    generator = np.random.default_rng(seed)
    drawn = used[generator.integers(len(used), size=(rounds, len(used)))]
    means = (values[drawn] * given[drawn]).sum(axis=1) / given[drawn].sum(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def rolling_origins(length: int, horizon: int, *, windows: int, least_history: int) -> list[int]:
    """The last day numbers from which `horizon` days can be compared, back to back, the earliest first."""
    last = length - horizon
    origins = [last - horizon * back for back in range(windows)]
    return sorted(origin for origin in origins if origin >= least_history)


def best(scores: Sequence[tuple[str, float]]) -> tuple[str, float]:
    """The name and value of the lowest score that is a number."""
    return min((item for item in scores if not np.isnan(item[1])), key=lambda item: item[1])


def nan_mean(values: Floats) -> Floats:
    """Mean of each row's known values; NaN for a row without any."""
    known = ~np.isnan(values)
    count = known.sum(axis=1)
    total = np.where(known, values, 0.0).sum(axis=1)
    means: Floats = np.divide(total, count, out=np.full(len(values), np.nan), where=count > 0)
    return means


def _scaled(error: Floats, scale: Floats) -> Floats:
    scaled: Floats = np.divide(error, scale, out=np.full(len(error), np.nan), where=scale > 0)
    return scaled
