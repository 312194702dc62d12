"""Features of the demand model: what was known at an origin, and the calendar of the day that is forecast.

All values are relative to the structural forecast, so that one model serves series of every size.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tradewind.ml.demand.calendar import calendar
from tradewind.ml.demand.structure import Structure
from tradewind.ml.errors import LeakageError
from tradewind.ml.evaluation import nan_mean
from tradewind.ml.panel import Floats, Panel

LAGS = (1, 3, 7, 14, 28)
WINDOWS = (7, 14, 30)
PRICE_DAYS = 90
CALENDAR = ("weekday", "day_of_month", "month", "quarter", "is_pay_day", "is_sale_day", "is_holiday")
NAMES = (
    "horizon",
    *CALENDAR,
    *(f"lag_{lag}" for lag in LAGS),
    *(f"{what}_{window}" for window in WINDOWS for what in ("mean", "std", "max")),
    *("level", "item_level", "category_level", "price_change", "discount", "known_days_30"),
)


@dataclass(frozen=True)
class Features:
    """Rows in the order of series, then of days, or those that were chosen."""

    values: NDArray[np.float32]
    """(rows, NAMES)"""
    expected: Floats
    """Of each row: the structural forecast."""


def build(panel: Panel, origin: int, horizon: int, rows: NDArray[np.int64] | None = None) -> Features:
    """Features of the `horizon` days from day number `origin`, from what was known at its beginning.

    `rows` chooses some: row number = series x horizon + day.
    """
    history = panel.until(origin)
    structure = Structure.fit(history)
    days = history.future(horizon)
    expected = np.maximum(structure.forecast(days), 1e-6)
    chosen = np.arange(history.count * horizon) if rows is None else rows
    series, day = np.divmod(chosen, horizon)
    of_day = {"horizon": np.arange(1, horizon + 1, dtype=float), **calendar(days)}
    of_series = _of_series(history, structure)
    values = np.empty((len(chosen), len(NAMES)), dtype=np.float32)
    for column, name in enumerate(NAMES):
        values[:, column] = of_day[name][day] if name in of_day else of_series[name][series]
    return Features(values, expected[series, day])


def check_point_in_time(
    panel: Panel,
    origin: int,
    horizon: int,
    builder: Callable[[Panel, int, int], Features] | None = None,
) -> None:
    """Plant absurd values from the origin on; LeakageError names the features that change.

    What a feature sees of the future, it sees here, whatever way it came by it.
    """
    builder = builder or build
    before = builder(panel, origin, horizon)
    planted = panel.values.copy()
    planted[:, origin:] = 1e6
    known = {name: _with_future(values, origin) for name, values in panel.known.items()}
    after = builder(Panel(panel.keys, planted, panel.first_day, known), origin, horizon)
    same = np.atleast_1d(np.isclose(before.values, after.values, equal_nan=True).all(axis=0))
    wrong = [name for name, unchanged in zip(NAMES, same, strict=True) if not unchanged]
    if not np.allclose(before.expected, after.expected):
        wrong.append("the structural forecast")
    if wrong:
        day = panel.days[origin].date()
        raise LeakageError(
            f"features of {day} change with what happened later: {', '.join(wrong)}; "
            "compute them from `panel.until(origin)` only"
        )


def _with_future(values: Floats, origin: int) -> Floats:
    planted = values.copy()
    planted[:, origin:] = 1e6
    return planted


def _of_series(history: Panel, structure: Structure) -> dict[str, Floats]:
    """The features that do not depend on the day that is forecast."""
    recent = max(WINDOWS)
    days = history.days[-recent:]
    actual = history.values[:, -recent:]
    expected = structure.forecast(days)
    found: dict[str, Floats] = {}
    for lag in LAGS:
        found[f"lag_{lag}"] = (_ago(actual, lag) + 1) / (_ago(expected, lag) + 1)
    for window in WINDOWS:
        found |= _rolling(actual[:, -window:], expected[:, -window:], window)
    level = pd.Series(structure.level)
    items = history.keys["item"].to_numpy()
    found["level"] = np.log(np.maximum(structure.level, 1e-6))
    found["item_level"] = np.log(np.maximum(level.groupby(items).transform("mean").to_numpy(), 1e-6))
    found["category_level"] = _category_level(history, level)
    found |= _price(history)
    found["known_days_30"] = (~np.isnan(actual)).sum(axis=1).astype(float)
    return found


def _ago(values: Floats, lag: int) -> Floats:
    """The value of `lag` days ago; NaN where the history is shorter."""
    return values[:, -lag] if values.shape[1] >= lag else np.full(len(values), np.nan)


def _rolling(actual: Floats, expected: Floats, window: int) -> dict[str, Floats]:
    known = ~np.isnan(actual)
    pieces = np.where(known, actual, 0.0)
    hoped = np.where(known, expected, 0.0).sum(axis=1)
    mean = nan_mean(actual)
    spread = np.sqrt(nan_mean((actual - mean[:, None]) ** 2))
    ordinary = expected.mean(axis=1)
    return {
        f"mean_{window}": (pieces.sum(axis=1) + 1) / (hoped + 1),
        f"std_{window}": spread / np.sqrt(ordinary + 1),
        f"max_{window}": (pieces.max(axis=1) + 1) / (ordinary + 1),
    }


def _category_level(history: Panel, level: pd.Series) -> Floats:
    if "category" not in history.keys:
        return np.full(history.count, np.nan)
    means = level.groupby(history.keys["category"].to_numpy()).transform("mean")
    levels: Floats = np.log(np.maximum(means.to_numpy(float), 1e-6))
    return levels


def _price(history: Panel) -> dict[str, Floats]:
    """The last price relative to the mean of the last 90 days, and how far it is below their highest."""
    unknown = np.full(history.count, np.nan)
    if "price" not in history.known:
        return {"price_change": unknown, "discount": unknown}
    prices = history.known["price"][:, -PRICE_DAYS:]
    last, mean = prices[:, -1], nan_mean(prices)
    highest = np.where(np.isnan(prices), -np.inf, prices).max(axis=1)
    usable = np.isfinite(highest) & (highest > 0) & (mean > 0)
    return {
        "price_change": np.divide(last, mean, out=unknown.copy(), where=usable),
        "discount": 1 - np.divide(last, highest, out=unknown.copy(), where=usable),
    }
