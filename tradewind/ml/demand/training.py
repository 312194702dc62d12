"""Training a version of the demand model, and the rows of its forecasts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict

import pandas as pd

from tradewind.ml import checks
from tradewind.ml.data_checksum import checksum
from tradewind.ml.demand import features, model
from tradewind.ml.errors import DataError
from tradewind.ml.known import DEMAND_SOURCES, check
from tradewind.ml.panel import Panel
from tradewind.ml.registry import Trained

NAME = "demand"
BOOSTER, SETTINGS, REFERENCE = "model.ubj", "settings.json", "reference.json"
"""The trees; all else that a forecast needs; how features were spread, to see drift."""
FEATURES = features.NAMES
HORIZON = model.TrainingPlan().horizon
METRIC = "deviance_ratio"
"""By which a version is better: its deviance on held-out days, as a part of the structural one."""


def train(panel: Panel, plan: model.TrainingPlan, captured_since: pd.Timestamp | None = None) -> Trained:
    """A version trained on all of the panel, with its deviance on the held-out days."""
    check(DEMAND_SOURCES, panel.days[0], captured_since)
    fitted = model.fit(panel, plan)
    structural, learned = fitted.deviance
    return Trained(
        NAME,
        {
            BOOSTER: fitted.booster,
            SETTINGS: fitted.settings().encode(),
            REFERENCE: _text(references(feature_rows(panel))),
        },
        panel.days[0].date(),
        panel.days[-1].date(),
        features.NAMES,
        {METRIC: learned / structural, "deviance": learned, "rounds": float(fitted.rounds)},
        checksum(panel),
        plan.seed,
    )


def feature_rows(panel: Panel) -> pd.DataFrame:
    """Rows of `ml.demand_features`: the features of the day after the panel, one row per series."""
    built = features.build(panel, panel.length, 1)
    rows = pd.DataFrame(built.values.astype(float), columns=list(features.NAMES))
    rows.insert(0, "expected_quantity", built.expected)
    rows.insert(0, "warehouse_id", panel.keys["place"].to_numpy())
    rows.insert(0, "sku_id", panel.keys["item"].to_numpy())
    rows.insert(0, "feature_date", panel.future(1)[0].date())
    return rows


def references(rows: pd.DataFrame) -> dict[str, checks.Reference]:
    """How each feature that is not of the calendar is spread."""
    steady = [name for name in features.NAMES if name not in ("horizon", *features.CALENDAR)]
    return {name: checks.reference(rows[name].to_numpy(dtype=float)) for name in steady}


def _text(items: Mapping[str, checks.Reference]) -> bytes:
    return json.dumps({name: asdict(item) for name, item in items.items()}).encode()


def read_references(text: bytes) -> dict[str, checks.Reference]:
    """From the file REFERENCE."""
    return {name: checks.Reference(**item) for name, item in json.loads(text).items()}


def load(files: Mapping[str, bytes]) -> model.DemandModel:
    """The model of a version's files."""
    return model.DemandModel.of_files(files[BOOSTER], files[SETTINGS].decode())


def forecast_rows(panel: Panel, forecast: model.Forecast, version: str) -> pd.DataFrame:
    """Rows of `ml.demand_forecasts`; DataError if a value is not a number."""
    horizon = forecast.mean.shape[1]
    days = panel.future(horizon)
    quantiles = forecast.quantiles()
    rows = pd.DataFrame(
        {
            "model_version": version,
            "forecast_from": days[0].date(),
            "forecast_date": list(days.date) * panel.count,
            "sku_id": panel.keys["item"].astype("int64").repeat(horizon).to_numpy(),
            "warehouse_id": panel.keys["place"].astype("int64").repeat(horizon).to_numpy(),
            "expected_quantity": forecast.mean.reshape(-1),
            **{
                f"quantity_p{round(probability * 100):02d}": values.reshape(-1)
                for probability, values in quantiles.items()
            },
        }
    )
    broken = rows.columns[rows.isna().any()]
    if len(broken):
        raise DataError(f"the forecast has no number in {', '.join(broken)}; nothing is written")
    return rows
