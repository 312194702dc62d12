"""The measures, against values computed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tradewind.ml import evaluation
from tradewind.ml.evaluation import Score


def test_smape_of_a_day_without_demand_and_forecast_is_zero() -> None:
    actual, forecast = np.array([[0.0, 10.0], [4.0, np.nan]]), np.array([[0.0, 30.0], [4.0, 9.0]])
    assert evaluation.smape(actual, forecast).tolist() == [50.0, 0.0]


def test_mase_and_rmsse_are_scaled_by_the_change_from_day_to_day() -> None:
    history = np.array([[1.0, 3.0, 5.0], [2.0, 2.0, 2.0]])
    actual, forecast = np.array([[5.0, 5.0], [1.0, 1.0]]), np.array([[4.0, 2.0], [1.0, 1.0]])
    assert evaluation.mase(actual, forecast, history)[0] == pytest.approx(1.0)
    assert evaluation.rmsse(actual, forecast, history)[0] == pytest.approx((5 / 4) ** 0.5)
    assert np.isnan(evaluation.mase(actual, forecast, history)[1])


def test_coverage_counts_known_values_within_the_closed_interval() -> None:
    actual = np.array([1.0, 2.0, 3.0, np.nan])
    assert evaluation.coverage(actual, np.full(4, 2.0), np.full(4, 3.0)) == pytest.approx(2 / 3)


def test_rolling_origins_are_back_to_back_and_leave_enough_history() -> None:
    assert evaluation.rolling_origins(400, 30, windows=3, least_history=100) == [310, 340, 370]
    assert evaluation.rolling_origins(150, 30, windows=3, least_history=100) == [120]


def test_the_interval_of_a_mean_narrows_with_more_series() -> None:
    generator = np.random.default_rng(1)
    few, many = (evaluation.interval_of_mean(generator.normal(10, 2, count)) for count in (20, 2_000))
    assert few[0] < many[0] < 10.2 and 9.8 < many[1] < few[1]


def test_a_bar_is_reached_only_by_a_value_beyond_it() -> None:
    def reached(value: float | None, bar: float | None, lower: bool = True) -> bool | None:
        return Score("m", "d", "x", value, bar=bar, is_lower_better=lower).is_reached

    assert reached(11.9, 12.0) is True and reached(12.0, 12.0) is False
    assert reached(0.9, 0.85, lower=False) is True and reached(0.8, 0.85, lower=False) is False
    assert reached(None, 12.0) is None and reached(11.0, None) is None
