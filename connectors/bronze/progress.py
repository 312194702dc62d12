"""Waiting until bronze holds everything that was committed in the source before a moment.

The capture delivers transactions in commit order and writes the marker's table last in each batch, so an
update of the marker in bronze means that everything committed before that update is there. Any update at or
after the end of the log will do: during a first snapshot our own update may be part of the snapshot, and the
next heartbeat of the capture serves instead.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import psycopg

from connectors.bronze.warehouse_http import UNKNOWN_TABLE, StatementError, WarehouseHttp
from connectors.errors import CaptureError
from tradewind.settings import Endpoint
from tradewind.source.naming import TableName
from tradewind.source.owner import owner_connection
from tradewind.source.structure import NOTIFICATION, LiveTable, read_structures
from tradewind.warehouse import bronze, captured_tables

_PAUSE_SECONDS = 0.02
_LOG_END = "select (pg_current_wal_insert_lsn() - '0/0')::bigint"
_WRITE_MARKER = "update cdc.heartbeat set beat_at = now()"


def wait_until_captured(source_url: str, warehouse_url: str, timeout_seconds: float = 60) -> float:
    """Wait until bronze holds all that is committed in the source now; returns the seconds it took.

    `source_url` is of a role that may update `cdc.heartbeat`. Raises CaptureError when bronze has received
    nothing for the time-out; while rows arrive, a large transaction may take longer.
    """
    started = time.monotonic()
    warehouse = WarehouseHttp(Endpoint(warehouse_url), threading.Event(), patience_seconds=timeout_seconds)
    try:
        with owner_connection(source_url, autocommit=True) as connection:
            log_end = _write_marker(connection)
            structures = read_structures(connection)
            committed = f"what the source committed up to log position {log_end}"
            _wait(warehouse, timeout_seconds, lambda: _holds_marker(warehouse, log_end), committed)
            if unread := _unread(warehouse, structures):
                connection.execute(f"notify {NOTIFICATION}".encode())
                changed = f"all rows of tables that changed without events ({', '.join(map(str, unread))})"
                _wait(warehouse, timeout_seconds, lambda: not _unread(warehouse, structures), changed)
    finally:
        warehouse.close()
    return time.monotonic() - started


def _wait(warehouse: WarehouseHttp, timeout_seconds: float, is_met: Callable[[], bool], lacking: str) -> None:
    """Wait for a condition as long as rows arrive; else CaptureError that names what is lacking."""
    checked_at, rows = time.monotonic(), _rows(warehouse)
    while not is_met():
        if time.monotonic() - checked_at > timeout_seconds:
            before, rows, checked_at = rows, _rows(warehouse), time.monotonic()
            if rows == before:
                raise CaptureError(
                    f"bronze did not receive {lacking}, and nothing else for {timeout_seconds:.0f} s; "
                    "is the capture running? See: tradewind status"
                )
        time.sleep(_PAUSE_SECONDS)


def _write_marker(connection: psycopg.Connection[Any]) -> int:
    """Update the marker; returns the end of the log before the update."""
    row = connection.execute(_LOG_END).fetchone()
    if row is None or connection.execute(_WRITE_MARKER).rowcount == 0:
        raise CaptureError("cdc.heartbeat has no row to mark; run: tradewind source init")
    return int(row[0])


def _unread(warehouse: WarehouseHttp, structures: Mapping[TableName, LiveTable]) -> list[TableName]:
    """The tables of which bronze has another structure than the source."""
    register = captured_tables.parse(warehouse.run(captured_tables.QUERY))
    return [
        name
        for name, live in structures.items()
        if name not in register or register[name].structure != live.structure.text
    ]


def _rows(warehouse: WarehouseHttp) -> int:
    """The number of rows in bronze."""
    query = f"select sum(total_rows) from system.tables where database = '{bronze.DATABASE}'"  # noqa: S608
    answer = warehouse.run(query).strip()
    return int(answer) if answer.isdigit() else 0


def _holds_marker(warehouse: WarehouseHttp, log_end: int) -> bool:
    """Whether a marker at or after that position arrived in the last minutes."""
    query = (
        f"select count() from {bronze.PLATFORM_DATABASE}.{bronze.MARKER_TABLE} "  # noqa: S608 - our own names
        "where _ingested_at > now() - interval 10 minute and _op = 'u' "
        f"and JSONExtractUInt(ifNull(payload, ''), 'source', 'lsn') >= {log_end}"
    )
    try:
        return int(warehouse.run(query)) > 0
    except StatementError as error:
        if error.code == UNKNOWN_TABLE:
            return False
        raise
