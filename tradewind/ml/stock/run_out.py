"""When stock runs out, and how likely, from a demand forecast."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradewind.ml.demand.model import Forecast
from tradewind.ml.panel import Floats, Ints

LIKELY = 0.5
WEEK = 7


@dataclass(frozen=True)
class RunOut:
    """Per series, without further deliveries."""

    probability: Floats
    """(series, days): that the stock is gone at the end of the day, or before."""
    day: Ints
    """The first day, from 0, by whose end it is more likely gone than not; -1 if not within the horizon."""

    @property
    def within_horizon(self) -> Floats:
        """The probability that it runs out within the horizon."""
        return self.probability[:, -1]


def run_out(stock: Floats, forecast: Forecast) -> RunOut:
    """When stock on hand (pieces at the beginning of the first forecast day) is used up by the demand."""
    total = forecast.mean.cumsum(axis=1)
    probability = np.empty_like(total)
    for day in range(total.shape[1]):
        spread = forecast.counts.over(day + 1)
        probability[:, day] = 1 - spread.probability_below(total[:, day], stock)
    probability[stock <= 0] = 1.0
    probability = np.maximum.accumulate(np.clip(probability, 0.0, 1.0), axis=1)
    likely = probability >= LIKELY
    day_of = np.where(likely.any(axis=1), likely.argmax(axis=1), -1)
    return RunOut(probability, day_of.astype(np.int64))


def actual_day(stock: Floats, demand: Floats) -> Ints:
    """The day on which the demand that came used the stock up; -1 if it did not."""
    used = np.nan_to_num(demand).cumsum(axis=1) >= stock[:, None]
    return np.where(used.any(axis=1), used.argmax(axis=1), -1).astype(np.int64)


def week_of(day: Ints) -> Ints:
    """The week of a day, from 0; -1 for one beyond the horizon."""
    return np.where(day >= 0, day // WEEK, -1)
