"""The embedded capture: reads the source's log into bronze until it is stopped.

Started by `python -m connectors.embedded.capture`.

    check the source  ->  snapshot, unless one was completed  ->  stream

An error ends it with one line in the log and exit code 1; a supervisor restarts it.
"""

from __future__ import annotations

import argparse
import fcntl
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import psycopg

from connectors.bronze.warehouse_http import WarehouseHttp
from connectors.bronze.writer import BronzeWriter
from connectors.definitions import definition
from connectors.definitions.definition import Properties
from connectors.embedded import jvm
from connectors.embedded.delivery import SnapshotDelivery, StreamDelivery
from connectors.embedded.engine import Engine, runtime_properties, write_engine_offset
from connectors.embedded.offsets import Offset, OffsetFile
from connectors.embedded.selection import select
from connectors.embedded.source_check import Connection, Source, require_resumable, require_unused
from connectors.embedded.status import CaptureStatus, State, read_status
from connectors.errors import CaptureError, Stopped
from tradewind.settings import Endpoint, SettingsError, capture_settings, home_folder, load_settings

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
        self._warehouse = WarehouseHttp(warehouse, self.stopping, settings.tradewind_capture_patience_seconds)
        self._writer = BronzeWriter(self._warehouse)
        self._delivery: StreamDelivery | None = None
        self._refused: dict[str, str] = {}

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
        """Choose the tables and columns to read, and create the logs of the tables."""
        selection = select(connection)
        self.properties |= selection.properties
        self._refused = selection.refused
        self._writer.prepare(selection.tables)

    def _snapshot(self, begun: Offset) -> Offset:
        """Take the first snapshot; returns the offset to stream from, or `begun` if it was stopped."""
        delivery = SnapshotDelivery(self._writer, self.offsets)
        engine = self._engine(begun, delivery.handle)
        self._write_status("snapshot")
        try:
            self._watch(engine, until=delivery.complete)
        finally:
            engine.stop()
        with self.source.connect() as connection:
            self.source.wait_until_free(connection)
        return self.offsets.load() or begun

    def _stream(self, offset: Offset) -> None:
        """Follow the log until asked to stop."""
        self._delivery = StreamDelivery(self._writer, self.offsets)
        engine = self._engine(offset, self._delivery.handle)
        try:
            self._wait_until_streaming(engine)
            self._write_status("streaming")
            self._watch(engine, until=self.stopping)
        finally:
            engine.stop()
        self._delivery.store()

    def _engine(self, offset: Offset, handle: Callable[[Any], bool]) -> Engine:
        """A started engine that resumes at `offset` and passes each batch to `handle`."""
        write_engine_offset(self.offsets, self.connector, self.properties["topic.prefix"], offset)
        engine = Engine(self.properties | runtime_properties(self.connector, self.offsets), handle)
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
            if engine.has_ended(0):
                raise CaptureError("Debezium ended without a reason; see the lines above")
            until.wait(_STATUS_SECONDS)
            self._write_status(self.status.state)

    def _write_status(self, state: State) -> None:
        self.status.state = state
        if state not in ("starting", "failed"):
            self.status.error = None
        self.status.rows_written = self._writer.rows_written
        collisions = {str(table): reason for table, reason in self._writer.refused.items()}
        self.status.refused = self._refused | collisions
        if self._delivery is not None:
            self.status.last_change_at = self._delivery.last_change_at
            self.status.lag_seconds = self._delivery.lag_seconds
        self.folder.mkdir(parents=True, exist_ok=True)
        self.status.write(self.folder)


def lock_folder(folder: Path) -> IO[str]:
    """Lock the folder against a second capture; the lock holds while the returned file is open."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = (folder / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise CaptureError(f"another capture already runs in {folder}; stop it first") from error
    return lock


def main() -> int:
    """Capture until SIGTERM or SIGINT; returns 0 after a clean stop, 1 after an error."""
    parser = argparse.ArgumentParser(prog="python -m connectors.embedded.capture", description=__doc__)
    parser.add_argument(
        "--new-snapshot", action="store_true", help="discard the stored offset and read every table again"
    )
    parser.add_argument("--slot", help="the replication slot to use instead of the definition's")
    arguments = parser.parse_args()
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.INFO)
    folder = home_folder() / "capture"
    try:
        lock = lock_folder(folder)
        settings = load_settings()
        capture = Capture(
            Endpoint(settings.database_replication_url), settings.warehouse, folder, arguments.slot
        )
    except (CaptureError, SettingsError) as error:
        log.error("%s", error)
        return 1
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: capture.stopping.set())
    with lock:
        return _run(capture, arguments.new_snapshot)


def _run(capture: Capture, new_snapshot: bool) -> int:
    try:
        capture.run(new_snapshot)
    except Stopped:
        return 0
    except CaptureError as error:
        capture.fail(str(error))
        return 1
    except (psycopg.Error, OSError) as error:
        capture.fail(" ".join(f"{type(error).__name__}: {error}".split()))
        return 1
    log.info("stopped after %d rows", capture.status.rows_written)
    return 0


def run_and_exit(work: Callable[[], int]) -> None:
    """Exit this process with the code that `work` returns, or with 1 after an unexpected error.

    Java's threads would otherwise keep the process alive after the capture has ended.
    """
    sys.excepthook = _exit_with_error
    _exit(work())


def _exit_with_error(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    log.critical("the capture failed", exc_info=(kind, error, trace))
    _exit(1)


def _exit(code: int) -> None:
    """Exit without waiting for other threads; all state is on disk."""
    logging.shutdown()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    run_and_exit(main)
