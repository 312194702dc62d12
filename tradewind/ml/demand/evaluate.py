"""Back-tests of the demand model, beside its baselines, on any panel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tradewind.ml import evaluation
from tradewind.ml.data_checksum import checksum
from tradewind.ml.demand import model
from tradewind.ml.demand.baselines import BASELINES, OBVIOUS, zero
from tradewind.ml.demand.counts import coverage_of
from tradewind.ml.errors import DataError
from tradewind.ml.evaluation import Score
from tradewind.ml.panel import Floats, Panel

NAME = "demand"
NOMINAL_COVERAGE, COVERAGE_BAR = 0.9, 0.03
STORE_ITEM = "5b712675619894d3ec1b63bd12876e050bbee27b177143fc17461cd8ce4fae65"
"""Checksum of the public store-item data: 500 series, 2013 to 2017."""
STORE_ITEM_BARS = {90: 12.0}
"""Horizon in days -> SMAPE on the public store-item data, the last days held out in one go."""
SHOP_BAR = 0.8
"""On a shop's data, 30 days ahead: the error as a part of the best baseline's."""
NONE = "no demand at all"
Method = Callable[[Panel, int], Floats]


@dataclass(frozen=True)
class Period:
    """One held-out period: what came, and what the model and the others said before."""

    history: Panel
    actual: Floats
    forecast: model.Forecast
    others: dict[str, Floats]


def held_out(
    panel: Panel, origin: int, plan: model.TrainingPlan, methods: dict[str, Method] | None = None
) -> Period:
    """Train on the days before the origin and forecast those from it on; so do baselines and `methods`."""
    history = panel.until(origin)
    forecast = model.fit(history, plan).predict(history)
    others = {name: method(history, plan.horizon) for name, method in (BASELINES | (methods or {})).items()}
    return Period(history, panel.values[:, origin : origin + plan.horizon], forecast, others)


def on_data(
    panel: Panel, name: str, horizon: int = 28, methods: dict[str, Method] | None = None
) -> list[Score]:
    """Score a data set of the shape `demand`: its last days held out in one go."""
    plan = model.TrainingPlan(horizon=horizon)
    period = held_out(panel, panel.length - horizon, plan, methods)
    is_public = checksum(panel) == STORE_ITEM
    title = f"{name}, last {horizon} days"
    bar = STORE_ITEM_BARS.get(horizon) if is_public else None
    actual, history, mean = period.actual, period.history.values, period.forecast.mean
    median = period.forecast.quantile(0.5)
    return [
        _score(
            "SMAPE, %",
            title,
            evaluation.smape(actual, mean),
            period,
            lambda f: evaluation.smape(actual, f),
            bar,
        ),
        _score("MAE", title, evaluation.mae(actual, median), period, lambda f: evaluation.mae(actual, f)),
        _score(
            "mean RMSSE",
            title,
            evaluation.rmsse(actual, mean, history),
            period,
            lambda f: evaluation.rmsse(actual, f, history),
        ),
        coverage_score([period], title),
    ]


def shop_periods(
    panel: Panel, *, horizon: int = 30, windows: int = 3, methods: dict[str, Method] | None = None
) -> list[Period]:
    """Held-out periods of a shop's history: rolling origins back to back, each with a model of its own."""
    plan = model.TrainingPlan(horizon=horizon)
    origins = evaluation.rolling_origins(
        panel.length, horizon, windows=windows, least_history=model.LEAST_HISTORY + 2 * horizon
    )
    if not origins:
        raise DataError(f"{panel.length} days are too few to hold out {horizon} of them")
    return [held_out(panel, origin, plan, (methods or {}) | {NONE: zero}) for origin in origins]


def on_shop(periods: list[Period], name: str) -> list[Score]:
    """Score the forecasts of held-out periods, series weighted by their revenue."""
    horizon = periods[0].actual.shape[1]
    title = f"{name}, {horizon} days ahead, {len(periods)} origins"
    return [
        _weighted("daily MASE by revenue", title, periods, _daily),
        _weighted(f"MASE of {horizon}-day totals by revenue", title, periods, _totals),
        coverage_score(periods, title),
        total_coverage_score(periods, title, horizon),
    ]


