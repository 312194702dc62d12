"""Exchange rates: one per currency and day, a random walk from the currency's base rate."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from simulator import columns, parameters
from simulator.plan import DAY, Plan
from simulator.randomness import Ints, Stream, per_million
from simulator.rules import money

CURRENCIES: tuple[str, ...] = tuple(country.currency for country in parameters.COUNTRIES.values())
"""In the order of the countries, so that a country's position is also its currency's."""
RATE_UNITS = 10**8
_CATALOGUE = CURRENCIES.index(parameters.CATALOGUE_CURRENCY)
_UNITS = money.smallest_units(CURRENCIES)


@dataclass(frozen=True)
class Rates:
    """US dollars per unit of a currency, times 10^8: a row per currency, a column per day."""

    plan: Plan
    per_day: Ints

    def from_catalogue(self, hundredths: Ints, currencies: Ints, seconds: Ints) -> Ints:
        """Catalogue prices in other currencies, at the rates of these times."""
        days = self._days(seconds)
        own, other = self.per_day[_CATALOGUE, days], self.per_day[currencies, days]
        return money.convert(hundredths, own, other, _UNITS[currencies])

    def reported(self, hundredths: Ints, currencies: Ints, seconds: Ints) -> Ints:
        """Amounts in hundredths of the reporting currency, rounded half up as the database does."""
        rates = self.per_day[currencies, self._days(seconds)]
        return money.ratio(hundredths, rates, RATE_UNITS, money.CENT)

    def _days(self, seconds: Ints) -> Ints:
        return np.clip((seconds - self.plan.start) // DAY, 0, self.plan.days - 1)


def make_rates(plan: Plan) -> Rates:
    """A random walk per currency from its base rate; the reporting currency stays at 1."""
    step = per_million(parameters.DAILY_FX_STEP_RATE)
    per_day = np.empty((len(CURRENCIES), plan.days), dtype=np.int64)
    for row, (currency, country) in enumerate(zip(CURRENCIES, parameters.COUNTRIES.values(), strict=True)):
        rate = round(country.usd_rate * RATE_UNITS)
        moves = Stream(plan.seed, "rates", currency).between(-step, step, plan.days).tolist()
        for day, move in enumerate(moves):
            per_day[row, day] = rate
            if currency != parameters.REPORTING_CURRENCY:
                rate += rate * move // 1_000_000
    return Rates(plan, per_day)


def fx_rates(rates: Rates) -> pa.Table:
    """The table `fx_rates`: every currency, every day."""
    plan = rates.plan
    currencies = np.repeat(np.arange(len(CURRENCIES)), plan.days)
    days = np.tile(np.arange(plan.days), len(CURRENCIES))
    first = (plan.first_day - dt.date(1970, 1, 1)).days
    published = columns.timestamps(plan.start + days * DAY)
    return pa.table(
        {
            "currency": columns.texts(currencies, CURRENCIES),
            "rate_date": columns.dates(first + days),
            "reporting_currency": columns.constant(parameters.REPORTING_CURRENCY, len(days)),
            "rate": columns.decimals(rates.per_day.reshape(-1), 8),
            "created_at": published,
            "updated_at": published,
        }
    )
