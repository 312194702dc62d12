"""What happens with each batch an engine delivers: bronze first, then the stored offset."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import Any

import jpype

from connectors.bronze.writer import Batch, BronzeWriter
from connectors.embedded import jvm, offsets
from connectors.embedded.offsets import Offset, OffsetFile
from tradewind.warehouse import bronze

# A stored offset replaces a file, whose place the file system cannot use again at once (docs/lessons/0009).
_STORE_SECONDS = 0.2

_HEARTBEAT_TOPIC = b"__debezium-heartbeat"
_HEARTBEAT_TABLE = f"{bronze.TOPIC_PREFIX}{bronze.MARKER_TABLE}".encode()


class StreamDelivery:
    """Writes every batch, and stores a few times a second how far that goes.

    Only what is stored is confirmed. The heartbeat is a batch too, so a change that is followed by no
    other is confirmed with the next one.
    """

    def __init__(
        self, writer: BronzeWriter, offset_file: OffsetFile, on_change: Callable[[], None] = lambda: None
    ) -> None:
        """`on_change` is called for every batch that has more than heartbeats."""
        self._writer = writer
        self._offsets = offset_file
        self._on_change = on_change
        self._last: dict[str, Any] = {}
        self._stored_at = 0.0
        self.last_change_at: float | None = None
        self.lag_seconds: float | None = None

    def take(self, records: Any) -> bool:
        """Write a batch (a Java list of events); whether it may now be confirmed to the source."""
        batch = _batch(records)
        if not all(_is_heartbeat(topic) for topic in set(batch.topics)):
            self._on_change()
        self._writer.write(batch)
        self._last = _source_offset(records, records.size() - 1)
        self.last_change_at = self._last["ts_usec"] / 1_000_000 if "ts_usec" in self._last else None
        self.lag_seconds = time.time() - self.last_change_at if self.last_change_at else None
        if time.monotonic() - self._stored_at < _STORE_SECONDS:
            return False
        self.store()
        return True

    def store(self) -> None:
        """Store how far bronze goes."""
        if self._last:
            self._offsets.save(offsets.from_engine(self._last, self._writer.rows_written))
            self._stored_at = time.monotonic()


class SnapshotDelivery:
    """Writes a first snapshot and ends there.

    The stream after it belongs to another engine, started at the snapshot's place: only one that was
    started somewhere tells which transaction came before the first, and the first needs that to outrank
    the snapshot. So what follows the last read is left alone, and nothing is confirmed to the source.
    Which leaves room for speed: while one batch is written, the engine reads and converts the next.
    """

    def __init__(self, writer: BronzeWriter, offset_file: OffsetFile) -> None:
        self._writer = writer
        self._offsets = offset_file
        self._has_begun = False
        self._thread = ThreadPoolExecutor(1, "bronze")
        self._written: Future[None] | None = None
        self.complete = threading.Event()

    def take(self, records: Any) -> bool:
        """Write the reads of a batch; False, since a snapshot is confirmed only by starting the stream."""
        if self.complete.is_set():
            return False
        reads = _number_of_reads(records)
        if reads:
            self._write(_batch(records.subList(0, reads)))
        last = _source_offset(records, records.size() - 1)
        if reads < records.size() or last.get("last_snapshot_record"):
            self._finish(_source_offset(records, max(reads - 1, 0)))
        return False

    def _write(self, batch: Batch) -> None:
        if not self._has_begun:
            self._writer.begin_snapshot(batch.payloads[0])
            self._has_begun = True
        self._wait_for_the_batch_before()
        self._written = self._thread.submit(self._writer.write, batch)

    def _wait_for_the_batch_before(self) -> None:
        """Returns when it is in bronze; raises what kept it from there."""
        if self._written is not None:
            self._written.result()

    def _finish(self, place: dict[str, Any]) -> None:
        self._wait_for_the_batch_before()
        lsn = int(place["lsn"])
        engine = {"lsn": lsn, "lsn_commit": lsn}
        self._offsets.save(Offset(lsn=lsn, rows=self._writer.rows_written, engine=engine))
        self.complete.set()


def _is_heartbeat(topic: bytes) -> bool:
    """Whether it is Debezium's own heartbeat or the table that the heartbeat updates."""
    return topic.startswith(_HEARTBEAT_TOPIC) or topic == _HEARTBEAT_TABLE


def _batch(records: Any) -> Batch:
    return Batch(jvm.joined(records, "destination"), jvm.joined(records, "key"), jvm.joined(records, "value"))


def _number_of_reads(records: Any) -> int:
    """How many events at the head of a batch belong to the snapshot."""
    number: int = records.size()
    while number and "snapshot" not in _source_offset(records, number - 1):
        number -= 1
    return number


def _source_offset(records: Any, index: int) -> dict[str, Any]:
    text = _object_mapper().writeValueAsString(records.get(index).sourceRecord().sourceOffset())
    offset: dict[str, Any] = json.loads(str(text))
    return offset


@cache
def _object_mapper() -> Any:
    return jpype.JClass("com.fasterxml.jackson.databind.ObjectMapper")()
