"""The simulator's session on PostgreSQL: COPY, pipelines, sequences, advisory locks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import JsonbDumper

from simulator.live.database.session import (
    APPLICATION,
    Conflict,
    LockTimeout,
    RuleViolation,
    Session,
    ShopError,
    Values,
    insertion,
    unreachable,
    wait_until,
)

CONNECT_SECONDS = 10
RUN_LOCK = 7_240_033
"""Every run holds this advisory lock, shared."""
_TRANSIENT = (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)
_KEYS = {
    "users": "user_id",
    "customers": "customer_id",
    "orders": "order_id",
    "order_items": "order_item_id",
    "payments": "payment_id",
    "shipments": "shipment_id",
    "order_returns": "return_id",
    "payouts": "payout_id",
    "carts": "cart_id",
    "vouchers": "voucher_id",
    "flash_sales": "flash_sale_id",
    "labels.attacks": "attack_id",
}


@contextmanager
def connect(app_url: str, lock_seconds: float) -> Iterator[Session]:
    """A session; see `open_session`."""
    try:
        with psycopg.connect(
            app_url, autocommit=True, application_name=APPLICATION, connect_timeout=CONNECT_SECONDS
        ) as connection:
            connection.execute("set timezone = 'UTC'")
            connection.execute(
                "select set_config('lock_timeout', %s, false)", [f"{lock_seconds * 1_000:.0f}"]
            )
            connection.adapters.register_dumper(dict, JsonbDumper)
            yield _Postgresql(connection)
    except psycopg.errors.LockNotAvailable as error:
        raise LockTimeout(lock_seconds) from error
    except psycopg.OperationalError as error:
        first_line = (str(error).strip().splitlines() or ["the connection was lost"])[0]
        raise unreachable(app_url, first_line.rpartition("failed: ")[2]) from error
    except psycopg.Error as error:
        raise ShopError(f"the shop's database says: {' '.join(str(error).split())}") from error


class _Postgresql:
    """See `Session`."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def rows(self, query: str, values: Values = ()) -> list[dict[str, Any]]:
        with self._connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query.encode(), values).fetchall()

    def execute(self, statement: str, values: Values = ()) -> None:
        self._connection.execute(statement.encode(), values)

    def execute_many(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        if waiting := list(rows):
            self._connection.cursor().executemany(statement.encode(), waiting)

    def insert_many(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        waiting = list(rows)
        if not waiting:
            return
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        statement = sql.SQL("copy {} ({}) from stdin").format(sql.Identifier(table), names)
        with self._connection.cursor() as cursor, cursor.copy(statement) as copy:
            for row in waiting:
                copy.write_row(row)

    def insert_missing(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        self.execute_many(f"{insertion(table, columns)} on conflict do nothing", rows)

    def lock_skus(self, sku_ids: Iterable[int]) -> None:
        """Nothing: here a foreign key's lock does not conflict with taking stock."""

    def take_stock(
        self, sku_id: int, warehouse_id: int, quantity: int, order_item_id: int, at: datetime
    ) -> None:
        values = (sku_id, warehouse_id, quantity, order_item_id, at)
        self.execute("select rules.take_stock(%s, %s, %s, %s, %s)", values)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        try:
            with self._connection.transaction():
                yield
        except _TRANSIENT as error:
            raise Conflict(str(error)) from error
        except psycopg.errors.CheckViolation as error:
            raise RuleViolation(error.diag.constraint_name or "", str(error)) from error

    def pipeline(self) -> AbstractContextManager[Any]:
        return self._connection.pipeline()

    def new_identifiers(self, table: str, count: int) -> Sequence[int]:
        found = self._connection.execute(
            "select nextval(pg_get_serial_sequence(%s, %s)) from generate_series(1, %s)",
            [table, _KEYS[table], count],
        )
        return [number for (number,) in found]

    def register_run(self, timeout_seconds: float) -> bool:
        is_alone = wait_until(lambda: self._locked("select pg_try_advisory_lock(%s)"), timeout_seconds)
        self._locked("select pg_advisory_lock_shared(%s) is not null")
        if is_alone:
            self._locked("select pg_advisory_unlock(%s)")
        return is_alone

    def _locked(self, query: str) -> bool:
        row = self._connection.execute(query.encode(), [RUN_LOCK]).fetchone()
        return row is not None and bool(row[0])
