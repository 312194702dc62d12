"""The rounds of the service: every rule is evaluated, alerts are kept, messages are sent."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import requests
from clickhouse_connect.driver.exceptions import ClickHouseError, DatabaseError

from tradewind.serving.alerts.delivery import Receiver, deliver
from tradewind.serving.alerts.lifecycle import Alert
from tradewind.serving.alerts.pace import Activity, Pace
from tradewind.serving.alerts.readings import Outcome, Query, Reader, Reading
from tradewind.serving.alerts.rules import Rule
from tradewind.serving.alerts.store import Store
from tradewind.warehouse.client import WarehouseUnreachable

log = logging.getLogger("alerts")

MOST_LOGGED = 10
"""Subjects of a message that the log names."""
FAILURES = (WarehouseUnreachable, ClickHouseError, OSError)
"""What a query raises when the warehouse does not answer, or not with rows."""
STALE = "the near-real-time marts are stale"
AskActivity = Callable[[], Activity]
"""Asks the warehouse whether anything may have changed."""
Publish = Callable[[Sequence[Alert]], object]
"""Makes the open alerts known to readers of the warehouse."""


@dataclass
class Watch:
    """What the service does, round after round."""

    rules: Sequence[Rule]
    query: Query
    store: Store
    receivers: Sequence[Receiver]
    zone: ZoneInfo
    activity: AskActivity
    publish: Publish
    round_seconds: float = 10.0
    has_ended_round: Callable[[], None] = lambda: None
    session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self._reader = Reader(self.query, self.zone)
        self._rules = [rule for rule in self.rules if not rule.is_muted]
        self._pace = Pace()

    def run(self, stopping: threading.Event) -> None:
        """Rounds until `stopping` is set. An error in one of them is logged, and the next one is made."""
        self.store.forget_rules(rule.name for rule in self._rules)
        while not stopping.is_set():
            try:
                self.round(datetime.now(UTC))
            except Exception:
                log.exception("this round was not made")
            stopping.wait(self.round_seconds)

    def round(self, now: datetime) -> None:
        """Evaluate every rule at a moment (UTC) if anything may have changed, and send what is due."""
        if self._pace.is_due(now, self._activity(), self.store.open_alerts()):
            self._evaluate(now)
        deliver(self.store, self.receivers, self.session)
        self._publish()
        self.has_ended_round()

    def _evaluate(self, now: datetime) -> None:
        self._reader.begin_round()
        stale = self._is_stale()
        names = [receiver.name for receiver in self.receivers]
        for rule in self._rules:
            outcome = self._outcome(rule, now, stale)
            for notice in self.store.record(rule, outcome, names, now):
                subjects = [alert.subject for alert in notice.alerts]
                log.info("%s %s: %d %s", rule.name, notice.state, len(subjects), subjects[:MOST_LOGGED])

    def _activity(self) -> Activity | None:
        try:
            return self.activity()
        except FAILURES:
            return None  # the rules will say why

    def _publish(self) -> None:
        try:
            self.publish(self.store.open_alerts())
        except FAILURES as error:
            log.warning("alerts are not shown in the warehouse: %s", _reason(error))

    def _is_stale(self) -> str:
        """Why rules that need fresh data wait; empty if they need not."""
        try:
            return STALE if self._reader.is_stale() else ""
        except FAILURES as error:
            return _reason(error)

    def _outcome(self, rule: Rule, now: datetime, stale: str) -> Outcome:
        if rule.needs_fresh_data and stale:
            return Outcome(unknown=stale)
        try:
            return self._reader.take(rule, now)
        except DatabaseError as error:
            return Outcome(unknown=_reason(error))
        except FAILURES as error:
            if rule.fires_without_warehouse:
                return Outcome((Reading("the warehouse does not answer", True, None),))
            return Outcome(unknown=_reason(error))
        except Exception as error:  # one rule's fault must not silence the others
            log.exception("%s was not evaluated", rule.name)
            return Outcome(unknown=_reason(error))


def _reason(error: Exception) -> str:
    lines = str(error).splitlines()
    return f"{type(error).__name__}: {lines[0][:300]}" if lines else type(error).__name__
