"""Waiting until bronze holds everything that was committed in the source before a moment.

The capture publishes transactions in the order of their commits and writes the marker's table last of a
batch, so whoever sees an update of it in bronze sees all that was committed before that update was written
to the log. Any update from the place on where the log ended will do: where the capture has only begun to read
its first snapshot, ours may be in that snapshot, and the capture's own heartbeat tells instead.
"""

from __future__ import annotations

import threading
import time

from connectors.bronze.warehouse_http import UNKNOWN_TABLE, StatementError, WarehouseHttp
from connectors.errors import CaptureError
from tradewind.settings import Endpoint
from tradewind.source.owner import owner_connection
from tradewind.warehouse import bronze

_PAUSE_SECONDS = 0.02
_LOG_END = "select (pg_current_wal_insert_lsn() - '0/0')::bigint"
_WRITE_MARKER = "update cdc.heartbeat set beat_at = now()"


def wait_until_captured(source_url: str, warehouse_url: str, timeout_seconds: float = 60) -> float:
    """Wait until bronze holds all that is committed in the source now; the seconds it took.

    `source_url` is of a role that may update `cdc.heartbeat`. Raises CaptureError when bronze has received
    nothing for the time-out; as long as rows arrive, a large transaction may take longer.
    """
    started = looked_at = time.monotonic()
    log_end = _write_marker(source_url)
    warehouse = WarehouseHttp(Endpoint(warehouse_url), threading.Event(), patience_seconds=timeout_seconds)
    try:
        rows = _rows(warehouse)
        while not _holds_marker(warehouse, log_end):
            if time.monotonic() - looked_at > timeout_seconds:
                before, rows, looked_at = rows, _rows(warehouse), time.monotonic()
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
    """Mark the log; the place where it ended before."""
    with owner_connection(source_url) as connection:
        row = connection.execute(_LOG_END).fetchone()
        if row is None or connection.execute(_WRITE_MARKER).rowcount == 0:
            raise CaptureError("cdc.heartbeat has no row to mark; run: tradewind source init")
        return int(row[0])


def _rows(warehouse: WarehouseHttp) -> int:
    """How many rows bronze holds."""
    query = f"select sum(total_rows) from system.tables where database = '{bronze.DATABASE}'"  # noqa: S608
    answer = warehouse.run(query).strip()
    return int(answer) if answer.isdigit() else 0


def _holds_marker(warehouse: WarehouseHttp, log_end: int) -> bool:
    """Whether a marker from that place on has arrived; only what came in the last minutes is looked at."""
    query = (
        f"select count() from {bronze.DATABASE}.{bronze.MARKER_TABLE} "  # noqa: S608 - our own names
        "where _ingested_at > now() - interval 10 minute and _op = 'u' "
        f"and JSONExtractUInt(ifNull(payload, ''), 'source', 'lsn') >= {log_end}"
    )
    try:
        return int(warehouse.run(query)) > 0
    except StatementError as error:
        if error.code == UNKNOWN_TABLE:
            return False
        raise
