"""Traffic per country by local hour, weekday, holiday and sale day.

A factor of 1 is the country's ordinary traffic. All arithmetic is in integers until the last division.
"""

from __future__ import annotations

import datetime as dt
from functools import cache

import numpy as np

from simulator import parameters
from simulator.randomness import Ints

HOURS = 24
PER_MILLE = 1_000
_FACTOR_SCALE = PER_MILLE**3


def traffic_factor(country: str, at: dt.datetime) -> float:
    """A country's traffic at a time (with time zone), relative to its mean."""
    local = at.astimezone(dt.UTC) + dt.timedelta(hours=utc_offset_hours(country))
    hour = int(_hour_factors(country)[local.hour])
    weekday = int(_weekday_factors(country)[local.weekday()])
    return hour * weekday * day_per_mille(country, local.date()) / _FACTOR_SCALE


def hourly_weights(country: str, first_day: dt.date, days: int) -> Ints:
    """Integer weights of each hour (UTC) from the start of a day on, in proportion to the traffic."""
    offset = utc_offset_hours(country)
    local_hours = np.arange(days * HOURS, dtype=np.int64) + offset
    day_numbers = local_hours // HOURS
    first = int(day_numbers[0])
    factors = [
        day_per_mille(country, day) * int(_weekday_factors(country)[day.weekday()])
        for day in (
            first_day + dt.timedelta(days=number) for number in range(first, int(day_numbers[-1]) + 1)
        )
    ]
    per_day = np.array(factors, dtype=np.int64)
    weights: Ints = _hour_factors(country)[local_hours % HOURS] * per_day[day_numbers - first]
    return weights


@cache
def day_per_mille(country: str, day: dt.date) -> int:
    """Effect of holidays, sale days and paydays on a local day's traffic, per mille; 1000 is ordinary."""
    factor = _lunar_per_mille(country, day)
    for special in parameters.SPECIAL_DAYS:
        if country in special.countries and _is_on(special, day):
            factor = factor * round(special.traffic_rate * PER_MILLE) // PER_MILLE
    payday, rate = parameters.PAYDAY
    return factor * round(rate * PER_MILLE) // PER_MILLE if day.day >= payday else factor


def sale_days(first_day: dt.date, days: int) -> list[dt.date]:
    """The sale days (11.11, 12.12, ...) among `days` days."""
    dates = {(special.month, special.day) for special in parameters.SPECIAL_DAYS if special.is_sale}
    every_day = (first_day + dt.timedelta(days=number) for number in range(days))
    return [day for day in every_day if (day.month, day.day) in dates]


def season_weights(month: int) -> dict[str, int]:
    """Demand by department in a month (1-12); 100 is ordinary."""
    return {name: department.month_weights[month - 1] for name, department in parameters.DEPARTMENTS.items()}


def utc_offset_hours(country: str) -> int:
    """Local time minus UTC, in hours."""
    return parameters.COUNTRIES[country].utc_offset_hours


def _is_on(special: parameters.SpecialDay, day: dt.date) -> bool:
    first = dt.date(day.year, special.month, special.day)
    return 0 <= (day - first).days < special.days


def _lunar_per_mille(country: str, day: dt.date) -> int:
    """Effect of the lunar new year on traffic: more before it, less in its first days."""
    date = parameters.LUNAR_NEW_YEAR.get(day.year)
    if country not in parameters.LUNAR_NEW_YEAR_COUNTRIES or date is None:
        return PER_MILLE
    until = (dt.date(day.year, *date) - day).days
    before, more = parameters.LUNAR_NEW_YEAR_SHOPPING
    rest, less = parameters.LUNAR_NEW_YEAR_REST
    rate = more if 0 < until <= before else less if -rest < until <= 0 else 1
    return round(rate * PER_MILLE)


@cache
def _hour_factors(country: str) -> Ints:
    return _with_mean_1000(parameters.HOUR_WEIGHTS[country])


@cache
def _weekday_factors(country: str) -> Ints:
    return _with_mean_1000(parameters.WEEKDAY_WEIGHTS[country])


def _with_mean_1000(weights: tuple[int, ...]) -> Ints:
    return np.array([weight * PER_MILLE * len(weights) // sum(weights) for weight in weights], dtype=np.int64)
