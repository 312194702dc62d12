"""Alerts, mutes and messages on their way, in one SQLite file: a round is written as a whole or not at all.

The service and the command line open the file at the same time; each changes it in one transaction.
"""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tradewind.serving.alerts.lifecycle import Alert, Mute, Notice, State, advance, tell
from tradewind.serving.alerts.messages import describe
from tradewind.serving.alerts.readings import Outcome
from tradewind.serving.alerts.rules import Rule, Severity

BUSY_SECONDS = 10
RESOLVED_KEPT = 1000
"""How many resolved alerts are kept to be listed."""
TAKEN_KEPT = timedelta(days=7)
"""How long messages that were taken are kept."""
_TABLES = """
create table if not exists alerts (rule text, subject text, body text not null, primary key (rule, subject));
create table if not exists resolved (number integer primary key autoincrement, body text not null);
create table if not exists mutes (rule text not null, subject text, until text not null);
create table if not exists unknown (rule text primary key, reason text not null, since text not null);
create table if not exists messages (
    number integer primary key autoincrement,
    id text unique not null,
    created_at text not null,
    body text not null
);
create table if not exists deliveries (
    message integer references messages (number) on delete cascade,
    receiver text,
    attempts integer not null default 0,
    next_attempt_at text not null,
    outcome text not null default 'waiting',
    error text not null default '',
    primary key (message, receiver)
);
"""
_NOTE_UNKNOWN = """
insert into unknown values (?, ?, ?) on conflict (rule) do update set reason = excluded.reason
"""
_OLDEST_WAITING = """
select number, id, body, attempts, next_attempt_at
from deliveries join messages on number = message
where receiver = ? and outcome = 'waiting' order by number limit 1
"""
_SETTLE = """
update deliveries set outcome = ?, error = ?, attempts = attempts + 1 where message = ? and receiver = ?
"""
_POSTPONE = """
update deliveries set attempts = attempts + 1, next_attempt_at = ?, error = ?
where message = ? and receiver = ?
"""
_REMOVE_OLD = """
delete from messages
where created_at < ? and number not in (select message from deliveries where outcome = 'waiting')
"""
_WAITING = "select receiver, count(*), max(error) from deliveries where outcome = 'waiting' group by receiver"


class UnknownAlert(ValueError):
    """No alert or rule of this name."""


@dataclass(frozen=True)
class Delivery:
    """A message on its way to one receiver."""

    message: int
    id: str
    """The same in every attempt, by which a receiver knows a message that it has already taken."""
    receiver: str
    body: Mapping[str, Any]
    attempts: int


