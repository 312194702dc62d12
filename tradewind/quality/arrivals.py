"""What has arrived in the change logs since the gate last looked.

An insert's rows share one time of arrival and become visible a little later, so what arrived shortly before
the latest known arrival is compared with the number of rows that it had then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tradewind.quality.logs import ChangeLog

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

OVERLAP_MINUTES = 10
"""Longer than an insert takes to become visible."""
TABLE = "ops.gate_arrivals"
CREATE = f"""\
create table if not exists {TABLE} (
    log String comment 'Change log',
    checked_at DateTime64(6, 'UTC') default now64(6, 'UTC') comment 'When its latest arrivals were checked',
    arrivals Array(Tuple(Int64, UInt64)) comment 'The latest arrivals, in milliseconds, and the rows of each'
) engine = ReplacingMergeTree(checked_at) order by log
comment 'What the quality gate has seen of each change log'
"""
Counts = dict[int, int]
"""Arrival, in milliseconds since 1970 -> rows."""


@dataclass(frozen=True)
class Look:
    """What the gate finds in the logs at one moment."""

    arrivals: Mapping[str, Counts]
    """Log -> arrivals since the overlap before the latest one that is known."""
    known: Mapping[str, Counts]

    def window(self, log: ChangeLog) -> str:
        """The condition for the events that the gate has not checked; empty if there are none."""
        known = self.known.get(log.name, {})
        new = [at for at, rows in self.arrivals.get(log.name, {}).items() if rows > known.get(at, 0)]
        if not new:
            return ""
        return f"_ingested_at >= {_moment(min(new))} and _ingested_at <= {_moment(max(new))}"

    def windows(self, logs: Iterable[ChangeLog]) -> list[tuple[ChangeLog, str]]:
        """The logs with unchecked events, and the condition for these."""
        return [(log, window) for log in logs if (window := self.window(log))]


def look(client: Client, logs: Iterable[ChangeLog]) -> Look:
    """Count what has arrived in each log that exists."""
    present = {tuple(row) for row in client.query("select database, name from system.tables").result_rows}
    noted = client.query(f"select log, arrivals from {TABLE} final").result_rows  # noqa: S608 - our own name
    known = {str(log): dict(arrivals) for log, arrivals in noted}
    queries = [
        _count(log, _start_of_overlap(known.get(log.name, {})))
        for log in logs
        if (log.database, log.table) in present
    ]
    found = client.query(" union all ".join(queries)).result_rows if queries else []
    return Look({str(log): dict(arrivals) for log, arrivals in found}, known)


def note(client: Client, found: Look) -> None:
    """Remember a look once its events have been checked."""
    rows = [
        [log, [(at, count) for at, count in arrivals.items() if at >= _start_of_overlap(arrivals)]]
        for log, arrivals in found.arrivals.items()
        if arrivals != found.known.get(log)
    ]
    if rows:
        client.insert(TABLE, rows, column_names=["log", "arrivals"])


def _start_of_overlap(arrivals: Counts) -> int:
    return max(arrivals, default=0) - OVERLAP_MINUTES * 60_000


def _count(log: ChangeLog, since: int) -> str:
    counted = (
        "select toUnixTimestamp64Milli(_ingested_at) as at, count() as row_count "  # noqa: S608 - our own names
        f"from {log.relation} where _ingested_at >= {_moment(since)} group by _ingested_at"
    )
    return f"select '{log.name}' as log, groupArray((at, row_count)) as arrivals from ({counted})"  # noqa: S608


def _moment(at: int) -> str:
    return f"fromUnixTimestamp64Milli(toInt64({max(at, 0)}), 'UTC')"
