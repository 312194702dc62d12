"""Waiting until bronze holds everything that was committed in the source before a moment.

Belongs here: the marker that is written into the source and waited for in bronze. Doesn't: what is done
then (building, comparing, testing).

The capture publishes transactions in the order of their commits and writes the marker's table last of a
batch, so whoever sees the marker in bronze sees all that was committed before it.
"""

from __future__ import annotations

import threading
import time

import psycopg

from connectors.errors import CaptureError
from connectors.warehouse_http import UNKNOWN_TABLE, StatementError, WarehouseHttp
from tradewind.settings import Endpoint
from tradewind.warehouse import bronze

_PAUSE_SECONDS = 0.02
_WRITE_MARKER = "update cdc.heartbeat set beat_at = now() returning pg_current_xact_id()::text::bigint"
_XID_MODULUS = 2**32  # events carry transaction numbers without PostgreSQL's wrap-around count


def wait_until_captured(source_url: str, warehouse_url: str, timeout_seconds: float = 60) -> float:
    """Wait until bronze holds all that is committed in the source now; the seconds it took.

    `source_url` is of a role that may update `cdc.heartbeat`. Raises CaptureError after the time-out.
    """
    started = time.monotonic()
    transaction = _write_marker(source_url)
    warehouse = WarehouseHttp(Endpoint(warehouse_url), threading.Event(), patience_seconds=timeout_seconds)
    try:
        while not _holds_marker(warehouse, transaction):
            if time.monotonic() - started > timeout_seconds:
                raise CaptureError(
                    f"bronze did not receive the source's transaction {transaction} within "
                    f"{timeout_seconds:.0f} s; is the capture running? See: tradewind status"
                )
            time.sleep(_PAUSE_SECONDS)
    finally:
        warehouse.close()
    return time.monotonic() - started


def _write_marker(source_url: str) -> int:
    with psycopg.connect(source_url, autocommit=True, connect_timeout=5) as connection:
        row = connection.execute(_WRITE_MARKER).fetchone()
    if row is None:
        raise CaptureError("cdc.heartbeat has no row to mark; run: tradewind source init")
    return int(row[0]) % _XID_MODULUS


def _holds_marker(warehouse: WarehouseHttp, transaction: int) -> bool:
    """Whether the marker has arrived; only what came in the last minutes is looked at."""
    query = (
        f"select count() from {bronze.DATABASE}.{bronze.MARKER_TABLE} "  # noqa: S608 - our own names
        "where _ingested_at > now() - interval 10 minute and _op = 'u' "
        f"and JSONExtractUInt(ifNull(payload, ''), 'source', 'txId') = {transaction}"
    )
    try:
        return int(warehouse.run(query)) > 0
    except StatementError as error:
        if error.code == UNKNOWN_TABLE:
            return False
        raise
