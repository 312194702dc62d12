"""How often the predicted week of run-out is right."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tradewind.ml import evaluation
from tradewind.ml.demand.evaluate import Period
from tradewind.ml.demand.history import stock_on_hand
from tradewind.ml.evaluation import Score
from tradewind.ml.panel import Floats, Ints
from tradewind.ml.stock.run_out import actual_day, run_out, week_of

NAME = "stock"
ACCURACY_BAR = 0.85


def on_shop(periods: list[Period], movements: pd.DataFrame, name: str) -> list[Score]:
    """The part of places whose week of run-out (one of those within the horizon, or none) was predicted.

    Counted are places with stock at the origin; what was delivered later is left out on both sides. Places
    whose demand was not known on every day are left out, since nobody knows when their stock would have gone.
    """
    predicted, actual, told = [], [], []
    for period in periods:
        keys, origin = period.history.keys, period.history.future(1)[0].tz_localize("UTC")
        stock = stock_on_hand(movements, keys, origin)
        used = (stock > 0) & ~np.isnan(period.actual).any(axis=1)
        gone = run_out(stock, period.forecast)
        predicted.append(week_of(gone.day)[used])
        told.append(gone.within_horizon[used])
        actual.append(week_of(actual_day(stock, period.actual))[used])
    title = f"{name}, {len(periods)} origins"
    return scores(np.concatenate(predicted), np.concatenate(actual), np.concatenate(told), title)


def scores(predicted: Ints, actual: Ints, told: Floats, title: str) -> list[Score]:
    """Accuracy of the week over all places, and of the probability that stock runs out within the horizon.

    predicted and actual: weeks from 0, -1 for none; told: the probabilities. Where few places run out, saying
    that none does is right nearly always; the Brier score (mean squared error of the probability) beside that
    of the mean probability says whether the forecast knows which.
    """
    right = (predicted == actual).astype(float)
    happened = (actual >= 0).astype(float)
    brier = (told - happened) ** 2
    rate = float(happened.mean())
    note = f"{int(happened.sum())} of {len(actual)} run out, {told.sum():.1f} expected"
    return [
        Score(
            NAME, title, "accuracy of the week of run-out", float(right.mean()), "never runs out",
            float((actual == -1).mean()), ACCURACY_BAR, False, evaluation.interval_of_mean(right), note,
        ),
        Score(
            NAME, title, "Brier score of running out", float(brier.mean()), "the same probability for all",
            rate * (1 - rate), rate * (1 - rate), True, evaluation.interval_of_mean(brier), note,
        ),
    ]  # fmt: skip
