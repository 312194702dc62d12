"""How often the predicted week of run-out is right."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tradewind.ml import evaluation
from tradewind.ml.demand import model
from tradewind.ml.demand.history import stock_on_hand
from tradewind.ml.evaluation import Score
from tradewind.ml.panel import Ints, Panel
from tradewind.ml.stock.run_out import actual_day, run_out, week_of

NAME = "stock"
ACCURACY_BAR = 0.85


def on_shop(
    panel: Panel, movements: pd.DataFrame, name: str, *, horizon: int = 30, windows: int = 3
) -> list[Score]:
    """The part of places whose week of run-out (one of those within the horizon, or none) was predicted.

    Counted are places with stock at the origin; what was delivered later is left out on both sides. Places
    whose demand was not known on every day are left out, since nobody knows when their stock would have gone.
    """
    origins = evaluation.rolling_origins(
        panel.length, horizon, windows=windows, least_history=model.LEAST_HISTORY + 2 * horizon
    )
    predicted, actual = [], []
    for origin in origins:
        history = panel.until(origin)
        day = panel.days[origin].tz_localize("UTC")
        stock = stock_on_hand(movements, panel.keys, day)
        came = panel.values[:, origin : origin + horizon]
        used = (stock > 0) & ~np.isnan(came).any(axis=1)
        forecast = model.fit(history, model.TrainingPlan(horizon=horizon)).predict(history)
        predicted.append(week_of(run_out(stock, forecast).day)[used])
        actual.append(week_of(actual_day(stock, came))[used])
    return scores(np.concatenate(predicted), np.concatenate(actual), f"{name}, {len(origins)} origins")


def scores(predicted: Ints, actual: Ints, title: str) -> list[Score]:
    """Accuracy over all places, and over those that did run out or were said to."""
    right = (predicted == actual).astype(float)
    never = float((actual == -1).mean())
    concerned = (predicted >= 0) | (actual >= 0)
    note = f"{int((actual >= 0).sum())} of {len(actual)} run out"
    found = [
        Score(
            NAME, title, "accuracy of the week of run-out", float(right.mean()), "never runs out", never,
            ACCURACY_BAR, False, evaluation.interval_of_mean(right), note,
        )
    ]  # fmt: skip
    if concerned.any():
        near = np.abs(predicted - actual)[concerned] <= 1
        found.append(
            Score(
                NAME, title, "of those that run out or were said to: right week or the next",
                float(near.mean()), is_lower_better=False, note=note,
            )
        )  # fmt: skip
    return found
