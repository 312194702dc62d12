"""A feed's rows as change events, so that the ODS merges them as it merges any table's.

A feed has no log to take positions from. The time at which a delivery is accepted, in microseconds, is its
position, so a later delivery wins. A delivery is one insert of one block: it is stored whole or not at all,
and its rows are the record that it was accepted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from connectors.feeds.catalog import FEEDS
from connectors.feeds.declaration import Feed
from tradewind.warehouse import bronze, feeds

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

Row = Mapping[str, str | int | bool | None]
"""Column -> value as Debezium writes it: numerics and times are text."""


@dataclass(frozen=True)
class Change:
    """A row that was added or replaced (`c`), or deleted (`d`)."""

    op: Literal["c", "d"]
    row: Row


@dataclass(frozen=True)
class Delivery:
    """Changes that are accepted together, and where they come from."""

    changes: Sequence[Change]
    origin: Mapping[str, str]
    accepted_at: datetime


def prepare_feeds(client: Client, declared: Iterable[Feed] = FEEDS) -> None:
    """Create the change logs that do not exist yet, so that models can read a feed that has no data."""
    client.command(f"create database if not exists {feeds.DATABASE}")
    for feed in declared:
        client.command(bronze.create_table(feeds.log_of(feed.name)))


class ChangeLog:
    """The change log of one feed."""

    def __init__(self, client: Client, feed: str, key: Sequence[str]) -> None:
        self._client = client
        self._key = key
        self._topic = f"{feeds.TOPIC_PREFIX}{feed}"
        self.table = feeds.log_of(feed)

    def next_time(self) -> datetime:
        """The current time, but later than anything accepted before even if the clock was set back."""
        newest = self._client.query(f"select max(_changed_at) from {self.table}").result_rows[0][0]  # noqa: S608
        now = datetime.now(UTC)
        if newest is None:
            return now
        last = newest.replace(tzinfo=UTC)
        return now if now > last else datetime.fromtimestamp((_micros(last) + 1) / 1_000_000, UTC)

    def append(self, delivery: Delivery) -> None:
        """Write a delivery, whole or not at all."""
        rows = [
            (
                self._topic,
                0,
                number,
                delivery.accepted_at,
                self._key_of(change.row),
                _envelope(change, delivery),
            )
            for number, change in enumerate(delivery.changes)
        ]
        database, name = self.table
        self._client.insert(name, rows, list(bronze.WRITTEN_COLUMNS), database=database)

    def origins(self, name: str, **where: str) -> list[str]:
        """The values of an origin's field, newest first, of deliveries that have rows with these values."""
        return [str(value) for (value,) in self._client.query(*self._origins(name, where)).result_rows]

    def live_keys(self, **where: str) -> list[Row]:
        """The keys of the rows with these values that are not deleted."""
        found = self._client.query(
            "select _key, argMax(_op, _position) as last_op "  # noqa: S608 - our own names
            f"from {self.table} where {_conditions(where)} "
            "group by _key having last_op != 'd' order by _key",
            parameters=where,
        ).result_rows
        return [json.loads(key) for key, _ in found]

    def _origins(self, name: str, where: Mapping[str, str]) -> tuple[str, dict[str, str]]:
        query = (
            "select JSONExtractString(ifNull(payload, ''), 'origin', {origin:String}) as value "  # noqa: S608
            f"from {self.table} where {_conditions(where)} group by value order by max(_position) desc"
        )
        return query, {"origin": name, **where}

    def _key_of(self, row: Row) -> str:
        return _json({column: row[column] for column in self._key})


def _conditions(where: Mapping[str, str]) -> str:
    """A condition for rows with these values; `where` names our columns, the values are parameters."""
    image = "JSONExtractString(ifNull(payload, ''), if(_op = 'd', 'before', 'after'), '{name}')"
    return " and ".join(f"{image.format(name=name)} = {{{name}:String}}" for name in where) or "true"


def _envelope(change: Change, delivery: Delivery) -> str:
    micros = _micros(delivery.accepted_at)
    return _json(
        {
            "op": change.op,
            "before": change.row if change.op == "d" else None,
            "after": change.row if change.op == "c" else None,
            "source": {"connector": "feed", "lsn": micros, "ts_us": micros, "ts_ms": micros // 1000},
            "origin": delivery.origin,
        }
    )


def _micros(moment: datetime) -> int:
    seconds = int(moment.replace(microsecond=0).timestamp())
    return seconds * 1_000_000 + moment.microsecond


def _json(content: Mapping[str, object]) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))
