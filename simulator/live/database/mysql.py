"""The simulator's session on a MySQL-family server: multi-row inserts, errors by code, named locks."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from math import ceil
from typing import Any

import pymysql
from pymysql.constants import CR, ER, FIELD_TYPE
from pymysql.converters import convert_datetime, escape_string
from pymysql.cursors import DictCursor

from simulator.live.database.mysql_identifiers import take_block
from simulator.live.database.session import (
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
from tradewind.marketplace.mysql.refusals import rule_of
from tradewind.source.mysql import connection as servers

RUN_LOCKS = tuple(f"tradewind_run_{number}" for number in range(1, 17))
"""Every run holds one of these; named locks cannot be shared."""
_KILLED, _IDLE = 1927, 4031
_LOST = (CR.CR_SERVER_GONE_ERROR, CR.CR_SERVER_LOST, ER.SERVER_SHUTDOWN, _KILLED, _IDLE)
_SIGNAL, _CHECK_FAILED_IN_MARIADB, _CHECK_FAILED_IN_MYSQL = 1644, 4025, 3819
_REFUSALS = (_SIGNAL, _CHECK_FAILED_IN_MARIADB, _CHECK_FAILED_IN_MYSQL)


@contextmanager
def connect(app_url: str, lock_seconds: float) -> Iterator[Session]:
    """A session; see `open_session`."""
    try:
        with servers.connect(app_url) as connection:
            connection.autocommit(True)
            for kind_of_lock in ("innodb_lock_wait_timeout", "lock_wait_timeout"):
                connection.cursor().execute(f"set session {kind_of_lock} = %s", [ceil(lock_seconds)])
            connection.encoders[dict] = _json
            for kind in (FIELD_TYPE.TIMESTAMP, FIELD_TYPE.DATETIME):
                connection.decoders[kind] = _instant
            yield _Mysql(connection)
    except servers.MysqlError as error:
        raise unreachable(app_url, str((error.__cause__ or error).args[-1])) from error
    except pymysql.MySQLError as error:
        if error.args[0] == ER.LOCK_WAIT_TIMEOUT:
            raise LockTimeout(lock_seconds) from error
        if error.args[0] in _LOST or isinstance(error, pymysql.InterfaceError):
            raise unreachable(app_url, "the connection was lost") from error
        raise ShopError(f"the shop's database says: {error.args[-1]}") from error


class _Mysql:
    """See `Session`."""

    def __init__(self, connection: servers.Connection) -> None:
        self._connection = connection

    def rows(self, query: str, values: Values = ()) -> list[dict[str, Any]]:
        with self._connection.cursor(DictCursor) as cursor:
            cursor.execute(query, values)
            return list(cursor.fetchall())

    def execute(self, statement: str, values: Values = ()) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values)

    def execute_many(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        with self._connection.cursor() as cursor:
            cursor.executemany(statement, list(rows))

    def insert_many(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        self.execute_many(insertion(table, columns), rows)

    def insert_missing(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Row by row: `insert ignore` would ignore other errors as well."""
        statement = insertion(table, columns)
        for row in rows:
            try:
                self.execute(statement, row)
            except pymysql.IntegrityError as error:
                if error.args[0] != ER.DUP_ENTRY:
                    raise

    def lock_skus(self, sku_ids: Iterable[int]) -> None:
        """An order line share-locks its SKU; two transactions that then wrote the SKU would deadlock."""
        if wanted := sorted(set(sku_ids)):
            self.execute(
                "select sku_id from product_skus where sku_id in %s order by sku_id for update", [wanted]
            )

    def take_stock(
        self, sku_id: int, warehouse_id: int, quantity: int, order_item_id: int, at: datetime
    ) -> None:
        values = (sku_id, warehouse_id, quantity, order_item_id, at)
        self.execute("select take_stock(%s, %s, %s, %s, %s, 'sale')", values)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        try:
            with ExitStack() as undo:
                undo.callback(self._roll_back)
                self._connection.begin()
                yield
                self._connection.commit()
                undo.pop_all()
        except pymysql.MySQLError as error:
            _explain(error)
            raise

    def _roll_back(self) -> None:
        if self._connection.open:
            self._connection.rollback()

    @contextmanager
    def pipeline(self) -> Iterator[None]:
        yield

    def new_identifiers(self, table: str, count: int) -> Sequence[int]:
        return take_block(self._connection, table, count)

    def register_run(self, timeout_seconds: float) -> bool:
        own = next((name for name in RUN_LOCKS if self._holds("get_lock(%s, 0)", name)), None)
        others = [name for name in RUN_LOCKS if name != own]
        return wait_until(
            lambda: all(self._holds("is_free_lock(%s)", name) for name in others), timeout_seconds
        )

    def _holds(self, condition: str, name: str) -> bool:
        ((value,),) = servers.rows(self._connection, f"select {condition}", name)
        return value == 1


def _explain(error: pymysql.MySQLError) -> None:
    """Raise the simulator's own error for it, if there is one."""
    code, message = error.args[0], str(error.args[-1])
    if code == ER.LOCK_DEADLOCK:
        raise Conflict(message) from error
    if code in _REFUSALS and (rule := rule_of(error)) is not None:
        raise RuleViolation(rule, message) from error


def _json(value: Mapping[str, object], _: object = None) -> str:
    return f"'{escape_string(json.dumps(value))}'"


def _instant(text: str) -> datetime | str:
    """The session's time zone is UTC."""
    value = convert_datetime(text)
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value
