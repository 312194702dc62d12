"""From readings to alerts: an alert is pending, then firing, then resolved, and each is told once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from tradewind.serving.alerts.readings import Reading
from tradewind.serving.alerts.rules import Rule, Severity


class State(StrEnum):
    """Where an alert is in its life."""

    PENDING = "pending"
    FIRING = "firing"
    RESOLVED = "resolved"


@dataclass(frozen=True)
class Alert:
    """One alert of a rule; times in UTC."""

    rule: str
    subject: str
    severity: Severity
    state: State
    since: datetime
    """When its condition was first seen to hold."""
    last_seen: datetime
    """When it was last seen to hold."""
    value: float | None
    usual: float | None = None
    fired_at: datetime | None = None
    resolved_at: datetime | None = None
    is_told: bool = False
    """Whether a message says that it fires."""
    acknowledged_by: str = ""


@dataclass(frozen=True)
class Mute:
    """A rule, or one subject of it, of which nothing is told until a moment (UTC)."""

    rule: str
    subject: str | None
    until: datetime

    def covers(self, alert: Alert, now: datetime) -> bool:
        """Whether it holds for this alert now."""
        return self.rule == alert.rule and self.subject in (None, alert.subject) and now < self.until


@dataclass(frozen=True)
class Notice:
    """What is told at once: the alerts of one rule that began to fire, or those that are resolved."""

    rule: Rule
    state: State
    alerts: tuple[Alert, ...]


Alerts = Mapping[str, Alert]
"""By subject, those of one rule that are pending or firing."""


def advance(rule: Rule, alerts: Alerts, readings: Sequence[Reading], now: datetime) -> dict[str, Alert]:
    """The alerts of a rule after a round of readings, those that have just been resolved among them.

    A subject that is not among the readings is no alert (any more).
    """
    broken = {reading.subject: reading for reading in readings if reading.is_alert}
    after = {subject: _seen(rule, alerts.get(subject), reading, now) for subject, reading in broken.items()}
    for subject, alert in alerts.items():
        if subject not in broken and (gone := _not_seen(rule, alert, now)) is not None:
            after[subject] = gone
    return after


def _seen(rule: Rule, alert: Alert | None, reading: Reading, now: datetime) -> Alert:
    if alert is None:
        alert = Alert(rule.name, reading.subject, rule.severity, State.PENDING, now, now, reading.value)
    alert = replace(alert, last_seen=now, value=reading.value, usual=reading.usual, severity=rule.severity)
    if alert.state is State.PENDING and now - alert.since >= timedelta(seconds=rule.for_seconds):
        return replace(alert, state=State.FIRING, fired_at=now)
    return alert


def _not_seen(rule: Rule, alert: Alert, now: datetime) -> Alert | None:
    """The alert, resolved after a while; None for one that never fired."""
    if alert.state is State.PENDING:
        return None
    if now - alert.last_seen < timedelta(seconds=rule.resolved_after_seconds):
        return alert
    return replace(alert, state=State.RESOLVED, resolved_at=now)


def tell(
    rule: Rule, alerts: Iterable[Alert], mutes: Sequence[Mute], now: datetime
) -> tuple[list[Alert], list[Notice]]:
    """The alerts with what is told of them, and the notices: one for those that fire, one for the resolved.

    Of a muted alert nothing is told; if it still fires when the mute ends, it is told then. That an alert is
    resolved is told if its beginning was, muted or not.
    """
    told, firing, resolved = [], [], []
    for alert in alerts:
        is_muted = any(mute.covers(alert, now) for mute in mutes)
        if alert.state is State.FIRING and not alert.is_told and not is_muted:
            alert = replace(alert, is_told=True)
            firing.append(alert)
        elif alert.state is State.RESOLVED and alert.is_told:
            resolved.append(alert)
        told.append(alert)
    notices = [(State.FIRING, firing), (State.RESOLVED, resolved)]
    return told, [Notice(rule, state, tuple(group)) for state, group in notices if group]
