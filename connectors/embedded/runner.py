"""One run of the embedded capture: check the source, take a first snapshot, follow the log.

check the source  ->  snapshot, unless one was completed  ->  stream
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from connectors.bronze.warehouse_http import WarehouseHttp
from connectors.bronze.writer import BronzeWriter
from connectors.definitions import definition
from connectors.definitions.definition import Properties
from connectors.definitions.plan import Plan
from connectors.embedded import jvm, rereads
from connectors.embedded.delivery import SnapshotDelivery, StreamDelivery
from connectors.embedded.engine import Engine, runtime_properties, write_engine_offset
from connectors.embedded.offsets import Offset, OffsetFile
from connectors.embedded.polling import Polling
from connectors.embedded.rereads import Rereads
from connectors.embedded.source_check import Connection, Source, require_resumable, require_unused
from connectors.embedded.status import CaptureStatus, State, read_status
from connectors.embedded.tables import SourceTables
from connectors.errors import CaptureError
from tradewind.settings import Endpoint, capture_settings

log = logging.getLogger("capture")

_STATUS_SECONDS = 0.5


class Capture:
    """One capture of one source into one warehouse, with its state in `folder`."""

    def __init__(self, source: Endpoint, warehouse: Endpoint, folder: Path, slot: str | None = None) -> None:
        """`slot` replaces the definition's replication slot, for a second capture of one source."""
        path = definition.POSTGRES_SOURCE
        self.connector = path.stem
        self.properties: Properties = definition.embedded_properties(
            definition.read_definition(path), definition.source_values(source)
        )
        settings = capture_settings()
        if slot:
            self.properties["slot.name"] = slot
        if settings.tradewind_capture_poll_ms:
            self.properties["poll.interval.ms"] = str(settings.tradewind_capture_poll_ms)
        self.source = Source(self.properties)
        self.folder = folder
        self.offsets = OffsetFile(folder, self.connector)
        self.stopping = threading.Event()
        before = read_status(folder)
        self.status = CaptureStatus(
            state="starting", pid=os.getpid(), started_at=time.time(), error=before.error if before else None
        )
        patience = settings.tradewind_capture_patience_seconds
        self._writer = BronzeWriter(WarehouseHttp(warehouse, self.stopping, patience))
        # The engine's thread has the writer's client, this one another.
        self._tables = SourceTables(WarehouseHttp(warehouse, self.stopping, patience))
        self._rereads = Rereads(self._writer)
        self._delivery: StreamDelivery | None = None
        self._plan = Plan()
        self._polling = Polling(int(self.properties["poll.interval.ms"]))

    def run(self, new_snapshot: bool = False) -> None:
        """Capture until `stopping` is set; raises CaptureError when it cannot continue."""
        self._write_status("starting")
        offset = self._resumable_offset(new_snapshot)
        self._writer.rows_written = offset.rows
        jvm.start()
        if not offset.is_snapshot_complete:
            offset = self._snapshot(offset)
        if not self.stopping.is_set():
            self._stream(offset)
        self._write_status("stopped")

    def fail(self, reason: str) -> None:
        """Write the reason to the log and, if possible, to the status file."""
        log.error("%s", reason)
        self.status.error = reason
        try:
            self._write_status("failed")
        except OSError as error:
            log.error("the status cannot be written: %s", error)

    def _resumable_offset(self, new_snapshot: bool) -> Offset:
        """The offset to resume from, after a check that the source still has everything after it."""
        with self.source.connect() as connection:
            self.source.check(connection)
            self._writer.logs.create_platform_tables()
            self._select(connection)
            self.source.wait_until_free(connection)
            stored = self.offsets.load()
            slot = self.source.slot(connection)
            if stored is not None and stored.is_snapshot_complete and not new_snapshot:
                require_resumable(slot, stored, self.source.where)
                return stored
            if stored is None and not new_snapshot:
                require_unused(slot, self.source.where)
            # A snapshot agrees with its slot only if both are made in the same moment.
            self.source.drop_slot(connection)
        begun = Offset(lsn=None, rows=stored.rows if stored else 0)
        self.offsets.save(begun)
        return begun

    def _select(self, connection: Connection) -> None:
        """Choose the tables and columns to read, create the logs of the tables, plan what to read again."""
        self._plan = self._tables.look(connection)
        self._writer.logs.prepare(self._tables.selection.columns)

    def _snapshot(self, begun: Offset) -> Offset:
        """Take the first snapshot; returns the offset to stream from, or `begun` if it was stopped."""
        with self.source.connect() as connection:
            registrations = self._tables.snapshot_rows(connection)
        delivery = SnapshotDelivery(self._writer, self.offsets)
        engine = self._engine(begun, delivery.handle, self._tables.selection.snapshot_properties)
        self._write_status("snapshot")
        try:
            self._watch(engine, until=delivery.complete)
        finally:
            engine.stop()
        with self.source.connect() as connection:
            self.source.wait_until_free(connection)
            if delivery.complete.is_set():
                self._tables.register(registrations)
                self._select(connection)
        return self.offsets.load() or begun

    def _stream(self, offset: Offset) -> None:
        """Follow the log until asked to stop, with a new engine whenever its lists of tables change."""
        with self.source.connect() as connection:
            self._tables.listen(connection)
            while not self.stopping.is_set():
                self._tables.register(self._plan.register)
                self._rereads.replace(self._plan.rereads)
                try:
                    self._follow(offset, connection)
                except CaptureError as error:
                    if not self._rereads.fail(str(error)):
                        raise
                if not self.stopping.is_set():
                    self._select(connection)
                    self.source.wait_until_free(connection)
                    offset = self.offsets.load() or offset

    def _follow(self, offset: Offset, connection: Connection) -> None:
        """Follow the log until asked to stop, or until the engine needs other lists."""
        self._delivery = StreamDelivery(self._writer, self.offsets, self._rereads, self._polling.changed)
        lists = self._tables.selection.properties
        engine = self._engine(offset, self._delivery.handle, rereads.ENGINE_PROPERTIES)
        try:
            self._wait_until_streaming(engine)
            self._polling.attach(engine.java)
            self._write_status("streaming")
            while not self.stopping.is_set() and self._tables.selection.properties == lists:
                self._rereads.begin_next(connection, lists)
                self._watch_once(engine, self.stopping)
                if found := self._tables.changed(connection):
                    self._rereads.add(found.rereads)
            self._write_status("streaming" if self.stopping.is_set() else "reconnecting")
        finally:
            engine.stop()
        self._delivery.store()

    def _engine(self, offset: Offset, handle: Callable[[Any], bool], more: Properties) -> Engine:
        """A started engine that resumes at `offset` and passes each batch to `handle`."""
        write_engine_offset(self.offsets, self.connector, self.properties["topic.prefix"], offset)
        properties = self.properties | self._tables.selection.properties | more
        engine = Engine(properties | runtime_properties(self.connector, self.offsets), handle)
        engine.start()
        return engine

    def _wait_until_streaming(self, engine: Engine) -> None:
        with self.source.connect() as connection:
            while not self.stopping.is_set() and not self.source.is_streaming(connection):
                if engine.has_ended(0.1):
                    return

    def _watch(self, engine: Engine, until: threading.Event) -> None:
        """Refresh the status until the event, a request to stop, or the engine's end."""
        while not until.is_set() and not self.stopping.is_set():
            self._watch_once(engine, until)

    def _watch_once(self, engine: Engine, until: threading.Event) -> None:
        if engine.has_ended(0):
            raise CaptureError("Debezium ended without a reason; see the lines above")
        until.wait(_STATUS_SECONDS)
        self._polling.adapt()
        self._write_status(self.status.state)

    def _write_status(self, state: State) -> None:
        self.status.state = state
        if state not in ("starting", "failed"):
            self.status.error = None
        self.status.rows_written = self._writer.rows_written
        self.status.poll_ms = self._polling.milliseconds
        refused = self._writer.logs.router.refused | self._rereads.failures
        self.status.refused = self._tables.selection.refused | {str(t): why for t, why in refused.items()}
        self.status.rereading = [str(table) for table in self._rereads.tables]
        if self._delivery is not None:
            self.status.last_change_at = self._delivery.last_change_at
            self.status.lag_seconds = self._delivery.lag_seconds
        self.folder.mkdir(parents=True, exist_ok=True)
        self.status.write(self.folder)
