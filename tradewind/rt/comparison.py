"""Near real time against batch and source, hour by hour, for hours that are over.

All three move while they are read. So an hour differs only if it does so each time it is looked at, and an
hour in which something arrived since the last build is not compared with batch.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from tradewind.rt.figures import Figure
from tradewind.rt.queries import Dialect, Queries
from tradewind.source.mysql import is_mysql

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

ATTEMPTS = 5
PAUSE_SECONDS = 2.0

Values = dict[datetime, tuple[Decimal, ...]]
Ask = Callable[[str], Iterable[Any]]
"""Gives the rows of a query; each sees what is committed by then."""


@contextmanager
def reader(database_url: str) -> Iterator[Ask]:
    """The shop's database, to be asked."""
    if is_mysql(database_url):
        from tradewind.source.mysql.connection import connect, rows

        with connect(database_url) as shop:
            yield lambda query: rows(shop, query)
        return
    import psycopg

    with psycopg.connect(database_url, autocommit=True) as postgres:
        yield lambda query: postgres.execute(query.encode()).fetchall()


def totals(warehouse: Client, figure: Figure, queries: Queries, hours: Hours) -> dict[str, Total]:
    """Each of a mart's figures over all these hours, as near real time and as batch have it."""
    sums = []
    for template in (figure.rt, figure.batch):
        rows = warehouse.query(queries.render(template, str(hours.start), str(hours.end))).result_rows
        sums.append([sum(column, Decimal(0)) for column in zip(*_values(rows).values(), strict=True)])
    live, batch = (found or [Decimal(0)] * len(figure.columns) for found in sums)
    return {
        name: Total(*pair) for name, pair in zip(figure.columns, zip(live, batch, strict=True), strict=True)
    }


def dialect_of(database_url: str) -> Dialect:
    """Which SQL the shop's database speaks."""
    return "mysql" if is_mysql(database_url) else "postgresql"


@dataclass(frozen=True)
class Difference:
    """An hour in which two places disagree."""

    mart: str
    hour: datetime
    other: str
    """What near real time is compared with: batch or source."""
    rt: tuple[Decimal, ...]
    expected: tuple[Decimal, ...]
    columns: tuple[str, ...]

    def __str__(self) -> str:
        pairs = zip(self.columns, self.rt, self.expected, strict=True)
        told = ", ".join(
            f"{name} {mine} instead of {theirs}" for name, mine, theirs in pairs if mine != theirs
        )
        return f"{self.mart}, hour of {self.hour:%Y-%m-%d %H:%M} UTC, against {self.other}: {told}"


@dataclass(frozen=True)
class Hours:
    """The hours from `start` to `end` (UTC, exclusive)."""

    start: datetime
    end: datetime

    @classmethod
    def before(cls, now: datetime, count: int) -> Hours:
        """The last so many hours that are over."""
        end = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0, tzinfo=None)
        return cls(end - timedelta(hours=count), end)


class Total(NamedTuple):
    """One figure in two places."""

    live: Decimal
    batch: Decimal


class Comparison:
    """Compares figures over the same hours; the source must be captured to its end."""

    def __init__(self, warehouse: Client, source: Ask, queries: Queries, hours: Hours) -> None:
        self._warehouse, self._source = warehouse, source
        self._queries, self._hours = queries, hours

    def with_source(self, figure: Figure) -> list[Difference]:
        """The hours in which near real time is not what the source's rows give."""
        return persistent(lambda: self._differences(figure, "source", self._in_source(figure.source)))

    def with_batch(self, figure: Figure) -> list[Difference]:
        """The hours in which near real time is not what the last build made of the same rows."""

        def look() -> list[Difference]:
            found = self._differences(figure, "batch", self._in_warehouse(figure.batch))
            newer = set(self._in_warehouse(figure.news)) if found else set()
            return [difference for difference in found if difference.hour not in newer]

        return persistent(look)

    def _differences(self, figure: Figure, other: str, theirs: Values) -> list[Difference]:
        mine = self._in_warehouse(figure.rt)
        nothing = (Decimal(0),) * len(figure.columns)
        pairs = [
            (hour, mine.get(hour, nothing), theirs.get(hour, nothing)) for hour in sorted({*mine, *theirs})
        ]
        return [
            Difference(figure.mart, hour, other, ours, expected, figure.columns)
            for hour, ours, expected in pairs
            if ours != expected
        ]

    def _in_warehouse(self, template: str) -> Values:
        return _values(self._warehouse.query(self._render(template)).result_rows)

    def _in_source(self, template: str) -> Values:
        return _values(self._source(self._render(template)))

    def _render(self, template: str) -> str:
        return self._queries.render(template, str(self._hours.start), str(self._hours.end))


def persistent(look: Callable[[], Iterable[Difference]]) -> list[Difference]:
    """Those found each time."""
    found = {(difference.mart, difference.hour): difference for difference in look()}
    for _ in range(ATTEMPTS - 1):
        if not found:
            break
        time.sleep(PAUSE_SECONDS)
        again = {(difference.mart, difference.hour): difference for difference in look()}
        found = {key: again[key] for key in found if key in again}
    return list(found.values())


def _values(rows: Iterable[Any]) -> Values:
    return {row[0].replace(tzinfo=None): tuple(Decimal(str(value)) for value in row[1:]) for row in rows}
