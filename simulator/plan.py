"""The validated plan of a history: size, seed and days."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from simulator import parameters

DAY = 86_400
_EARLIEST = dt.date(2020, 1, 1)
_EPOCH = dt.date(1970, 1, 1)


class PlanError(ValueError):
    """The requested history cannot be generated; the message says why."""


@dataclass(frozen=True)
class Plan:
    """A size, a seed, and the days from `first_day` until `until`, exclusive (midnight UTC)."""

    size_name: str
    seed: int
    first_day: dt.date
    days: int

    @property
    def size(self) -> parameters.Size:
        """The numbers of rows."""
        return parameters.SIZES[self.size_name]

    @property
    def until(self) -> dt.date:
        """The day after the last."""
        return self.first_day + dt.timedelta(days=self.days)

    @property
    def start(self) -> int:
        """Start of the first day, in seconds since 1970."""
        return seconds_of(self.first_day)

    @property
    def end(self) -> int:
        """End of the last day, exclusive, in seconds since 1970."""
        return seconds_of(self.until)

    @property
    def clickstream_day(self) -> int:
        """First day of the clickstream, counted from 0."""
        return self.days - parameters.CLICKSTREAM_DAYS


def make_plan(size_name: str, seed: int, days: int | None, until: dt.date | None, today: dt.date) -> Plan:
    """Validate a request; PlanError names what is wrong with it."""
    if size_name not in parameters.SIZES:
        raise PlanError(f"unknown size '{size_name}'; there are {', '.join(parameters.SIZES)}")
    length = parameters.DEFAULT_DAYS if days is None else days
    if length < parameters.FEWEST_DAYS:
        raise PlanError(f"{length} days are too few: a history has at least {parameters.FEWEST_DAYS}")
    end = today if until is None else until
    if end > today:
        raise PlanError(f"the history cannot end on {end}, after today ({today}, UTC)")
    if (end - _EARLIEST).days < length:
        raise PlanError(f"a history of {length} days until {end} would start before {_EARLIEST}")
    return Plan(size_name, seed, end - dt.timedelta(days=length), length)


def plan_until_today(size_name: str) -> Plan:
    """A year up to today (UTC) with the default seed."""
    return make_plan(size_name, parameters.DEFAULT_SEED, None, None, dt.datetime.now(dt.UTC).date())


def parse_day(text: str) -> dt.date:
    """A day written as YYYY-MM-DD; PlanError for anything else."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise PlanError(f"'{text}' is not a day; write it as 2026-01-31") from None


def seconds_of(day: dt.date) -> int:
    """Midnight UTC of a day, in seconds since 1970."""
    return (day - _EPOCH).days * DAY
