"""What a rule reads from the warehouse: what there is now, and what is usual at this time."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tradewind.serving.alerts.rules import Condition, Figure, Limits, Rows, Rule

Query = Callable[[str, Mapping[str, Any]], Sequence[Mapping[str, Any]]]
"""From SQL and its parameters to rows by column name."""

FEWEST_WEEKS = 3
"""With fewer weeks before, nothing is known to be usual: the median of three ignores one odd week."""
USUAL_KEPT = timedelta(minutes=10)
"""How long what is usual is taken for the same: windows are longer."""
MOST_ROWS = 1000
"""Rows of one rule that are looked at."""
STALE_MARTS = Rows(
    table="rt.rt_freshness",
    condition=Condition(column="is_stale", is_true=True),
    subject=("mart",),
    value="seconds_behind",
)


@dataclass(frozen=True)
class Reading:
    """What one alert of a rule is about, and whether it is one now."""

    subject: str
    """Empty for a figure: there is one alert of it at most."""
    is_alert: bool
    value: float | None
    usual: float | None = None
    """What is usual, where the rule asks for it and it is known."""


@dataclass(frozen=True)
class Outcome:
    """The readings of a rule; `unknown` says why there are none: its alerts stay as they are then."""

    readings: tuple[Reading, ...] = ()
    unknown: str = ""


class Reader:
    """Takes readings of one round after another.

    Rules that ask the same share an answer within a round; what is usual is read once in several minutes.
    """

    def __init__(self, query: Query, zone: ZoneInfo) -> None:
        """`zone`: whose weekdays and times of day are meant."""
        self._query, self._zone = query, zone
        self._usual: dict[str, tuple[datetime, float | None]] = {}
        self._rows: dict[Rows, tuple[Reading, ...]] = {}

    def begin_round(self) -> None:
        """Forget the answers of the round before."""
        self._rows.clear()

    def is_stale(self) -> bool:
        """Whether a near-real-time mart is behind the shop."""
        return bool(self._read(STALE_MARTS, datetime.min))

    def take(self, rule: Rule, now: datetime) -> Outcome:
        """The readings of a rule at a moment (UTC)."""
        if rule.rows is not None:
            return Outcome(self._read(rule.rows, now))
        assert rule.figure is not None and rule.limits is not None
        end = now.replace(second=0, microsecond=0)
        [value] = self._values(rule.figure, [end])
        if value is None:
            return Outcome(unknown=f"fewer than {rule.figure.per_at_least:g} {rule.figure.per} in the window")
        return judge(rule.limits, value, self._usual_at(rule, end) if rule.limits.need_usual else None)

    def _read(self, rows: Rows, now: datetime) -> tuple[Reading, ...]:
        if rows not in self._rows:
            self._rows[rows] = tuple(_rows(rows, self._query, now))
        return self._rows[rows]

    def _usual_at(self, rule: Rule, end: datetime) -> float | None:
        assert rule.figure is not None and rule.limits is not None
        known = self._usual.get(rule.name)
        if known is None or not timedelta(0) <= end - known[0] < USUAL_KEPT:
            ends = [weeks_before(end, week, self._zone) for week in range(1, rule.limits.weeks + 1)]
            values = self._values(rule.figure, ends, with_days=True)
            known = end, median([value for value in values if value is not None])
            self._usual[rule.name] = known
        return known[1]

    def _values(
        self, figure: Figure, ends: Sequence[datetime], with_days: bool = False
    ) -> list[float | None]:
        """The figure of each window; None for one that has too little to divide by.

        With days: None also for a window on a day of which the mart has no row.
        """
        [row] = self._query(*figure_query(figure, ends, with_days))
        return [_value(figure, row, number) for number in range(len(ends))]


def judge(limits: Limits, value: float, usual: float | None) -> Outcome:
    """The reading of a figure, or that too little is known of the weeks before."""
    if limits.need_usual and usual is None:
        return Outcome(unknown=f"the mart knows fewer than {FEWEST_WEEKS} of the weeks before")
    return Outcome((Reading("", breaks(limits, value, usual), value, usual),))


def median(values: Sequence[float]) -> float | None:
    """What is usual by the values of the weeks that are known; None if these are too few."""
    return statistics.median(values) if len(values) >= FEWEST_WEEKS else None


def _rows(rows: Rows, query: Query, now: datetime) -> list[Reading]:
    condition, parameters = _condition(rows.condition)
    if rows.within is not None:
        since = now - timedelta(minutes=rows.within.minutes)
        condition = f"({condition}) and {rows.within.column} >= toDateTime64({{since:String}}, 6, 'UTC')"
        parameters["since"] = f"{since:%Y-%m-%d %H:%M:%S}"
    columns = ", ".join(f"toString({column}) as subject_{n}" for n, column in enumerate(rows.subject))
    sql = (
        f"select {columns}, toFloat64({rows.value}) as value from {rows.table} "  # noqa: S608 - checked names
        f"where {condition} order by {', '.join(rows.subject)} limit {MOST_ROWS}"
    )
    names = [f"{column} " for column in rows.subject] if len(rows.subject) > 1 else [""]
    return [
        Reading(
            subject=", ".join(f"{name}{row[f'subject_{n}']}" for n, name in enumerate(names)),
            is_alert=True,
            value=row["value"],
        )
        for row in query(sql, parameters)
    ]


def _condition(condition: Condition) -> tuple[str, dict[str, Any]]:
    column = condition.column
    if condition.is_true is not None:
        return (column if condition.is_true else f"not {column}"), {}
    if condition.is_in is not None:
        return f"{column} in {{values:Array(String)}}", {"values": list(condition.is_in)}
    if condition.below is not None:
        return f"{column} < {{limit:Float64}}", {"limit": condition.below}
    return f"{column} > {{limit:Float64}}", {"limit": condition.above}


def weeks_before(moment: datetime, weeks: int, zone: ZoneInfo) -> datetime:
    """The same time of the same weekday by the clocks of a zone; UTC."""
    local = moment.astimezone(zone).replace(tzinfo=None) - timedelta(weeks=weeks)
    return local.replace(tzinfo=zone).astimezone(UTC)


def figure_query(
    figure: Figure, ends: Sequence[datetime], with_days: bool = False
) -> tuple[str, dict[str, Any]]:
    """One query for a window that ends at each of `ends`: its sums, and whether that day has rows."""
    selected, ranges = [], []
    parameters: dict[str, Any] = {"window": figure.window_minutes}
    sums = {"sum": figure.column} | ({"per": figure.per} if figure.per else {})
    for number, end in enumerate(ends):
        parameters[f"end_{number}"] = f"{end:%Y-%m-%d %H:%M:%S}"
        moment = f"toDateTime({{end_{number}:String}}, 'UTC')"
        before = f"{figure.time} < {moment} and {figure.time} >= {moment}"
        window, day = f"{before} - toIntervalMinute({{window:UInt32}})", f"{before} - toIntervalDay(1)"
        selected += [
            f"toFloat64(sumIf({column}, {window})) as {kind}_{number}" for kind, column in sums.items()
        ]
        ranges.append(window)
        if with_days:
            selected.append(f"countIf({day}) > 0 as has_{number}")
            ranges.append(day)
    where = " or ".join(f"({rows})" for rows in ranges)
    for number, (column, value) in enumerate(figure.where.items()):
        parameters[f"value_{number}"] = value
        where = f"({where}) and {column} = {{value_{number}:String}}"
    return f"select {', '.join(selected)} from {figure.table} where {where}", parameters  # noqa: S608 - checked names


def _value(figure: Figure, row: Mapping[str, Any], number: int) -> float | None:
    """A window's figure by the query's row, in which the sum of no rows is null."""
    if not row.get(f"has_{number}", True):
        return None
    return value_of(figure, row[f"sum_{number}"] or 0, row.get(f"per_{number}") or 0)


def value_of(figure: Figure, total: float, divisor: float) -> float | None:
    """The figure of a window by its sums; None with too little to divide by."""
    if figure.per is None:
        return total
    return total / divisor if divisor >= figure.per_at_least else None


def breaks(limits: Limits, value: float, usual: float | None) -> bool:
    """Whether a figure is beyond a limit; `usual` is known where the limits need it."""
    if usual is not None and usual < limits.usual_at_least:
        return False
    base = usual or 0
    beyond = [
        is_beyond
        for limit, is_beyond in (
            (limits.above, value > (limits.above or 0)),
            (limits.below, value < (limits.below or 0)),
            (limits.above_usual, value > base * (limits.above_usual or 0)),
            (limits.below_usual, value < base * (limits.below_usual or 0)),
        )
        if limit is not None
    ]
    return all(beyond) if limits.needs_all else any(beyond)
