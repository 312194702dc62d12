"""A question about a metric as people write it: periods, groups and filters, read and checked."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from tradewind.metrics.declarations import PERIODS, MetricError

LAST = re.compile(r"([1-9][0-9]{0,3})([dwmy])")
STEPS = {"d": "day", "w": "week", "m": "month", "y": "year"}
CONDITION = re.compile(r"\s*([a-z_][a-z0-9_]*)\s*(!=|=)(.*)", re.DOTALL)


@dataclass(frozen=True)
class Period:
    """Days from `start` to `end`, both included; the one before is `count` times `step` earlier."""

    start: date
    end: date
    step: str
    count: int

    def earlier(self, step: str, count: int) -> Period:
        """The same days that much earlier."""
        return Period(
            shifted(self.start, step, -count), shifted(self.end, step, -count), self.step, self.count
        )


@dataclass(frozen=True)
class Condition:
    """A dimension is one of the values or, if negated, none of them; an empty one means missing."""

    dimension: str
    values: tuple[str, ...]
    is_negated: bool = False


@dataclass(frozen=True)
class Question:
    """One metric, by periods and dimensions, of some of the data."""

    metric: str
    by: tuple[str, ...] = ()
    where: tuple[Condition, ...] = ()
    period: Period | None = None
    """None: all of the data."""

    @property
    def time(self) -> str | None:
        """What time is grouped by, such as `day`."""
        return next((name for name in self.by if name in PERIODS), None)


def groups(texts: Iterable[str]) -> tuple[str, ...]:
    """The names of `day,channel`; MetricError for a repeated name, or two periods."""
    names = tuple(name.strip() for text in texts for name in text.split(",") if name.strip())
    if len(set(names)) < len(names):
        raise MetricError(f"--by names something twice: {', '.join(names)}")
    periods = [name for name in names if name in PERIODS]
    if len(periods) > 1:
        raise MetricError(f"--by takes one period, not {' and '.join(periods)}")
    return names


def condition(text: str) -> Condition:
    """`channel=website,shopee` or `country!=TH`; `state=` for rows without a state."""
    match = CONDITION.fullmatch(text)
    if match is None:
        raise MetricError(
            f"--where {text} is not understood; write dimension=value, or dimension!=value,value"
        )
    values = tuple(value.strip() for value in match[3].split(","))
    return Condition(match[1], values, is_negated=match[2] == "!=")


def last(text: str, end: date) -> Period:
    """The period of `30d`, `4w`, `3m` or `1y` that ends with a day; months and years are the calendar's."""
    match = LAST.fullmatch(text)
    if match is None:
        raise MetricError(
            f"--last {text} is not understood; write a number and d, w, m or y, such as 30d or 3m"
        )
    count, step = int(match[1]), STEPS[match[2]]
    if step in ("day", "week"):
        return Period(end - timedelta(days=count * (7 if step == "week" else 1) - 1), end, step, count)
    first = end.replace(day=1) if step == "month" else end.replace(month=1, day=1)
    return Period(shifted(first, step, 1 - count), end, step, count)


def between(start: date, end: date) -> Period:
    """From one day to another; MetricError if they are the wrong way round."""
    if start > end:
        raise MetricError(f"the period ends on {end}, before it starts on {start}")
    return Period(start, end, "day", (end - start).days + 1)


def shifted(day: date, step: str, count: int) -> date:
    """That many days, weeks, months or years later; the month's last day where the day does not exist."""
    if step in ("day", "week"):
        return day + timedelta(days=count * (7 if step == "week" else 1))
    months = day.year * 12 + day.month - 1 + count * (12 if step == "year" else 1)
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
