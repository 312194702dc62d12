"""Waiting until bronze holds, by way of Kafka, everything that was committed in the source before a moment.

First until the connector has stored an offset from after that moment: Connect stores one only when Kafka has
acknowledged every record before it. Then until the warehouse has read every topic up to where it ends then,
and the landing has voided what a snapshot replaces.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg

from connectors.bronze.warehouse_http import WarehouseHttp
from connectors.kafka import snapshots
from connectors.kafka.cluster import Cluster
from connectors.kafka.connect_client import ConnectClient
from connectors.kafka.connect_types import Offset
from connectors.kafka.errors import KafkaError
from connectors.kafka.tails import Tails
from tradewind.source.mysql import is_mysql
from tradewind.source.mysql.connection import Connection, family_and_version, rows
from tradewind.source.mysql.connection import connect as connect_mysql

Place = int | tuple[str, int]
"""Where a log ends: PostgreSQL's byte offset, or the MySQL family's file and offset."""

_PAUSE_SECONDS = 0.1
_LOG_END = "select (pg_current_wal_insert_lsn() - '0/0')::bigint"
_WRITE_MARKER = "update cdc.heartbeat set beat_at = now()"


@dataclass(frozen=True)
class Route:
    """A connector's way into bronze: who brings the topics there is a consumer group."""

    connect: ConnectClient
    cluster: Cluster
    connector: str
    group: str
    topics: tuple[str, ...]
    warehouse: WarehouseHttp

    def wait(self, owner_url: str, replication_url: str, timeout_seconds: float = 60) -> float:
        """Wait until bronze holds all that is committed now; the seconds it took.

        KafkaError when nothing moves for the time-out; a large transaction that moves may take longer.
        """
        started = time.monotonic()
        end = log_end(owner_url, replication_url)
        self._until(lambda: self._is_produced(end), self._offset, "the connector", timeout_seconds)
        ends, tails = self.cluster.ends(self.topics), Tails(self.cluster.bootstrap)
        self._until(
            lambda: not tails.unread(self._read(), ends), self._read, "the warehouse", timeout_seconds
        )
        self._until(lambda: not self._voiding(), self._voiding, "the landing", timeout_seconds)
        return time.monotonic() - started

    def _voiding(self) -> int:
        return snapshots.waiting(self.warehouse)

    def _is_produced(self, end: Place) -> bool:
        offset = self._offset()
        return offset is not None and reaches(offset, end)

    def _offset(self) -> Offset | None:
        offsets = self.connect.offsets(self.connector)
        return offsets[0] if offsets else None

    def _read(self) -> dict[tuple[str, int], int]:
        return self.cluster.committed(self.group)

    def _until(
        self, is_done: Callable[[], bool], sign_of_life: Callable[[], Any], who: str, seconds: float
    ) -> None:
        moved, last = time.monotonic(), None
        while not is_done():
            sign = sign_of_life()
            if sign != last:
                moved, last = time.monotonic(), sign
            if time.monotonic() - moved > seconds:
                raise KafkaError(
                    f"{who} has not moved for {seconds:.0f} s and is not where the source's log ended; "
                    "see `tradewind connectors status` and `tradewind status`"
                )
            time.sleep(_PAUSE_SECONDS)


def log_end(owner_url: str, replication_url: str) -> Place:
    """Where the source's log ends now; a marker is written after it, so that a quiet source moves on too.

    The owner may write the marker, the capture's own role may ask a MySQL-family server for its log.
    """
    if is_mysql(owner_url):
        with connect_mysql(replication_url) as connection:
            end = binlog_end(connection)
        with connect_mysql(owner_url) as connection:
            rows(connection, _WRITE_MARKER.replace("now()", "now(6)"))
        return end
    with psycopg.connect(owner_url, autocommit=True, connect_timeout=5) as connection:
        row = connection.execute(_LOG_END).fetchone()
        if row is None or connection.execute(_WRITE_MARKER).rowcount == 0:
            raise KafkaError("cdc.heartbeat has no row to mark; run: tradewind source init")
        return int(row[0])


def binlog_end(connection: Connection) -> tuple[str, int]:
    """The file and offset at which a MySQL-family server's log ends."""
    ((version,),) = rows(connection, "select version()")
    family, numbers = family_and_version(str(version))
    is_renamed = family == "MySQL" and numbers >= (8, 4)
    found = rows(connection, "show binary log status" if is_renamed else "show master status")
    if not found:
        raise KafkaError("the source writes no binary log; set log_bin and restart it")
    return str(found[0][0]), int(str(found[0][1]))


def reaches(offset: Offset, end: Place) -> bool:
    """Whether a connector's stored offset is past that place."""
    found = offset.offset or {}
    if "snapshot" in found:
        return False
    if isinstance(end, int):
        return int(found.get("lsn", 0)) >= end
    return (str(found.get("file", "")), int(found.get("pos", 0))) >= end
