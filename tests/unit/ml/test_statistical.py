"""The statistical challengers: the method of each class of series, on series whose future is known."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tradewind.ml.demand import statistical
from tradewind.ml.panel import Panel

WEEK = [5, 5, 6, 6, 8, 20, 18]
WEEKS, HORIZON = 30, 14


def test_each_class_of_series_has_its_method() -> None:
    noise = np.random.default_rng(1)
    steady = np.tile(WEEK, WEEKS) + noise.normal(0, 0.5, 7 * WEEKS)
    steady[40:44] = np.nan  # days without stock
    rare = np.where(np.arange(7 * WEEKS) % 10 == 0, 4.0, 0.0)
    never = np.zeros(7 * WEEKS)
    keys = pd.DataFrame({"item": [1, 2, 3], "place": [1, 1, 1]})
    history = Panel(keys, np.array([rare, steady, never]), pd.Timestamp("2026-01-05"))
    sparse, weekly, nothing = statistical.forecast(history, HORIZON)
    assert np.abs(weekly - np.tile(WEEK, 2)).max() < 1.5
    assert np.ptp(sparse) == 0
    assert 0.3 < sparse[0] < 0.5  # 4 pieces every 10 days
    assert nothing.tolist() == [0.0] * HORIZON
