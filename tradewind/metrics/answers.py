"""Answers from the warehouse: rows in order, and beside them those of an earlier period."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tradewind.metrics.declarations import Metric, MetricError
from tradewind.metrics.questions import Period, Question, shifted

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

    from tradewind.metrics.compiler import Compiler

Value = Decimal | int | float | None
Key = tuple[Any, ...]
Shift = Callable[[Key], Key]

COMPARISONS = ("previous", "year")
"""What a period is compared with: the one before, of the same length, or the same days of the year before."""
LENGTHS = {"day": 1, "week": 2, "month": 3, "quarter": 3, "year": 5}


@dataclass(frozen=True)
class Answer:
    """The values of a metric by group."""

    metric: Metric
    question: Question
    columns: tuple[str, ...]
    """The names of the groups and of the values."""
    rows: list[tuple[Any, ...]]
    earlier: Period | None = None
    """What it was compared with; the rows then have the earlier value, the change, and its rate."""

    def greatest(self, count: int) -> list[tuple[Any, ...]]:
        """That many rows with the greatest values, those first; equal values by their groups."""
        place = self.columns.index(self.metric.name)
        known = [row for row in self.rows if row[place] is not None]
        return sorted(known, key=lambda row: -row[place])[:count]


def answer(client: Client, compiler: Compiler, question: Question) -> Answer:
    """The answer, with rows in the order of their groups; MetricError if the question is refused."""
    metric = compiler.declarations.metric(question.metric)
    values = _values(client, compiler, question)
    rows = [(*key, values[key]) for key in sorted(values, key=_sort_key)]
    return Answer(metric, question, (*question.by, metric.name), rows)


def total(client: Client, compiler: Compiler, metric: str) -> Value:
    """The metric over all of the data."""
    [row] = answer(client, compiler, Question(metric)).rows
    value: Value = row[0]
    return value


def compared(client: Client, compiler: Compiler, question: Question, comparison: str) -> Answer:
    """The answer beside that of an earlier period (one of COMPARISONS)."""
    metric, period = compiler.declarations.metric(question.metric), question.period
    if period is None:
        raise MetricError("--compare needs a period: add --last, or --from and --to")
    step, count = (period.step, period.count) if comparison == "previous" else ("year", 1)
    _check_alignment(question, step, comparison)
    earlier = replace(question, period=period.earlier(step, count))
    now, then = (_values(client, compiler, asked) for asked in (question, earlier))
    missing = _nothing(metric)
    keys = set(now) | {key for key in _moved(question, step, count, then)}
    rows = []
    for key in sorted(keys, key=_sort_key):
        current = now.get(key, missing)
        previous = then.get(_shift(question, step, -count)(key), missing)
        rows.append((*key, current, previous, *_change(current, previous)))
    columns = (*question.by, metric.name, comparison if comparison == "previous" else "year before")
    return Answer(metric, question, (*columns, "change", "change_rate"), rows, earlier.period)


def _values(client: Client, compiler: Compiler, question: Question) -> dict[Key, Value]:
    """Group -> value; without what has no time where time is asked for, since it has not happened yet."""
    statement = compiler.compile(question)
    result = client.query(statement.sql)
    if not result.result_rows:  # such a result has no column names either
        return {}
    places = [result.column_names.index(name) for name in (*statement.groups, question.metric)]
    found = {tuple(row[place] for place in places[:-1]): row[places[-1]] for row in result.result_rows}
    if question.time is None:
        return found
    time = question.by.index(question.time)
    return {key: value for key, value in found.items() if key[time] is not None or value}


def _moved(question: Question, step: str, count: int, then: dict[Key, Value]) -> list[Key]:
    """The groups of the earlier period as those of the current one; a day that has no equal is left out."""
    later, back = _shift(question, step, count), _shift(question, step, -count)
    return [later(key) for key in then if back(later(key)) == key]


def _shift(question: Question, step: str, count: int) -> Shift:
    """What moves the time of a group."""
    if question.time is None:
        return lambda key: key
    time = question.by.index(question.time)
    return lambda key: (*key[:time], key[time] and shifted(key[time], step, count), *key[time + 1 :])


def _check_alignment(question: Question, step: str, comparison: str) -> None:
    """Refuse to compare weeks with parts of two weeks, and so on."""
    if question.time is not None and LENGTHS[question.time] > LENGTHS[step]:
        raise MetricError(
            f"--by {question.time} cannot be compared with a period whose {question.time}s begin on other "
            f"days; ask for whole ones, such as --last {'3w' if question.time == 'week' else '3m'}"
        )
    if question.time == "week" and step in ("month", "year"):
        raise MetricError(
            f"--by week cannot be compared with {comparison}: weeks do not begin on the same days"
        )
    if question.time == "quarter" and step == "month" and question.period and question.period.count % 3:
        raise MetricError("--by quarter needs a period of whole quarters, such as --last 6m")


def _nothing(metric: Metric) -> Value:
    """The value of a group without rows."""
    if not metric.is_additive:
        return None
    return Decimal("0.00") if metric.unit == "money" else 0


def _change(current: Value, previous: Value) -> tuple[Value, float | None]:
    """The difference, and the difference as a fraction of the earlier value."""
    if current is None or previous is None:
        return None, None
    difference = current - previous  # type: ignore[operator]
    return difference, float(difference) / abs(float(previous)) if previous else None


def _sort_key(key: Sequence[Any]) -> tuple[Any, ...]:
    """Missing groups last."""
    return tuple((value is None, value if isinstance(value, date) else str(value)) for value in key)
