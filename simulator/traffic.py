"""Traffic over a plan's days: the calendar's curves with the shop's growth and voucher periods."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from simulator import calendar, parameters
from simulator.plan import DAY, Plan
from simulator.randomness import Choice, Ints, Stream, per_million
from simulator.world.places import COUNTRY_CODES

_HOUR = 3_600
_YEAR = 365


@dataclass(frozen=True)
class Traffic:
    """Weights per country and hour; `uplift` (per mille, by country and day) raises some days."""

    plan: Plan
    uplift: Ints | None = None
    _weights: dict[int, Ints] = field(default_factory=dict)

    def weights(self, country: int) -> Ints:
        """A country's weight of each hour (UTC) of the plan."""
        if country not in self._weights:
            self._weights[country] = self._make(country)
        return self._weights[country]

    def daily_weights(self, country_weights: list[int]) -> Ints:
        """Weight of each day over all countries."""
        total = np.zeros(self.plan.days, dtype=np.int64)
        for country, weight in enumerate(country_weights):
            if weight:
                per_day = (self.weights(country) // 1_000).reshape(-1, calendar.HOURS).sum(axis=1)
                total += per_day // 1_000 * weight
        return total

    def moments(self, stream: Stream, countries: Ints, first_day: int = 0, days: int | None = None) -> Ints:
        """A time for each country given, within `days` days from `first_day` on."""
        length = self.plan.days - first_day if days is None else days
        bits, seconds = stream.bits(len(countries)), stream.below(_HOUR, len(countries))
        hours = np.zeros(len(countries), dtype=np.int64)
        for country in np.unique(countries).tolist():
            chosen = countries == country
            window = slice(first_day * calendar.HOURS, (first_day + length) * calendar.HOURS)
            hours[chosen] = Choice(self.weights(country)[window]).from_bits(bits[chosen])
        moment: Ints = self.plan.start + first_day * DAY + hours * _HOUR + seconds
        return moment

    def _make(self, country: int) -> Ints:
        plan = self.plan
        weights = calendar.hourly_weights(COUNTRY_CODES[country], plan.first_day, plan.days)
        day = np.arange(plan.days, dtype=np.int64)
        factor = 1_000_000 + per_million(parameters.YEARLY_GROWTH_RATE) * day // _YEAR
        if self.uplift is not None:
            factor = factor * self.uplift[country] // 1_000
        return weights * np.repeat(factor // 1_000, calendar.HOURS) // 1_000


def apportion(total: int, weights: Ints) -> Ints:
    """Integer parts of a total in proportion to weights, by the largest-remainder method."""
    weight_sum = int(weights.sum())
    exact = [int(weight) * total for weight in weights.tolist()]
    parts = np.array([number // weight_sum for number in exact], dtype=np.int64)
    remainders = np.array([number % weight_sum for number in exact], dtype=np.int64)
    largest = np.argsort(-remainders, kind="stable")[: total - int(parts.sum())]
    parts[largest] += 1
    return parts
