"""The demand model: one gradient-boosted model of all series, on top of the structural forecast.

XGBoost learns, with a Poisson objective, by what factor demand differs from level x weekday x month x growth.
The number of rounds is chosen on days held out of training: none, if none improves the structural forecast.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradewind.ml.demand import features
from tradewind.ml.demand.counts import QUANTILES, Counts
from tradewind.ml.demand.structure import Structure
from tradewind.ml.errors import DataError
from tradewind.ml.panel import Floats, Panel

CALIBRATION_PERIODS = 4
"""Held-out periods that the spread is measured on."""
LEAST_HISTORY = 60
"""Days before the first origin that is learned from."""
PARAMETERS: dict[str, Any] = {
    "objective": "count:poisson",
    "eta": 0.1,
    "max_depth": 5,
    "min_child_weight": 20,
    "subsample": 0.8,
    "lambda": 10,
    "tree_method": "hist",
    "max_bin": 64,
    "nthread": 2,
}


@dataclass(frozen=True)
class TrainingPlan:
    """How much to learn from."""

    horizon: int = 30
    origins: int = 12
    """Moments in the past from which the model learns to look ahead."""
    step: int = 28
    """Days between them."""
    most_rows: int = 200_000
    rounds: int = 100
    seed: int = 1


@dataclass(frozen=True)
class Forecast:
    """Expected pieces per series and day, and how far they may stray."""

    mean: Floats
    counts: Counts

    def quantile(self, probability: float) -> Floats:
        """Pieces per day not exceeded with this probability."""
        return self.counts.over(1).quantile(self.mean, probability)

    def total_quantile(self, days: int, probability: float) -> Floats:
        """Pieces over the first days together not exceeded with this probability."""
        return self.counts.over(days).quantile(self.mean[:, :days].sum(axis=1), probability)

    def quantiles(self) -> dict[float, Floats]:
        """The 5, 50 and 95 % quantiles per day."""
        return {probability: self.quantile(probability) for probability in QUANTILES}


@dataclass(frozen=True)
class DemandModel:
    """What training found."""

    booster: bytes
    """XGBoost's own binary format (UBJSON); empty if no round improved the structural forecast."""
    counts: Counts
    plan: TrainingPlan
    rounds: int
    deviance: tuple[float, float]
    """Mean Poisson deviance on the held-out days: of the structural forecast, of the model."""
    importance: dict[str, float]
    """Gain of each feature that the model uses, of 1 in all."""

    def predict(self, history: Panel, horizon: int | None = None) -> Forecast:
        """The forecast of the days after the history."""
        days = horizon or self.plan.horizon
        built = features.build(history, history.length, days)
        return Forecast(_means(self.booster, built).reshape(history.count, days), self.counts)

    def settings(self) -> str:
        """All but the trees, as JSON."""
        content = {
            "features": list(features.NAMES),
            "counts": self.counts.as_json(),
            "plan": vars(self.plan),
            "rounds": self.rounds,
            "deviance": list(self.deviance),
            "importance": self.importance,
        }
        return json.dumps(content, indent=1)

    @classmethod
    def of_files(cls, booster: bytes, settings: str) -> DemandModel:
        """From what `booster` and `settings` were written to."""
        content = json.loads(settings)
        if content["features"] != list(features.NAMES):
            raise DataError(
                "the model was trained on other features than this version computes; train it anew"
            )
        return cls(
            booster,
            Counts.of_json(content["counts"]),
            TrainingPlan(**content["plan"]),
            content["rounds"],
            (content["deviance"][0], content["deviance"][1]),
            content["importance"],
        )


def fit(history: Panel, plan: TrainingPlan | None = None) -> DemandModel:
    """Train on a history; DataError if it is too short, LeakageError if a feature sees the future."""
    plan = plan or TrainingPlan()
    held_out = history.length - plan.horizon
    least = LEAST_HISTORY + plan.horizon
    if held_out < least:
        raise DataError(
            f"the history has {history.length} days; a horizon of {plan.horizon} needs {least + plan.horizon}"
        )
    features.check_point_in_time(history, held_out, plan.horizon)
    actual = history.values[:, held_out:]
    test = features.build(history, held_out, plan.horizon)
    train = _rows(history, _origins(held_out - plan.horizon, plan), plan)
    booster, rounds = _boost(train, test, actual, plan)
    mean = _means(booster, test).reshape(actual.shape)
    counts = Counts.fit([(actual, mean), *_earlier_periods(history, held_out, plan)], plan.seed)
    if rounds:
        everything = _rows(history, _origins(held_out, plan), plan)
        final = _train(everything, plan, rounds)
        booster, importance = bytes(final.save_raw("ubj")), _importance(final)
    else:
        importance = {}
    both = (deviance(actual, test.expected.reshape(actual.shape)), deviance(actual, mean))
    return DemandModel(booster, counts, plan, rounds, both, importance)


