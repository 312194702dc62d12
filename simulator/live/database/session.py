"""The interface to a shop's database of either family, and its errors."""

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
"""Application name of these connections."""
ATTEMPTS = 5
LOCK_SECONDS = 30.0
"""How long a statement waits for a lock of another session."""
_POLL_SECONDS = 0.1


class ShopError(RuntimeError):
    """The database refused a statement; the message is its own."""


class ShopUnreachable(ShopError):
    """The database cannot be reached; the message says which and why."""


class RuleViolation(ShopError):
    """A rule of the shop was violated; the transaction is rolled back."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule


class Conflict(ShopError):
    """A conflict with another transaction; this one is rolled back and may be retried."""


class LockTimeout(ShopError):
    """Another session kept a lock for too long; the message says for how long."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"another session has kept a table or row of the shop locked for {seconds:g} s: "
            "let it end its transaction, then start the simulator again"
        )


class Session(Protocol):
    """One connection of the application, for one thread. Statements have %s or %(name)s for values."""

    def rows(self, query: str, values: Values = ()) -> list[dict[str, Any]]:
        """The rows of a query by column name; times are in UTC."""

    def execute(self, statement: str, values: Values = ()) -> None:
        """Run a statement."""

    def execute_many(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Run a statement once per row of values."""

    def insert_many(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Insert rows in bulk, outside a pipeline; dictionaries are written as JSON."""

    def insert_missing(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Insert the rows whose keys do not exist yet."""

    def lock_skus(self, sku_ids: Iterable[int]) -> None:
        """Lock these SKUs, on families where a later write of them could deadlock otherwise."""

    def take_stock(
        self, sku_id: int, warehouse_id: int, quantity: int, order_item_id: int, at: datetime
    ) -> None:
        """Sell pieces from the oldest lots of a warehouse."""

    def transaction(self) -> AbstractContextManager[None]:
        """A transaction; raises RuleViolation and Conflict."""

    def pipeline(self) -> AbstractContextManager[None]:
        """Send the statements of a transaction without waiting for each answer."""

    def new_identifiers(self, table: str, count: int) -> Sequence[int]:
        """Reserve identifiers for rows of a table; not within a transaction."""

    def register_run(self, timeout_seconds: float) -> bool:
        """Register a run of the simulator in the database; whether it is the only one.

        The server may take a moment to notice that a killed run is gone.
        """


def in_transaction(session: Session, work: Callable[[], None]) -> None:
    """Do the work in a transaction, retried on conflicts; raises RuleViolation and Conflict."""
    for tries in range(1, ATTEMPTS + 1):
        try:
            with session.transaction():
                work()
            return
        except Conflict:
            if tries == ATTEMPTS:
                raise


def wait_until(condition: Callable[[], bool], timeout_seconds: float) -> bool:
    """Whether the condition holds within this time."""
    deadline = time.monotonic() + timeout_seconds
    while not (holds := condition()) and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
    return holds


def insertion(table: str, columns: Sequence[str]) -> str:
    """The insert statement for one row of a table, which may be qualified."""
    places = ", ".join(["%s"] * len(columns))
    return f"insert into {table} ({', '.join(columns)}) values ({places})"  # noqa: S608 - names of ours


def unreachable(app_url: str, reason: str) -> ShopUnreachable:
    """The error, in one line that names the address and what to do."""
    place = Endpoint(app_url)
    start = "start the server" if is_mysql(app_url) else "start it with `tradewind up`"
    return ShopUnreachable(
        f"the shop's database at {place.host}:{place.port} cannot be used: {reason}; "
        f"{start}, or correct DATABASE_APP_URL"
    )
