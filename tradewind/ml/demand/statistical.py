"""Statistical challengers, one per class of series: Croston's method where most days have no sale.

statsforecast takes seconds to import, so it is imported only where a challenger is asked for.
"""

from __future__ import annotations

import os
import warnings
from typing import Any

import numpy as np
import pandas as pd

from tradewind.ml.evaluation import nan_mean
from tradewind.ml.panel import Floats, Panel

INTERMITTENT = 0.5
"""Part of days without a sale from which a series counts as intermittent."""
LONGEST = 2 * 365


def forecast(history: Panel, horizon: int) -> Floats:
    """Croston's method (Syntetos-Boylan) for intermittent series, exponential smoothing for others."""
    sold = np.nan_to_num(history.values[:, -LONGEST:])
    is_intermittent = (sold == 0).mean(axis=1) > INTERMITTENT
    found = np.zeros((history.count, horizon))
    for chosen in (is_intermittent, ~is_intermittent):
        series = np.flatnonzero(chosen & (sold.sum(axis=1) > 0))
        if len(series):
            found[series] = _fit(history, series, horizon, is_sparse=bool(chosen is is_intermittent))
    return found


def _fit(history: Panel, series: Any, horizon: int, *, is_sparse: bool) -> Floats:
    os.environ.setdefault("NIXTLA_ID_AS_COL", "1")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from statsforecast import StatsForecast
        from statsforecast.models import CrostonSBA, SeasonalExponentialSmoothingOptimized

        model = CrostonSBA() if is_sparse else SeasonalExponentialSmoothingOptimized(season_length=7)
        values = history.values[series, -LONGEST:]
        filled = np.where(np.isnan(values), np.nan_to_num(nan_mean(values))[:, None], values)
        days = history.days[-LONGEST:]
        table = pd.DataFrame(
            {
                "unique_id": np.repeat(np.arange(len(series)), len(days)),
                "ds": np.tile(days.to_numpy(), len(series)),
                "y": filled.reshape(-1),
            }
        )
        predicted = StatsForecast(models=[model], freq="D").forecast(df=table, h=horizon)
    ordered = predicted.sort_values(["unique_id", "ds"]).iloc[:, -1].to_numpy(dtype=float)
    found: Floats = np.maximum(ordered.reshape(len(series), horizon), 0.0)
    return found
