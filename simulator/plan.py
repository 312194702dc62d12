"""What is to be generated: a size, a seed and the days, checked."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from simulator import parameters

DAY = 86_400
_EARLIEST = dt.date(2020, 1, 1)
_EPOCH = dt.date(1970, 1, 1)


class PlanError(ValueError):
    """What was asked for cannot be generated; the message says why."""


@dataclass(frozen=True)
class Plan:
    """A size, a seed, and the days from `first_day` up to, without, `until` (midnight UTC)."""

    size_name: str
    seed: int
    first_day: dt.date
    days: int

    @property
    def size(self) -> parameters.Size:
        """The number of rows."""
        return parameters.SIZES[self.size_name]

    @property
    def until(self) -> dt.date:
        """The day after the last."""
        return self.first_day + dt.timedelta(days=self.days)

    @property
    def start(self) -> int:
        """The first second, since 1970."""
        return seconds_of(self.first_day)

    @property
    def end(self) -> int:
        """The second after the last."""
        return seconds_of(self.until)

    @property
    def clickstream_day(self) -> int:
        """The first day, from 0, of which there are events."""
        return self.days - parameters.CLICKSTREAM_DAYS


def make_plan(size_name: str, seed: int, days: int | None, until: dt.date | None, today: dt.date) -> Plan:
    """Check what was asked for; PlanError names what cannot be."""
    if size_name not in parameters.SIZES:
        raise PlanError(f"unknown size '{size_name}'; there are {', '.join(parameters.SIZES)}")
    wanted = parameters.DEFAULT_DAYS if days is None else days
    if wanted < parameters.FEWEST_DAYS:
        raise PlanError(f"{wanted} days are too few: a history has at least {parameters.FEWEST_DAYS}")
    end = today if until is None else until
    if end > today:
        raise PlanError(f"the history cannot end on {end}, after today ({today}, UTC)")
    if (end - _EARLIEST).days < wanted:
        raise PlanError(f"a history of {wanted} days until {end} would start before {_EARLIEST}")
    return Plan(size_name, seed, end - dt.timedelta(days=wanted), wanted)


def plan_until_today(size_name: str) -> Plan:
    """A year up to today (UTC), of the seed that is taken where nobody gives one."""
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