def deviance(actual: Floats, mean: Floats) -> float:
    """Mean Poisson deviance of known values."""
    known = ~np.isnan(actual)
    y, f = actual[known], np.maximum(mean[known], 1e-9)
    ratio = np.divide(y, f, out=np.ones_like(f), where=y > 0)
    return float(2 * (y * np.log(ratio) - (y - f)).mean())


def _earlier_periods(history: Panel, held_out: int, plan: TrainingPlan) -> list[tuple[Floats, Floats]]:
    """Periods before the held-out one, with the structural forecasts of their beginnings."""
    found = []
    for back in range(1, CALIBRATION_PERIODS):
        origin = held_out - back * plan.horizon
        if origin < max(LEAST_HISTORY, history.length // 2):
            break
        seen = history.until(origin)
        forecast = Structure.fit(seen).forecast(seen.future(plan.horizon))
        found.append((history.values[:, origin : origin + plan.horizon], np.maximum(forecast, 1e-6)))
    return found


@dataclass(frozen=True)
class _Rows:
    features: NDArray[np.float32]
    expected: Floats
    actual: Floats


def _origins(last: int, plan: TrainingPlan) -> list[int]:
    found = [last - plan.step * back for back in range(plan.origins)]
    return [origin for origin in found if origin >= LEAST_HISTORY] or [last]


def _rows(history: Panel, origins: list[int], plan: TrainingPlan) -> _Rows:
    """What was known at each origin and what came then, a random part of the days of each series."""
    generator = np.random.default_rng(plan.seed)
    each = max(1, plan.most_rows // len(origins))
    parts = [_part(history, origin, plan.horizon, each, generator) for origin in origins]
    return _Rows(
        np.concatenate([part.features for part in parts]),
        np.concatenate([part.expected for part in parts]),
        np.concatenate([part.actual for part in parts]),
    )


def _part(history: Panel, origin: int, horizon: int, most: int, generator: np.random.Generator) -> _Rows:
    actual = history.values[:, origin : origin + horizon].reshape(-1)
    known = np.flatnonzero(~np.isnan(actual))
    if len(known) > most:
        known = np.sort(generator.choice(known, most, replace=False))
    built = features.build(history, origin, horizon, known)
    return _Rows(built.values, built.expected, actual[known])


def xgboost() -> Any:
    """The library, imported when needed; its threads sleep while they wait, since others need the cores."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    return import_module("xgboost")


def _matrix(values: NDArray[np.float32], expected: Floats, actual: Floats | None = None) -> Any:
    return xgboost().DMatrix(
        values,
        label=actual,
        base_margin=np.log(np.maximum(expected, 1e-6)),
        feature_names=list(features.NAMES),
        nthread=2,
    )


def _train(rows: _Rows, plan: TrainingPlan, rounds: int) -> Any:
    matrix = _matrix(rows.features, rows.expected, rows.actual)
    return xgboost().train(PARAMETERS | {"seed": plan.seed}, matrix, num_boost_round=rounds)


def _boost(rows: _Rows, test: features.Features, actual: Floats, plan: TrainingPlan) -> tuple[bytes, int]:
    """The trees and their number with the lowest deviance on the held-out days."""
    booster = _train(rows, plan, plan.rounds)
    matrix = _matrix(test.values, test.expected)
    lowest, rounds = deviance(actual, test.expected.reshape(actual.shape)), 0
    for count in range(5, plan.rounds + 1, 5):
        mean = booster.predict(matrix, iteration_range=(0, count)).reshape(actual.shape)
        found = deviance(actual, mean.astype(np.float64))
        if found < lowest:
            lowest, rounds = found, count
    return (bytes(booster[:rounds].save_raw("ubj")), rounds) if rounds else (b"", 0)


def _means(booster: bytes, built: features.Features) -> Floats:
    if not booster:
        return built.expected
    trees = xgboost().Booster()
    trees.load_model(bytearray(booster))
    return np.asarray(trees.predict(_matrix(built.values, built.expected)), dtype=np.float64)


def _importance(booster: Any) -> dict[str, float]:
    gains = booster.get_score(importance_type="total_gain")
    total = sum(gains.values()) or 1.0
    return {name: gain / total for name, gain in sorted(gains.items(), key=lambda item: -item[1])}
