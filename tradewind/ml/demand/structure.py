"""Demand as level x weekday x month x growth: a baseline, and what the learned model starts from.

Levels of series with few sales are drawn towards their item's level times their place's share, and an item's
towards its category's, as far as the data says that series do not differ (gamma-Poisson empirical Bayes, as
in Clayton and Kaldor, 1987). So a new item has its category's level. All levels follow the last weeks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from tradewind.ml.demand.calendar import is_sale_day
from tradewind.ml.evaluation import nan_mean
from tradewind.ml.panel import Floats, Panel

YEAR = 365
LARGEST_YEARLY_GROWTH = 0.5
LEAST_RATE = 1e-6
"""Pieces per day of a series that nothing is known of."""
PIECES_FOR_A_MONTH = 200
"""A month's factor counts half with as many pieces in its days."""
PIECES_FOR_A_SALE = 20
"""A sale day's factor counts half with as many pieces on it."""
RECENT_DAYS = 28
PIECES_FOR_A_CHANGE = 100
"""A change of all demand in the last weeks counts half with as many pieces: it is then within chance."""


@dataclass(frozen=True)
class Structure:
    """The factors of a panel, as they were known at its end."""

    level: Floats
    """Pieces per ordinary day, at `reference`."""
    weekday: Floats
    """Seven factors of mean 1, Monday first."""
    month: Floats
    """Twelve factors, January first."""
    sale_day: Floats
    """Twelve further factors: of 1.1, 2.2 ... 12.12."""
    growth: float
    """Logarithm of the growth per day."""
    reference: pd.Timestamp

    @classmethod
    def fit(cls, history: Panel) -> Structure:
        """Estimate the factors from all of the history, the levels from its last year."""
        days, index = history.days, _daily_index(history)
        weekday = _weekday_factors(index, days)
        plain = index / weekday[days.dayofweek]
        growth = _growth(plain)
        month = _month_factors(plain, days, growth, history)
        recent = slice(max(0, history.length - YEAR), history.length)
        reference = days[recent][len(days[recent]) // 2]
        model = cls(np.ones(history.count), weekday, month, np.ones(12), growth, reference)
        model = replace(model, sale_day=_sale_day_factors(model, history))
        factors = np.broadcast_to(model.factors(days[recent]), (history.count, len(days[recent])))
        known = ~np.isnan(history.values[:, recent])
        pieces = np.where(known, history.values[:, recent], 0.0).sum(axis=1)
        level = _levels(pieces, np.where(known, factors, 0.0).sum(axis=1), history.keys)
        model = replace(model, level=level)
        return replace(model, level=level * _recent_change(model, history))

    def factors(self, days: pd.DatetimeIndex) -> Floats:
        """Weekday x month x sale day x growth of each day."""
        elapsed = (days - self.reference).days.to_numpy()
        trend = np.exp(self.growth * elapsed)
        sale = np.where(is_sale_day(days), self.sale_day[days.month - 1], 1.0)
        factors: Floats = self.weekday[days.dayofweek] * self.month[days.month - 1] * sale * trend
        return factors

    def forecast(self, days: pd.DatetimeIndex) -> Floats:
        """Expected pieces per series and day."""
        return self.level[:, None] * self.factors(days)[None, :]


def _daily_index(history: Panel) -> Floats:
    """Demand of each day relative to the ordinary demand of the series known on it."""
    known = ~np.isnan(history.values)
    ordinary = np.where(known, np.nan_to_num(nan_mean(history.values))[:, None], 0.0).sum(axis=0)
    total = np.where(known, history.values, 0.0).sum(axis=0)
    index: Floats = np.divide(total, ordinary, out=np.ones_like(total), where=ordinary > 0)
    return index


def _weekday_factors(index: Floats, days: pd.DatetimeIndex) -> Floats:
    means = pd.Series(index).groupby(days.dayofweek.to_numpy()).mean().reindex(range(7), fill_value=np.nan)
    filled = means.fillna(means.mean()).to_numpy(dtype=float)
    average = filled.mean()
    return filled / average if average > 0 else np.ones(7)


def _years(plain: Floats) -> list[Floats]:
    """Whole years counted back from the end, the last first."""
    end = len(plain)
    return [plain[end - YEAR * (back + 1) : end - YEAR * back] for back in range(end // YEAR)]


def _growth(plain: Floats) -> float:
    """Per day, from the last year over the one before; 0 without two whole years."""
    years = _years(plain)
    if len(years) < 2 or min(years[0].mean(), years[1].mean()) <= 0:
        return 0.0
    yearly = np.log(years[0].mean() / years[1].mean())
    return float(np.clip(yearly, -LARGEST_YEARLY_GROWTH, LARGEST_YEARLY_GROWTH)) / YEAR


def _recent_change(model: Structure, history: Panel) -> float:
    """Pieces of the last weeks over what the factors say, drawn towards 1 where they are few."""
    values = history.values[:, -RECENT_DAYS:]
    known = ~np.isnan(values)
    expected = float(np.where(known, model.forecast(history.days[-RECENT_DAYS:]), 0.0).sum())
    return (float(np.where(known, values, 0.0).sum()) + PIECES_FOR_A_CHANGE) / (
        expected + PIECES_FOR_A_CHANGE
    )


def _month_factors(plain: Floats, days: pd.DatetimeIndex, growth: float, history: Panel) -> Floats:
    """From whole years without their growth, drawn towards 1 where a month has few pieces."""
    trend = np.exp(growth * (np.arange(YEAR) - YEAR / 2))
    years = [year / trend / max(float((year / trend).mean()), LEAST_RATE) for year in _years(plain)]
    if not years:
        return np.ones(12)
    relative = np.concatenate(years[::-1])
    months = days[-len(relative) :].month.to_numpy()
    factors = np.ones(12)
    pieces = np.nan_to_num(history.values[:, -len(relative) :]).sum(axis=0)
    for month in range(1, 13):
        of_month = months == month
        weight = pieces[of_month].sum() / (pieces[of_month].sum() + PIECES_FOR_A_MONTH)
        factors[month - 1] = 1 + weight * (float(relative[of_month].mean()) - 1)
    return factors


def _sale_day_factors(model: Structure, history: Panel) -> Floats:
    """From all such days of the history, drawn towards 1 where they had few pieces."""
    days = history.days
    total = np.nansum(history.values, axis=0)
    known = (~np.isnan(history.values)).sum(axis=0)
    shape = known * model.factors(days)
    scale = np.median(total / np.maximum(shape, LEAST_RATE)) if total.any() else 0.0
    factors = np.ones(12)
    for month in range(1, 13):
        chosen = is_sale_day(days) & (days.month == month)
        expected = float((shape * scale)[chosen].sum())
        factors[month - 1] = (total[chosen].sum() + PIECES_FOR_A_SALE) / (expected + PIECES_FOR_A_SALE)
    return factors


def _levels(pieces: Floats, exposure: Floats, keys: pd.DataFrame) -> Floats:
    """Pieces per exposed day of each series, drawn towards item x place."""
    overall = pieces.sum() / max(exposure.sum(), LEAST_RATE)
    category = keys["category"] if "category" in keys else pd.Series("", index=keys.index)
    items = pd.DataFrame(
        {"pieces": pieces, "exposure": exposure, "category": category.fillna("").astype(str)}
    ).groupby(keys["item"].to_numpy())
    by_item = items[["pieces", "exposure"]].sum().join(items["category"].first())
    sums = by_item.groupby("category")[["pieces", "exposure"]].transform("sum")
    of_category = shrunk(
        sums["pieces"].to_numpy(float), sums["exposure"].to_numpy(float), np.full(len(sums), overall)
    )
    of_item = shrunk(by_item["pieces"].to_numpy(float), by_item["exposure"].to_numpy(float), of_category)
    item_rate = pd.Series(of_item, index=by_item.index).loc[keys["item"].to_numpy()].to_numpy()
    place = keys["place"].to_numpy()
    expected = pd.Series(exposure * item_rate).groupby(place).sum()
    share = pd.Series(pieces).groupby(place).sum() / expected.where(expected > 0)
    return shrunk(pieces, exposure, item_rate * share.fillna(1.0).loc[place].to_numpy())


def shrunk(pieces: Floats, exposure: Floats, prior: Floats) -> Floats:
    """Rates drawn towards a prior rate, by the variance between them that chance does not explain."""
    prior = np.maximum(prior, LEAST_RATE)
    expected = exposure * prior
    excess = float(((pieces - expected) ** 2 - expected).sum())
    shape = float((expected**2).sum()) / max(excess, 1e-9 * float((expected**2).sum()) + 1e-12)
    return prior * (pieces + shape) / (expected + shape)
