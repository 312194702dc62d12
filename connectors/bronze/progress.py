"""Waiting until bronze holds everything that was committed in the source before a moment.

The capture delivers transactions in commit order and writes the marker's table last in each batch, so an
update of the marker in bronze means that everything committed before that update is there. Any update at or
after the end of the log will do: during a first snapshot our own update may be part of the snapshot, and the
next heartbeat of the capture serves instead.
"""

from __future__ import annotations

import threading
import time

import psycopg

from connectors.bronze.warehouse_http import UNKNOWN_TABLE, StatementError, WarehouseHttp
from connectors.errors import CaptureError
from tradewind.settings import Endpoint
from tradewind.warehouse import bronze

_PAUSE_SECONDS = 0.02
_LOG_END = "select (pg_current_wal_insert_lsn() - '0/0')::bigint"
_WRITE_MARKER = "update cdc.heartbeat set beat_at = now()"


def wait_until_captured(source_url: str, warehouse_url: str, timeout_seconds: float = 60) -> float:
    """Wait until bronze holds all that is committed in the source now; returns the seconds it took.

    `source_url` is of a role that may update `cdc.heartbeat`. Raises CaptureError when bronze has received
    nothing for the time-out; while rows arrive, a large transaction may take longer.
    """
    started = checked_at = time.monotonic()
    log_end = _write_marker(source_url)
    warehouse = WarehouseHttp(Endpoint(warehouse_url), threading.Event(), patience_seconds=timeout_seconds)
    try:
        rows = _rows(warehouse)
        while not _holds_marker(warehouse, log_end):
            if time.monotonic() - checked_at > timeout_seconds:
                before, rows, checked_at = rows, _rows(warehouse), time.monotonic()
                if rows == before:
                    raise CaptureError(
                        "bronze did not receive what the source committed up to log position "
                        f"{log_end}, and nothing else for {timeout_seconds:.0f} s; "
                        "is the capture running? See: tradewind status"
                    )
            time.sleep(_PAUSE_SECONDS)
    finally:
        warehouse.close()
    return time.monotonic() - started


def _write_marker(source_url: str) -> int:
    """Update the marker; returns the end of the log before the update."""
    with psycopg.connect(source_url, autocommit=True, connect_timeout=5) as connection:
        row = connection.execute(_LOG_END).fetchone()
        if row is None or connection.execute(_WRITE_MARKER).rowcount == 0:
            raise CaptureError("cdc.heartbeat has no row to mark; run: tradewind source init")
        return int(row[0])


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