class Store:
    """The file of one home."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def record(self, rule: Rule, outcome: Outcome, receivers: Sequence[str], now: datetime) -> list[Notice]:
        """Take a round's readings of a rule; what is to be told is queued for the receivers, and returned."""
        with self._changing() as file:
            if outcome.unknown:
                file.execute(_NOTE_UNKNOWN, (rule.name, outcome.unknown, _text(now)))
                return []
            file.execute("delete from unknown where rule = ?", (rule.name,))
            before = {alert.subject: alert for alert in _alerts(file, rule.name)}
            alerts, notices = tell(
                rule, advance(rule, before, outcome.readings, now).values(), _mutes(file), now
            )
            _write(file, rule, alerts)
            for notice in notices:
                _queue(file, describe(notice, now), receivers, now)
        return notices

    def forget_rules(self, names: Iterable[str]) -> None:
        """Drop the alerts of rules that no longer exist; `names`: those that do."""
        with self._changing() as file:
            known = list(names)
            marks = ", ".join("?" * len(known))
            for table in ("alerts", "unknown"):
                file.execute(f"delete from {table} where rule not in ({marks})", known)  # noqa: S608

    def open_alerts(self) -> list[Alert]:
        """Those that are pending or firing."""
        with self._reading() as file:
            return _alerts(file)

    def resolved(self, count: int) -> list[Alert]:
        """The latest resolved ones, the newest first."""
        with self._reading() as file:
            rows = file.execute("select body from resolved order by number desc limit ?", (count,))
            return [_alert(body) for (body,) in rows]

    def unknown(self) -> dict[str, str]:
        """Rule -> why it cannot be evaluated at present."""
        with self._reading() as file:
            return dict(file.execute("select rule, reason from unknown order by rule"))

    def mutes(self, now: datetime) -> list[Mute]:
        """Those that are not over."""
        with self._reading() as file:
            return [mute for mute in _mutes(file) if mute.until > now]

    def acknowledge(self, rule: str, subject: str | None, who: str) -> int:
        """Note who looks after the firing alerts of a rule, or one of them; how many there are."""
        with self._changing() as file:
            chosen = [
                alert
                for alert in _alerts(file, rule)
                if alert.state is State.FIRING and subject in (None, alert.subject)
            ]
            if not chosen:
                of = f" of {subject!r}" if subject else ""
                raise UnknownAlert(
                    f"no alert of the rule {rule!r}{of} is firing; see `tradewind alerts list`"
                )
            for alert in chosen:
                _replace(file, alert, acknowledged_by=who)
        return len(chosen)

    def mute(self, mute: Mute) -> None:
        """Tell nothing of a rule, or of one subject of it, until a moment."""
        with self._changing() as file:
            file.execute("delete from mutes where rule = ? and subject is ?", (mute.rule, mute.subject))
            file.execute("insert into mutes values (?, ?, ?)", (mute.rule, mute.subject, _text(mute.until)))

    def queue(self, body: Mapping[str, Any], receivers: Sequence[str], now: datetime) -> None:
        """Queue a message that is about no alert, such as a test."""
        with self._changing() as file:
            _queue(file, body, receivers, now)

    def due(self, receiver: str, now: datetime) -> Delivery | None:
        """The oldest message that a receiver has not taken, if its time has come."""
        with self._reading() as file:
            row = file.execute(_OLDEST_WAITING, (receiver,)).fetchone()
        if row is None or datetime.fromisoformat(row[4]) > now:
            return None
        return Delivery(row[0], row[1], receiver, json.loads(row[2]), row[3])

    def settle(self, delivery: Delivery, outcome: str, error: str = "") -> None:
        """Note that a message was `taken`, or `refused` for good."""
        with self._changing() as file:
            file.execute(_SETTLE, (outcome, error, delivery.message, delivery.receiver))
            file.execute(_REMOVE_OLD, (_text(datetime.now(UTC) - TAKEN_KEPT),))

    def postpone(self, delivery: Delivery, until: datetime, error: str) -> None:
        """Note a failed attempt and when the next one is."""
        with self._changing() as file:
            file.execute(_POSTPONE, (_text(until), error, delivery.message, delivery.receiver))

    def waiting(self) -> dict[str, tuple[int, str]]:
        """Receiver -> how many messages it has not taken, and the latest error."""
        with self._reading() as file:
            rows = file.execute(_WAITING)
            return {receiver: (count, error) for receiver, count, error in rows}

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None)) as file:
            file.execute("pragma journal_mode = wal")
            file.execute("pragma foreign_keys = on")
            file.executescript(_TABLES)
            yield file

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        with self._reading() as file:
            file.execute("begin immediate")
            try:
                yield file
            except BaseException:
                file.execute("rollback")
                raise
            file.execute("commit")


def _write(file: sqlite3.Connection, rule: Rule, alerts: Sequence[Alert]) -> None:
    file.execute("delete from alerts where rule = ?", (rule.name,))
    for alert in alerts:
        if alert.state is State.RESOLVED:
            file.execute("insert into resolved (body) values (?)", (_body(alert),))
        else:
            file.execute("insert into alerts values (?, ?, ?)", (alert.rule, alert.subject, _body(alert)))
    file.execute(
        "delete from resolved where number <= (select max(number) from resolved) - ?", (RESOLVED_KEPT,)
    )


def _replace(file: sqlite3.Connection, alert: Alert, **changes: Any) -> None:
    body = _body(Alert(**{**alert.__dict__, **changes}))
    file.execute(
        "update alerts set body = ? where rule = ? and subject = ?", (body, alert.rule, alert.subject)
    )


def _queue(
    file: sqlite3.Connection, body: Mapping[str, Any], receivers: Sequence[str], now: datetime
) -> None:
    added = file.execute(
        "insert into messages (id, created_at, body) values (?, ?, ?)",
        (str(uuid.uuid4()), _text(now), json.dumps(body)),
    )
    for receiver in receivers:
        file.execute(
            "insert into deliveries (message, receiver, next_attempt_at) values (?, ?, ?)",
            (added.lastrowid, receiver, _text(now)),
        )


def _alerts(file: sqlite3.Connection, rule: str | None = None) -> list[Alert]:
    rows = file.execute(
        "select body from alerts where ? is null or rule = ? order by rule, subject", (rule, rule)
    )
    return [_alert(body) for (body,) in rows]


def _mutes(file: sqlite3.Connection) -> list[Mute]:
    rows = file.execute("select rule, subject, until from mutes")
    return [Mute(rule, subject, datetime.fromisoformat(until)) for rule, subject, until in rows]


def _body(alert: Alert) -> str:
    return json.dumps(asdict(alert), default=_text)


def _alert(body: str) -> Alert:
    fields = json.loads(body)
    for name in ("since", "last_seen", "fired_at", "resolved_at"):
        fields[name] = fields[name] and datetime.fromisoformat(fields[name])
    return Alert(**{**fields, "severity": Severity(fields["severity"]), "state": State(fields["state"])})


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
