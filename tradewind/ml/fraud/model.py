"""The supervised fraud model: gradient-boosted trees over the features; and rules that need no training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import xgboost

from tradewind.ml.fraud.features import Features
from tradewind.ml.panel import Floats

SETTINGS: dict[str, str | float] = {
    "objective": "binary:logistic",
    "max_depth": 3,
    "eta": 0.05,
    "subsample": 0.7,
    "colsample_bytree": 0.5,
    "min_child_weight": 5,
    "lambda": 5,
    "nthread": 1,
}
"""Shallow trees: a week of training has some hundred frauds. One thread: the data is small."""
ROUNDS = 200
REASONS = 3


@dataclass(frozen=True)
class FraudModel:
    """Trees and the features that they read."""

    booster: xgboost.Booster
    names: list[str]

    @classmethod
    def of_files(cls, content: bytes, names: list[str]) -> FraudModel:
        """The model of `content()` and its features."""
        booster = xgboost.Booster()
        booster.load_model(bytearray(content))
        booster.set_param({"nthread": 1})
        return cls(booster, names)

    def content(self) -> bytes:
        """The trees in XGBoost's own format, which holds no code."""
        return bytes(self.booster.save_raw("ubj"))

    def predict(self, features: Features) -> Floats:
        """The probability of fraud, 0 to 1."""
        found: Floats = self.booster.predict(_matrix(features[self.names])).astype(float)
        return found

    def reasons(self, features: Features) -> list[list[str]]:
        """Per row, the features that raise its score most: their SHAP values are positive."""
        shares = self.booster.predict(_matrix(features[self.names]), pred_contribs=True)[:, :-1]
        order = np.argsort(-shares, axis=1)[:, :REASONS]
        return [
            [self.names[at] for at in best if row[at] > 0] for row, best in zip(shares, order, strict=True)
        ]


def fit(
    features: Features, labels: Floats, seed: int = 1, settings: Mapping[str, float] | None = None
) -> FraudModel:
    """Trees trained on transactions with their labels; settings differ from SETTINGS."""
    data = _matrix(features, labels)
    chosen = SETTINGS | dict(settings or {}) | {"seed": seed}
    booster = xgboost.train(chosen, data, num_boost_round=ROUNDS)
    return FraudModel(booster, list(features.columns))


def rules(features: Features) -> Floats:
    """What needs no training: the terminal's known risk, or how unusual the amount is for the customer."""
    unusual = features["amount_ratio"].to_numpy(dtype=float) / 10
    risk = features["terminal_risk_7d"].to_numpy(dtype=float)
    found: Floats = np.minimum(np.maximum(unusual, risk), 1.0)
    return found


def _matrix(features: Features, labels: Floats | None = None) -> xgboost.DMatrix:
    values = features.to_numpy(dtype=np.float32)
    return xgboost.DMatrix(values, label=labels, feature_names=list(features.columns), nthread=1)
