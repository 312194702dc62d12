"""A PostgreSQL connector's beginning: snapshot, then the stream from just where the snapshot was taken.

A change's place in the log (`tradewind/warehouse/bronze.py`) begins with the end of the transaction before
it. Debezium does not know that of the first transaction after a snapshot, and a transaction that was open
while the snapshot was taken has rows older than the snapshot: they would lose against it. So a connector
begins in two steps:

1. It runs with `lsn.flush.mode = manual`: it takes the snapshot and begins to stream, but confirms nothing to
   the source, whose slot therefore still stands where the snapshot was taken.
2. It is stopped, told that the transaction before ended there, and started as it is declared: it streams
   everything since the snapshot once more, now with its place.

What the first step streamed is repeated and changes nothing. The slot must be as old as the snapshot, so it
is made anew with it: one that is there already is dropped, unless somebody reads it. If a snapshot was begun
anew by Connect itself (a worker was killed), its slot is older than it, and both are done once more.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import psycopg

from connectors.definitions.definition import Properties
from connectors.kafka.connect_client import ConnectClient
from connectors.kafka.connect_errors import ConnectorFailed
from connectors.kafka.connect_types import Offset
from connectors.kafka.errors import KafkaError

CONNECTOR_CLASS = "io.debezium.connector.postgresql.PostgresConnector"
UNCONFIRMED = {
    "lsn.flush.mode": "manual",
    # Longer than the worker's offset.flush.interval.ms: an offset of the snapshot is stored, and seen here,
    # before the first of the stream replaces it.
    "streaming.delay.ms": "5000",
}
_ATTEMPTS = 3
_POLL_SECONDS = 0.1
_IDLE_SECONDS = 900.0
_STOP_SECONDS = 60.0
_RELEASE_SECONDS = 20.0


@dataclass(frozen=True)
class Beginning:
    """One connector that shall begin: its wanted configuration and the source as its own role sees it."""

    connect: ConnectClient
    name: str
    wanted: Properties
    source_url: str
    snapshot_properties: Properties
    """What the connector needs besides while it takes its snapshot."""

    def run(self) -> None:
        """Both steps; the connector is stopped before. ConnectorFailed if it fails meanwhile."""
        for _ in range(_ATTEMPTS):
            self._start_over()
            taken_at = self._wait_for_snapshot()
            self._stop()
            slot = self._slot_position()
            if taken_at == slot:
                self._stream_from(slot)
                return
        raise ConnectorFailed(
            f"connector {self.name} did not take its snapshot in one piece in {_ATTEMPTS} attempts; "
            "see what restarts the Connect worker, then run `tradewind connectors apply` again"
        )

    def _start_over(self) -> None:
        """The first step, from nothing."""
        self._stop()
        if self.connect.offsets(self.name):
            self.connect.reset_offsets(self.name)
        self._drop_slot()
        self.connect.put_config(self.name, self.wanted | self.snapshot_properties | UNCONFIRMED)
        self.connect.resume(self.name)

    def _stream_from(self, place: int) -> None:
        """The second step."""
        (offset,) = self.connect.offsets(self.name)
        begun = {"lsn": place, "lsn_commit": place, "ts_usec": time.time_ns() // 1000}
        self.connect.alter_offsets(self.name, [Offset(offset.partition, begun)])
        self.connect.put_config(self.name, self.wanted)
        self.connect.resume(self.name)

    def _stop(self) -> None:
        self.connect.stop(self.name)
        self.connect.wait_until(self.name, "STOPPED", _STOP_SECONDS)

    def _wait_for_snapshot(self) -> int | None:
        """Until the stored offset is one of the stream; the position that those of the snapshot had.

        The source's heartbeat makes one within seconds. A snapshot without any progress fails.
        """
        moved, last, taken_at = time.monotonic(), None, None
        while True:
            if failure := self.connect.status(self.name).failure:
                raise ConnectorFailed(f"connector {self.name} failed during its snapshot: {failure}")
            offsets = self.connect.offsets(self.name)
            if offsets and offsets[0].offset:
                # The offset with which a snapshot ends looks like one of the stream, and has its position.
                if taken_at is None or not is_streaming(offsets[0]):
                    taken_at = offsets[0].offset.get("lsn")
                if is_streaming(offsets[0]):
                    return taken_at
            if offsets != last:
                moved, last = time.monotonic(), offsets
            if time.monotonic() - moved > _IDLE_SECONDS:
                raise ConnectorFailed(f"connector {self.name} has not finished its snapshot")
            time.sleep(_POLL_SECONDS)

    def _slot_position(self) -> int:
        query = "select (confirmed_flush_lsn - '0/0')::bigint from pg_replication_slots where slot_name = %s"
        with psycopg.connect(self.source_url, connect_timeout=5) as connection:
            row = connection.execute(query, (self.wanted["slot.name"],)).fetchone()
        if row is None:
            raise KafkaError(f"the slot {self.wanted['slot.name']} has gone while the snapshot was taken")
        return int(row[0])

    def _drop_slot(self) -> None:
        """Drop the slot once its reader has gone; KafkaError if somebody else reads it."""
        slot, deadline = self.wanted["slot.name"], time.monotonic() + _RELEASE_SECONDS
        query = "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = %s"
        with psycopg.connect(self.source_url, autocommit=True, connect_timeout=5) as connection:
            while True:
                try:
                    connection.execute(query, (slot,))
                    return
                except psycopg.errors.ObjectInUse as error:
                    if time.monotonic() > deadline:
                        raise KafkaError(
                            f"the slot {slot} is read by another capture; stop that one first"
                        ) from error
                time.sleep(_POLL_SECONDS)


def is_beginning(config: Properties) -> bool:
    """Whether a connector is in the first step."""
    return UNCONFIRMED.items() <= config.items()


def is_streaming(offset: Offset) -> bool:
    """Whether it was stored after a snapshot was complete."""
    return offset.offset is not None and not offset.offset.get("snapshot") and "lsn" in offset.offset
