"""Which change logs have rows that the lake does not have, known without a Spark.

An export notes of each log how many rows each arrival had within the overlap, before it copied them, and
which snapshot of the lake's table it made. While the table has this snapshot and the log these numbers, there
is nothing to copy. What became visible between the count and the copy is copied, and looked for once more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from tradewind.lakehouse.lake import Lake, write_whole
from tradewind.lakehouse.tables import TableState
from tradewind.lakehouse.window import Window, arrivals, newest_arrival
from tradewind.warehouse.bronze import LogTable

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

FILE = "exports.json"


@dataclass(frozen=True)
class Count:
    """The rows of a log per arrival, from `since` on; times in milliseconds since 1970."""

    overlap: int
    """How long before the newest arrival the count begins."""
    since: int | None
    """None: the log was empty."""
    rows: Mapping[str, int]


@dataclass(frozen=True)
class Note:
    """What an export has noted of a log."""

    snapshot: str
    count: Count


def count(client: Client, log: LogTable, until: int, overlap: int) -> Count:
    """The rows of a log that arrived before `until`, within the overlap of the newest."""
    newest = newest_arrival(client, log, Window(None, until))
    since = None if newest is None else newest - overlap
    return Count(overlap, since, arrivals(client, log, Window(since, until)))


def has_news(
    client: Client, log: LogTable, note: Note | None, table: TableState | None, until: int, overlap: int
) -> bool:
    """Whether a log has to be read: it may have rows that its table in the lake does not have."""
    if note is None or table is None or note.snapshot != table.snapshot or note.count.overlap != overlap:
        return True
    found = arrivals(client, log, Window(note.count.since, until))
    return any(note.count.rows.get(arrival) != rows for arrival, rows in found.items())


def read(lake: Lake) -> dict[str, Note]:
    """Log -> what was noted of it; nothing where the file is not there or cannot be read."""
    path = lake.folder / FILE
    try:
        content: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
        return {log: Note(row["snapshot"], Count(**row["count"])) for log, row in content.items()}
    except (ValueError, KeyError, TypeError):
        return {}


def write(lake: Lake, notes: Mapping[str, Note]) -> None:
    """Put these notes in place of the lake's."""
    write_whole(lake.folder / FILE, json.dumps({log: asdict(note) for log, note in notes.items()}, indent=1))
