"""Windows of arrival in a change log of the warehouse."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from tradewind.warehouse.bronze import LogTable

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

# An insert may become visible this long after its arrival time: retries are given up before.
OVERLAP = timedelta(minutes=10)
ARRIVAL = "_ingested_at"
HANDED_OVER = "_timestamp"


@dataclass(frozen=True)
class Window:
    """Arrival times in milliseconds since 1970, the end excluded; no start means from the beginning.

    The rows are those that belong to a run which starts at the end (macros/cdc/watermark.sql): one that was
    handed over later, by another clock, waits for the next export, which reads the overlap again.
    So a run merges all rows of the lake, and a log without a new row has nothing to merge.
    """

    since: int | None
    until: int

    def condition(self) -> str:
        """The window as a condition on a bronze table of the warehouse."""
        until = _moment(self.until)
        long_ago = _moment(self.until - in_milliseconds(OVERLAP))
        upper = f"{ARRIVAL} < {until} and ({HANDED_OVER} < {until} or {ARRIVAL} < {long_ago})"
        return upper if self.since is None else f"{ARRIVAL} >= {_moment(self.since)} and {upper}"


def in_milliseconds(duration: timedelta) -> int:
    """A duration as a number."""
    return int(duration.total_seconds() * 1000)


def newest_arrival(client: Client, log: LogTable, window: Window) -> int | None:
    """The newest arrival of a log in a window; None if there is none."""
    query = f"select count(), toUnixTimestamp64Milli(max({ARRIVAL})) from {log} where {window.condition()}"  # noqa: S608 - our names
    rows, newest = client.query(query).result_rows[0]
    return int(newest) if rows else None


def arrivals(client: Client, log: LogTable, window: Window) -> dict[str, int]:
    """Arrival in a window -> its rows."""
    query = (
        f"select toString(toUnixTimestamp64Milli({ARRIVAL})), count() from {log} "  # noqa: S608 - our names
        f"where {window.condition()} group by all"
    )
    return {str(arrival): int(rows) for arrival, rows in client.query(query).result_rows}


def _moment(milliseconds: int) -> str:
    return f"fromUnixTimestamp64Milli({milliseconds}, 'UTC')"
