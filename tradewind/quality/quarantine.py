"""The quarantine, `ops.quarantine`: events that ODS does not take, until they are replayed or discarded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tradewind.quality.events import EVENT_ID, events
from tradewind.quality.logs import ChangeLog

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

TABLE = "ops.quarantine"
CREATE = f"""\
create table if not exists {TABLE} (
    log String comment 'Change log that holds the event',
    event_id String comment 'What identifies the event: a hash of its key and payload',
    position String comment 'Its position in the log, as it came',
    event_key String comment 'The key of its row as JSON; masked where the key is personal data',
    operation String comment 'Its operation, as it came',
    rule LowCardinality(String) comment 'The rule that it breaks first',
    column_name String comment 'The column whose value breaks it',
    value String comment 'The value; only its length where it is personal data',
    arrived_at DateTime64(3, 'UTC') comment 'When it arrived',
    state LowCardinality(String) comment 'quarantined, replayed or discarded',
    changed_at DateTime64(6, 'UTC') default now64(6, 'UTC') comment 'When it came into this state'
) engine = ReplacingMergeTree(changed_at) order by (log, event_id)
comment 'Change events that ODS does not take, and what was decided about them'
"""
_COLUMNS = "log, event_id, position, event_key, operation, rule, column_name, value, arrived_at"
OPEN, REPLAYED, DISCARDED = "quarantined", "replayed", "discarded"


class UnknownEvent(ValueError):
    """No event of this name is in quarantine, or several are; the message says what to do."""


@dataclass(frozen=True)
class QuarantinedEvent:
    """A row of the quarantine."""

    log: str
    event_id: str
    position: str
    event_key: str
    operation: str
    rule: str
    column_name: str
    value: str
    arrived_at: datetime
    state: str

    def __str__(self) -> str:
        """`bronze.orders {"order_id":"7"}: total_amount = 'NaN' (value)`."""
        fault = f"{self.column_name} = {self.value!r}" if self.value else self.column_name
        return f"{self.log} {self.event_key}: {fault} ({self.rule}, event {self.event_id[:12]})"


@dataclass(frozen=True)
class Replay:
    """What a replay did."""

    replayed: list[QuarantinedEvent]
    still_invalid: list[QuarantinedEvent]
    """With the rule that each breaks now."""


class Quarantine:
    """The quarantine of one warehouse."""

    def __init__(self, client: Client, logs: Iterable[ChangeLog]) -> None:
        self._client = client
        self._logs = {log.name: log for log in logs}

    def create(self) -> None:
        """Make its table if there is none."""
        self._client.command(CREATE)

    def add(self, batch: str) -> None:
        """Take in the events of a table that break a rule, but for those that are here or discarded."""
        columns = _COLUMNS.replace("operation", "event_operation")
        self._client.command(
            f"insert into {TABLE} ({_COLUMNS}, state) "  # noqa: S608 - our own names
            f"select {columns}, '{OPEN}' as state from {batch} "
            f"where rule != '' and (log, event_id) not in "
            f"(select log, event_id from {TABLE} final where state in ('{OPEN}', '{DISCARDED}')) "
            "limit 1 by log, event_id"
        )

    def counts(self) -> dict[str, int]:
        """Log -> events that nobody has decided about."""
        found = self._client.query(
            f"select log, count() from {TABLE} final where state = '{OPEN}' group by log"  # noqa: S608
        ).result_rows
        return {str(log): int(count) for log, count in found}

    def list(
        self, log: str | None = None, every: bool = False, limit: int | None = None
    ) -> Sequence[QuarantinedEvent]:
        """The events that nobody has decided about, the latest first; with `every` the others too."""
        conditions = ["true" if every else f"state = '{OPEN}'", "log = {log:String}" if log else "true"]
        rows = self._client.query(
            f"select {_COLUMNS}, state from {TABLE} final where {' and '.join(conditions)} "  # noqa: S608
            f"order by arrived_at desc, log, event_id{f' limit {limit}' if limit else ''}",
            parameters={"log": log} if log else None,
        ).result_rows
        return [QuarantinedEvent(*row) for row in rows]

    def find(self, name: str) -> QuarantinedEvent:
        """The event whose identifier begins with `name`, whatever its state; UnknownEvent."""
        found = [event for event in self.list(every=True) if name and event.event_id.startswith(name)]
        if len(found) != 1:
            reason = "no event" if not found else f"{len(found)} events"
            raise UnknownEvent(
                f"{reason} in quarantine with a name that begins with {name!r}; "
                "see `tradewind quarantine list --all`"
            )
        return found[0]

    def payload(self, event: QuarantinedEvent) -> str:
        """The event as it came; empty if bronze does not hold it any more."""
        relation = self._log(event).relation
        rows = self._client.query(
            f"select payload from {relation} where {self._place(event)} limit 1"  # noqa: S608
        ).result_rows
        return str(rows[0][0]) if rows else ""

    def replay(self, chosen: Iterable[QuarantinedEvent]) -> Replay:
        """Let events arrive in their log once more; those that still break a rule stay in quarantine."""
        done = Replay([], [])
        for event in chosen:
            fault = self._fault(event)
            if fault is not None:
                done.still_invalid.append(fault)
                continue
            self._arrive_again(event)
            self._decide(event, REPLAYED)
            done.replayed.append(event)
        return done

    def discard(self, chosen: Iterable[QuarantinedEvent]) -> None:
        """Take events off the list; they stay in bronze, and their rows here."""
        for event in chosen:
            self._decide(event, DISCARDED)

    def _fault(self, event: QuarantinedEvent) -> QuarantinedEvent | None:
        """The event with the rule that it breaks by the present models; None if it is valid."""
        found = self._client.query(
            f"select {_COLUMNS} from ({events(self._log(event), self._place(event))}) limit 1"  # noqa: S608
        ).result_rows
        if not found:
            raise UnknownEvent(
                f"{event.log} does not hold the event {event.event_id[:12]} any more; discard it"
            )
        now = dict(zip(_COLUMNS.split(", "), found[0], strict=True))
        return replace(event, **now) if now["rule"] else None

    def _arrive_again(self, event: QuarantinedEvent) -> None:
        columns = "_topic, _partition, _offset, _key, payload, _op, _position, _changed_at"
        relation = self._log(event).relation
        self._client.command(
            f"insert into {relation} ({columns}, _timestamp) "  # noqa: S608
            f"select {columns}, now64(3, 'UTC') from {relation} where {self._place(event)} limit 1"
        )

    def _decide(self, event: QuarantinedEvent, state: str) -> None:
        self._client.command(
            f"insert into {TABLE} ({_COLUMNS}, state) "  # noqa: S608
            f"select {_COLUMNS}, '{state}' from {TABLE} final "
            "where log = {log:String} and event_id = {event_id:String}",
            parameters={"log": event.log, "event_id": event.event_id},
        )

    def _place(self, event: QuarantinedEvent) -> str:
        at = round(event.arrived_at.replace(tzinfo=UTC).timestamp() * 1000)
        return f"toUnixTimestamp64Milli(_ingested_at) = {at} and {EVENT_ID} = '{event.event_id}'"

    def _log(self, event: QuarantinedEvent) -> ChangeLog:
        if event.log not in self._logs:
            raise UnknownEvent(f"no model reads {event.log} any more; discard {event.event_id[:12]}")
        return self._logs[event.log]