def coverage_score(periods: list[Period], title: str) -> Score:
    """How far the daily 5-95 % interval's coverage is from 90 %."""
    found = []
    for period in periods:
        known = ~np.isnan(period.actual)
        spread = period.forecast.counts.over(1)
        found.append(coverage_of(period.actual[known], period.forecast.mean[known], spread, seed=1))
    return _coverage("coverage of the daily 90 % interval, off by", title, float(np.mean(found)))


def total_coverage_score(periods: list[Period], title: str, days: int) -> Score:
    """The same for the sum over the horizon."""
    found = []
    for period in periods:
        total = period.actual.sum(axis=1)
        known = ~np.isnan(total)
        mean = period.forecast.mean.sum(axis=1)[known]
        found.append(coverage_of(total[known], mean, period.forecast.counts.over(days), seed=1))
    return _coverage(f"coverage of the {days}-day 90 % interval, off by", title, float(np.mean(found)))


def _coverage(metric: str, title: str, covered: float) -> Score:
    off = abs(covered - NOMINAL_COVERAGE)
    return Score(NAME, title, metric, off, bar=COVERAGE_BAR, note=f"covered {covered:.1%}")


def _score(
    metric: str,
    title: str,
    errors: Floats,
    period: Period,
    measure: Callable[[Floats], Floats],
    bar: float | None = None,
) -> Score:
    """The mean over series, beside the best other method's."""
    named = [(name, float(np.nanmean(measure(forecast)))) for name, forecast in period.others.items()]
    name, value = evaluation.best(named)
    note = "; ".join(f"{other} {error:.4g}" for other, error in named)
    interval = evaluation.interval_of_mean(errors)
    return Score(NAME, title, metric, float(np.nanmean(errors)), name, value, bar, True, interval, note)


Errors = Callable[[Period, Floats], Floats]


def _daily(period: Period, forecast: Floats) -> Floats:
    return evaluation.mase(period.actual, forecast, period.history.values)


def _totals(period: Period, forecast: Floats) -> Floats:
    """Error of the sum, by the mean absolute difference of successive sums within the history."""
    days = period.actual.shape[1]
    past = period.history.values
    whole = past.shape[1] // days * days
    sums = past[:, -whole:].reshape(len(past), -1, days).sum(axis=2)
    total = period.actual.sum(axis=1)[:, None]
    return evaluation.mase(total, forecast.sum(axis=1)[:, None], sums)


def _weighted(metric: str, title: str, periods: list[Period], errors: Errors) -> Score:
    """The mean over series and periods by revenue, of medians, which absolute errors ask for."""
    weights = np.concatenate([revenue(period.history) for period in periods])
    value = np.concatenate([errors(period, _median(period, errors)) for period in periods])
    named = []
    for name in periods[0].others:
        other = np.concatenate([errors(period, period.others[name]) for period in periods])
        named.append((name, evaluation.weighted_mean(other, weights)))
    name, lowest = evaluation.best([item for item in named if item[0] in OBVIOUS])
    note = "; ".join(f"{other} {error:.4g}" for other, error in named)
    interval = evaluation.interval_of_mean(value, weights)
    mean = evaluation.weighted_mean(value, weights)
    return Score(NAME, title, metric, mean, name, lowest, SHOP_BAR * lowest, True, interval, note)


def _median(period: Period, errors: Errors) -> Floats:
    """The median of each day, or of the sum over all days."""
    if errors is _daily:
        return period.forecast.quantile(0.5)
    return period.forecast.total_quantile(period.actual.shape[1], 0.5)[:, None]


def revenue(history: Panel) -> Floats:
    """What each series sold within the history, at the prices of its days; pieces where no price is known."""
    pieces = np.nan_to_num(history.values)
    prices = history.known.get("price")
    amounts: Floats = (pieces if prices is None else pieces * np.nan_to_num(prices)).sum(axis=1)
    return amounts
