"""The back-test, on six weeks of a shop in which it is known what went wrong and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from tradewind.serving.alerts.backtest import Incident, Minutes, replay, score
from tradewind.serving.alerts.rules import Rule

START = datetime(2026, 1, 5, tzinfo=UTC)
TESTED = START + timedelta(weeks=5)
RULE = Rule.model_validate(
    {
        "name": "orders_are_unusual",
        "description": "Orders are unusual.",
        "severity": "critical",
        "owner": "sales",
        "figure": {"table": "rt.orders", "time": "minute", "column": "order_count", "window_minutes": 30},
        "limits": {"above_usual": 2, "below_usual": 0.5, "usual_at_least": 10},
        "for_seconds": 20,
    }
)


def orders() -> np.ndarray:
    """Six weeks of minutes: two orders a minute by day, one by night."""
    hours = np.arange(6 * 7 * 24) % 24
    return np.repeat(np.where((hours >= 8) & (hours < 20), 2.0, 1.0), 60)


def at(day: int, hour: int) -> datetime:
    """On a day of the tested week."""
    return TESTED + timedelta(days=day, hours=hour)


def during(start: datetime, hours: int) -> slice:
    first = (start - START) // timedelta(minutes=1)
    return slice(first, first + 60 * hours)


def fired(values: np.ndarray, rule: Rule = RULE) -> list[datetime]:
    marts = {"rt.orders": Minutes(START, {"order_count": values})}
    return replay(rule, marts, TESTED, TESTED + timedelta(days=5), ZoneInfo("UTC"), 20)


def test_a_usual_week_has_no_alert() -> None:
    assert fired(orders()) == []


def test_incidents_are_found_when_half_a_window_has_them_and_other_alerts_are_wrong() -> None:
    values = orders()
    values[during(at(1, 10), 2)] = 0  # an outage
    values[during(at(2, 10), 2)] *= 3  # a wave of orders
    values[during(at(3, 10), 2)] *= 4  # a campaign that nobody takes for an incident
    values[during(at(4, 10), 2)] *= 0.7  # too little for the rule
    names = ("outage", "wave", "weakness")
    incidents = [
        Incident(name, at(day, 10), at(day, 12), frozenset({RULE.name}))
        for name, day in zip(names, (1, 2, 4), strict=True)
    ]
    other = Incident("of another rule", at(3, 10), at(3, 12), frozenset({"other"}))
    found = score(RULE, fired(values), [*incidents, other])
    assert (found.incidents, found.found, found.alerts, found.right) == (3, 2, 3, 2)
    assert (found.recall, found.precision) == (2 / 3, 2 / 3)
    # Of 30 minutes 16 must be without orders to leave less than half, or 16 with three times as many.
    assert found.seconds == (16 * 60 + 20, 16 * 60 + 20)
    assert found.median_seconds == 16 * 60 + 20


def test_a_past_incident_is_not_taken_for_usual() -> None:
    values = orders()
    values[during(at(1, 10) - timedelta(weeks=1), 2)] = 0
    assert fired(values) == []


def test_without_three_weeks_nothing_is_known() -> None:
    values = orders()
    values[: 3 * 7 * 24 * 60] = 0  # only two weeks before
    values[during(at(1, 10), 2)] = 0
    assert fired(values) == []


def test_a_rule_that_finds_nothing_has_no_precision() -> None:
    nothing = score(RULE, [], [])
    assert (nothing.recall, nothing.precision, nothing.median_seconds) == (None, None, None)
