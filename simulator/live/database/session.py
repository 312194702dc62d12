"""What the simulator asks of a shop's database, whichever family it is of."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol

from tradewind.settings import Endpoint
from tradewind.source.mysql import is_mysql

Values = Sequence[object] | Mapping[str, object]
APPLICATION = "tradewind simulator"
"""What a server that asks calls these connections."""
ATTEMPTS = 5
LOCK_SECONDS = 30.0
"""So long a statement waits for what another session has locked."""
_GLANCE_SECONDS = 0.1


class ShopError(RuntimeError):
    """What the database says against it, in its own words."""


class ShopUnreachable(ShopError):
    """The database does not answer, or not any more; the message says which and why."""


class Refused(ShopError):
    """A rule of the shop said no; the transaction is undone."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule


class Busy(ShopError):
    """Another transaction was in the way; this one is undone and may be tried again."""


class Locked(ShopError):
    """Another session holds what is to be written for too long; the message says how long that was."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"another session has kept a table or row of the shop locked for {seconds:g} s: "
            "let it end its transaction, then start the simulator again"
        )


class Session(Protocol):
    """One connection of the application, for one thread. Statements have %s or %(name)s for values."""

    def rows(self, query: str, values: Values = ()) -> list[dict[str, Any]]:
        """What a query finds, by column name; times are in UTC."""

    def execute(self, statement: str, values: Values = ()) -> None:
        """Run a statement."""

    def execute_many(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Run a statement once per row of values."""

    def insert_many(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Add rows the quick way, outside a pipeline; dictionaries are written as JSON."""

    def insert_missing(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Add the rows whose keys are not there yet."""

    def queue_for_skus(self, sku_ids: Iterable[int]) -> None:
        """Wait for one's turn at these SKUs, where the order in which rows are locked needs it."""

    def take_stock(
        self, sku_id: int, warehouse_id: int, quantity: int, order_item_id: int, at: datetime
    ) -> None:
        """Sell pieces from the oldest lots of a warehouse."""

    def transaction(self) -> AbstractContextManager[None]:
        """All of it or nothing; raises Refused and Busy."""

    def pipeline(self) -> AbstractContextManager[None]:
        """Statements inside, in a transaction, need not wait for each other's answers."""

    def fresh_identifiers(self, table: str, count: int) -> Sequence[int]:
        """So many numbers for rows of a table that nobody else gets; not within a transaction."""

    def join_runs(self, patience_seconds: float) -> bool:
        """Count as a run of the simulator while the session lasts; whether there is no other one.

        The server may take a moment to notice that a killed one has gone.
        """


def in_transaction(session: Session, work: Callable[[], None]) -> None:
    """Do the work in a transaction, again where others are in the way; raises Refused and Busy."""
    for tries in range(1, ATTEMPTS + 1):
        try:
            with session.transaction():
                work()
            return
        except Busy:
            if tries == ATTEMPTS:
                raise


def comes_true(condition: Callable[[], bool], patience_seconds: float) -> bool:
    """Whether it is so, or soon."""
    deadline = time.monotonic() + patience_seconds
    while not (is_true := condition()) and time.monotonic() < deadline:
        time.sleep(_GLANCE_SECONDS)
    return is_true


def insertion(table: str, columns: Sequence[str]) -> str:
    """The statement for one row of a table, which may be qualified."""
    places = ", ".join(["%s"] * len(columns))
    return f"insert into {table} ({', '.join(columns)}) values ({places})"  # noqa: S608 - names of ours


def unreachable(app_url: str, reason: str) -> ShopUnreachable:
    """One line that names the place and the way out."""
    place = Endpoint(app_url)
    start = "start the server" if is_mysql(app_url) else "start it with `tradewind up`"
    return ShopUnreachable(
        f"the shop's database at {place.host}:{place.port} cannot be used: {reason}; "
        f"{start}, or correct DATABASE_APP_URL"
    )
