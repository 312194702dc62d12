"""How well rules on figures find incidents: minutes of a past shop are replayed through them.

The rules' windows, baselines, limits and lifecycle are those of the service; only the sums come from arrays
instead of the warehouse.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from tradewind.serving.alerts.lifecycle import Alert, State, advance
from tradewind.serving.alerts.readings import Reader, value_of
from tradewind.serving.alerts.rules import Figure, Rule

MINUTE = timedelta(minutes=1)
DAY_MINUTES = 24 * 60


class Minutes:
    """A mart of minutes: columns summed per minute, from `start` (UTC, a whole minute) on."""

    def __init__(self, start: datetime, columns: Mapping[str, npt.NDArray[np.float64]]) -> None:
        self._start = start
        self._until = {name: np.concatenate([[0.0], np.cumsum(values)]) for name, values in columns.items()}
        self._length = min(len(values) for values in columns.values())

    def sum(self, column: str, end: datetime, minutes: int) -> float:
        """Of the minutes before `end`."""
        last = (end - self._start) // MINUTE
        first, last = (min(max(place, 0), self._length) for place in (last - minutes, last))
        return float(self._until[column][last] - self._until[column][first])

    def has_day(self, end: datetime) -> bool:
        """Whether anything happened in the day before `end`."""
        return any(self.sum(column, end, DAY_MINUTES) for column in self._until)


@dataclass(frozen=True)
class Incident:
    """What went wrong, from when until when (UTC), and which rules should notice."""

    name: str
    start: datetime
    end: datetime
    rules: frozenset[str]


@dataclass(frozen=True)
class Score:
    """How a rule did: times are those from an incident's beginning to its alert."""

    rule: str
    incidents: int
    found: int
    alerts: int
    right: int
    seconds: tuple[float, ...]

    @property
    def recall(self) -> float | None:
        """The share of incidents that were found."""
        return self.found / self.incidents if self.incidents else None

    @property
    def precision(self) -> float | None:
        """The share of alerts that were about an incident."""
        return self.right / self.alerts if self.alerts else None

    @property
    def median_seconds(self) -> float | None:
        """How long it took to find one."""
        return statistics.median(self.seconds) if self.seconds else None


class _ReplayedReader(Reader):
    """Reads minutes that are kept in memory."""

    def __init__(self, marts: Mapping[str, Minutes], zone: ZoneInfo) -> None:
        super().__init__(lambda sql, parameters: [], zone)
        self._marts = marts

    def _values(
        self, figure: Figure, ends: Sequence[datetime], with_days: bool = False
    ) -> list[float | None]:
        return [self._value(figure, end, with_days) for end in ends]

    def _value(self, figure: Figure, end: datetime, with_days: bool) -> float | None:
        mart = self._marts[figure.table]
        if with_days and not mart.has_day(end):
            return None
        total, divisor = (
            mart.sum(column, end, figure.window_minutes) if column else 0
            for column in (figure.column, figure.per)
        )
        return value_of(figure, total, divisor)


def replay(
    rule: Rule,
    marts: Mapping[str, Minutes],
    start: datetime,
    end: datetime,
    zone: ZoneInfo,
    round_seconds: float = 10,
) -> list[datetime]:
    """When a rule on a figure would have fired between two moments; `marts` are named as in the rule."""
    reader, alerts = _ReplayedReader(marts, zone), dict[str, Alert]()
    fired, now = [], start
    while now < end:
        outcome = reader.take(rule, now)
        if not outcome.unknown:
            after = advance(rule, alerts, outcome.readings, now)
            fired += [alert.fired_at for alert in after.values() if alert.fired_at == now]
            alerts = {subject: alert for subject, alert in after.items() if alert.state is not State.RESOLVED}
        now += timedelta(seconds=round_seconds)
    return fired


def score(rule: Rule, fired: Sequence[datetime], incidents: Sequence[Incident]) -> Score:
    """Compare a rule's alerts with the incidents.

    An alert is right if it fires during an incident that the rule should notice, or while the rule's window
    still has some of it. The first one finds the incident.
    """
    assert rule.figure is not None
    after = timedelta(minutes=rule.figure.window_minutes)
    mine = [incident for incident in incidents if rule.name in incident.rules]
    caught = {
        incident.name: [at for at in fired if incident.start <= at < incident.end + after]
        for incident in mine
    }
    first = [(min(at) - incident.start).total_seconds() for incident in mine if (at := caught[incident.name])]
    right = {at for times in caught.values() for at in times}
    return Score(rule.name, len(mine), len(first), len(fired), len(right), tuple(first))
