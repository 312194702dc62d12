"""The demand model on generated data: what it reads, what it refuses, what it reaches."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tradewind.ml import evaluation
from tradewind.ml.data_checksum import checksum
from tradewind.ml.demand import baselines, data_format, features, model
from tradewind.ml.demand.counts import Counts, coverage_of
from tradewind.ml.demand.evaluate import on_data
from tradewind.ml.demand.features import Features
from tradewind.ml.demand.structure import Structure
from tradewind.ml.errors import DataError, LeakageError
from tradewind.ml.known import Source, check
from tradewind.ml.panel import Panel

HORIZON = 28
PLAN = model.TrainingPlan(horizon=HORIZON, origins=4, most_rows=8_000, rounds=20)


@pytest.fixture(scope="module")
def panel() -> Panel:
    table = data_format.generate(stores=3, items=8, days=800, seed=3)
    return data_format.panel(table, "generated")


@pytest.fixture(scope="module")
def fitted(panel: Panel) -> model.DemandModel:
    return model.fit(panel.until(panel.length - HORIZON), PLAN)


def test_a_file_of_the_documented_shape_is_read_whole(tmp_path: Path, panel: Panel) -> None:
    table = data_format.generate(stores=3, items=8, days=800, seed=3)
    table.sample(frac=1, random_state=1).to_csv(tmp_path / "sales.csv.gz", index=False)
    read = data_format.read(tmp_path)
    assert checksum(read) == checksum(panel)
    assert (read.count, read.length, str(read.first_day.date())) == (24, 800, "2014-01-01")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("date,store,sales\n2017-01-01,1,2\n", "item"),
        ("date,store,item,sales\n2017-01-01,1,1,2\n2017-02-30,1,1,2\n", "row 3: date"),
        ("date,store,item,sales\n2017-01-01,1,1,-2\n", "row 2: sales"),
        ("date,store,item,sales\n2017-01-01,1,1,2\n2017-01-01,1,1,2\n", "row 3: a second row"),
        ("date,store,item,sales\n", "no rows"),
    ],
)
def test_a_file_of_another_shape_is_refused_by_name(tmp_path: Path, text: str, named: str) -> None:
    (tmp_path / "sales.csv").write_text(text)
    with pytest.raises(DataError, match=named):
        data_format.read(tmp_path / "sales.csv")


def test_no_feature_sees_the_future(panel: Panel) -> None:
    features.check_point_in_time(panel, 700, HORIZON)


def test_a_planted_leak_is_caught_by_its_name_before_anything_is_learned(
    panel: Panel, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = features.build

    def with_tomorrow(panel: Panel, origin: int, horizon: int, rows: Any = None) -> Features:
        built = honest(panel, origin, horizon, rows)
        leaking = built.values.copy()
        leaking[:, features.NAMES.index("lag_1")] = np.repeat(panel.values[:, origin], horizon)
        return Features(leaking, built.expected)

    with pytest.raises(LeakageError, match="lag_1"):
        features.check_point_in_time(panel, 700, HORIZON, with_tomorrow)
    monkeypatch.setattr(features, "build", with_tomorrow)
    with pytest.raises(LeakageError, match="change with what happened later: lag_1"):
        model.fit(panel, PLAN)


def test_a_feature_that_no_time_is_known_of_is_refused_for_a_loaded_history() -> None:
    source = Source("products.category_id", None)
    began, later = pd.Timestamp("2026-01-01"), pd.Timestamp("2026-02-01")
    with pytest.raises(LeakageError, match=r"products\.category_id"):
        check([source], began, None)
    with pytest.raises(LeakageError, match=r"products\.category_id"):
        check([source], began, later)
    check([source], later, began)
    check([Source("inventory_log.quantity_change", "inventory_log.moved_at")], began, None)


def test_features_are_those_that_the_model_is_declared_to_read() -> None:
    wanted = {f"lag_{lag}" for lag in (1, 3, 7, 14, 28)}
    wanted |= {f"{what}_{days}" for what, days in itertools.product(("mean", "std", "max"), (7, 14, 30))}
    wanted |= {"weekday", "month", "quarter", "is_holiday", "is_pay_day", "is_sale_day", "discount"}
    assert wanted <= set(features.NAMES)
    assert len(set(features.NAMES)) == len(features.NAMES)


def test_lags_and_windows_end_with_the_day_before_the_origin(panel: Panel) -> None:
    built = features.build(panel, 700, 2)
    expected = Structure.fit(panel.until(700)).forecast(panel.days[693:700])
    lag_7 = built.values[::2, features.NAMES.index("lag_7")]
    assert lag_7 == pytest.approx((panel.values[:, 693] + 1) / (expected[:, 0] + 1), rel=1e-5)
    mean_7 = built.values[::2, features.NAMES.index("mean_7")]
    week = panel.values[:, 693:700].sum(axis=1)
    assert mean_7 == pytest.approx((week + 1) / (expected.sum(axis=1) + 1), rel=1e-5)


def test_the_forecast_is_close_to_the_best_that_is_possible(panel: Panel, fitted: model.DemandModel) -> None:
    """The generated demand is Poisson, so its true mean has a known error; the naive ones are far from it."""
    history, actual = panel.until(panel.length - HORIZON), panel.values[:, -HORIZON:]
    error = evaluation.smape(actual, fitted.predict(history).mean).mean()
    naive = evaluation.smape(actual, baselines.seasonal_naive(history, HORIZON)).mean()
    weekday = evaluation.smape(actual, baselines.same_weekday_mean(history, HORIZON)).mean()
    assert error < 0.8 * naive and error < 0.98 * weekday, (error, naive, weekday)


def test_a_model_is_the_same_after_writing_and_reading_it(panel: Panel, fitted: model.DemandModel) -> None:
    history = panel.until(panel.length - HORIZON)
    again = model.DemandModel.of_files(fitted.booster, fitted.settings())
    first, second = fitted.predict(history), again.predict(history)
    assert np.array_equal(first.mean, second.mean)
    assert all(
        np.array_equal(a, b)
        for a, b in zip(first.quantiles().values(), second.quantiles().values(), strict=True)
    )


def test_equal_seeds_give_equal_models(panel: Panel, fitted: model.DemandModel) -> None:
    again = model.fit(panel.until(panel.length - HORIZON), PLAN)
    assert again.booster == fitted.booster and again.settings() == fitted.settings()


def test_a_short_history_is_refused_with_what_it_needs(panel: Panel) -> None:
    with pytest.raises(DataError, match="needs 116"):
        model.fit(panel.until(100), PLAN)


def test_days_without_stock_do_not_lower_the_level() -> None:
    generator = np.random.default_rng(5)
    sold = generator.poisson(10, (4, 400)).astype(float)
    censored = sold.copy()
    censored[0, 200:300] = np.nan
    as_zero = np.nan_to_num(censored)
    keys = pd.DataFrame({"item": [1, 2, 3, 4], "place": [1, 1, 1, 1]})
    levels = [
        Structure.fit(Panel(keys, values, pd.Timestamp("2025-01-01"))).level[0]
        for values in (sold, censored, as_zero)
    ]
    assert levels[1] == pytest.approx(levels[0], rel=0.08)
    assert levels[2] < 0.85 * levels[0]


def test_a_new_item_is_forecast_by_its_category() -> None:
    generator = np.random.default_rng(7)
    level = np.array([20.0] * 5 + [2.0] * 5)
    sold = generator.poisson(level[:, None], (10, 400)).astype(float)
    sold[4], sold[9] = np.nan, np.nan
    keys = pd.DataFrame({"item": range(10), "place": 1, "category": ["toys"] * 5 + ["books"] * 5})
    found = Structure.fit(Panel(keys, sold, pd.Timestamp("2025-01-01"))).level
    assert found[4] == pytest.approx(20, rel=0.25) and found[9] == pytest.approx(2, rel=0.25)


@pytest.mark.parametrize("mean", [0.05, 0.8, 12.0, 150.0])
@pytest.mark.parametrize("phi", [1.0, 2.5])
def test_intervals_hold_what_they_say_for_counts_of_every_size(mean: float, phi: float) -> None:
    generator = np.random.default_rng(11)
    size = np.full((4_000, 2), mean)
    drawn = (
        generator.poisson(size) if phi == 1 else generator.negative_binomial(size / (phi - 1), 1 / phi)
    ).astype(float)
    spread = Counts.fit([(drawn[:2_000], size[:2_000])], seed=1).over(1)
    assert coverage_of(drawn[2_000:].reshape(-1), size[2_000:].reshape(-1), spread, 2) == pytest.approx(
        0.9, abs=0.02
    )


def test_too_narrow_a_spread_is_seen_in_the_coverage() -> None:
    generator = np.random.default_rng(11)
    mean = np.full((2_000, 2), 30.0)
    narrow = Counts.fit([(generator.poisson(mean).astype(float), mean)], seed=1).over(1)
    wild = generator.negative_binomial(mean / 3, 1 / 4).astype(float).reshape(-1)
    assert coverage_of(wild, mean.reshape(-1), narrow, 2) < 0.8


def test_scores_name_metric_baseline_and_coverage(panel: Panel) -> None:
    scores = {score.metric: score for score in on_data(panel.until(300), "generated", HORIZON)}
    assert set(scores) == {"SMAPE, %", "MAE", "mean RMSSE", "coverage of the daily 90 % interval, off by"}
    best = scores["SMAPE, %"]
    assert best.value is not None and best.interval is not None
    assert best.interval[0] < best.value < best.interval[1]
    assert best.baseline in baselines.BASELINES and best.is_reached is None
    assert scores["coverage of the daily 90 % interval, off by"].is_reached is True
