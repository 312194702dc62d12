"""Handling of each batch that an engine delivers: write to bronze, then store the offset."""

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
from connectors.embedded.rereads import Rereads

# Each stored offset replaces a file, and the file system reuses its inode only later (docs/lessons/0009).
_STORE_SECONDS = 0.2


class StreamDelivery:
    """Writes every batch, and stores the offset a few times a second.

    Only a stored offset is confirmed. Heartbeats are batches too, so the last change before a quiet time is
    confirmed with the next heartbeat.
    """

    def __init__(
        self,
        writer: BronzeWriter,
        offset_file: OffsetFile,
        rereads: Rereads,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        """`on_change` is called for every batch with changes of the source's own tables."""
        self._writer = writer
        self._offsets = offset_file
        self._rereads = rereads
        self._on_change = on_change
        self._last: dict[str, Any] = {}
        self._stored_at = 0.0
        self.last_change_at: float | None = None
        self.lag_seconds: float | None = None

    def handle(self, records: Any) -> bool:
        """Write a batch (a Java list of events); returns whether to confirm it to the source."""
        batch = _batch(records)
        if self._writer.write(batch):
            self._on_change()
        self._rereads.handle(batch.payloads)
        self._last = _source_offset(records, records.size() - 1)
        self.last_change_at = self._last["ts_usec"] / 1_000_000 if "ts_usec" in self._last else None
        self.lag_seconds = time.time() - self.last_change_at if self.last_change_at else None
        if time.monotonic() - self._stored_at < _STORE_SECONDS:
            return False
        self.store()
        return True

    def store(self) -> None:
        """Store the offset of the last batch in bronze."""
        if self._last:
            self._offsets.save(offsets.from_engine(self._last, self._writer.rows_written))
            self._stored_at = time.monotonic()


class SnapshotDelivery:
    """Writes the rows of a first snapshot and ignores what follows.

    Another engine, started at the snapshot's position, streams from there: only a resumed engine reports the
    previous commit of its first transaction, which that transaction needs to outrank the snapshot. Nothing is
    confirmed to the source, so a batch is written while the engine already reads the next one.
    """

    def __init__(self, writer: BronzeWriter, offset_file: OffsetFile) -> None:
        self._writer = writer
        self._offsets = offset_file
        self._has_begun = False
        self._thread = ThreadPoolExecutor(1, "bronze")
        self._written: Future[bool] | None = None
        self.complete = threading.Event()

    def handle(self, records: Any) -> bool:
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
            self._writer.write_snapshot_start(batch.payloads[0])
            self._has_begun = True
        self._wait_for_previous_batch()
        self._written = self._thread.submit(self._writer.write, batch)

    def _wait_for_previous_batch(self) -> None:
        """Wait until it is in bronze; raises the error of its insert."""
        if self._written is not None:
            self._written.result()

    def _finish(self, last_read: dict[str, Any]) -> None:
        self._wait_for_previous_batch()
        lsn = int(last_read["lsn"])
        engine = {"lsn": lsn, "lsn_commit": lsn}
        self._offsets.save(Offset(lsn=lsn, rows=self._writer.rows_written, engine=engine))
        self.complete.set()


def _batch(records: Any) -> Batch:
    return Batch(jvm.joined(records, "key"), jvm.joined(records, "value"))


def _number_of_reads(records: Any) -> int:
    """The number of events at the head of a batch that belong to the snapshot."""
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
