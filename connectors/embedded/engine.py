"""Debezium's embedded engine: events in, acknowledgements out."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from typing import Any

import jpype

from connectors.definitions.definition import Properties
from connectors.embedded import jvm
from connectors.embedded.offsets import Offset, OffsetFile
from connectors.errors import CaptureError

log = logging.getLogger(__name__)

_CONSUMER = "io.debezium.engine.DebeziumEngine$ChangeConsumer"
_COMPLETION = "io.debezium.engine.DebeziumEngine$CompletionCallback"
_STOP_SECONDS = 20.0


def runtime_properties(connector: str, offset_file: OffsetFile) -> Properties:
    """Properties of the engine beside the definition, in place of Kafka Connect's workers and topics.

    The engine's own offset is flushed, and the slot confirmed, four times a second: doing so with every batch
    would cost half as much as the batch itself, and a restart uses our own offset. A lost connection ends the
    engine instead of being retried inside it: the supervisor's restart runs the checks again.
    """
    return {
        "name": connector,
        "offset.storage": "org.apache.kafka.connect.storage.FileOffsetBackingStore",
        "offset.storage.file.filename": str(offset_file.engine_path),
        "offset.flush.interval.ms": "250",
        "converter.schemas.enable": "false",
        "key.converter.schemas.enable": "false",
        "value.converter.schemas.enable": "false",
        "errors.max.retries": "0",
        "slot.max.retries": "0",
    }


def write_engine_offset(offset_file: OffsetFile, connector: str, topic_prefix: str, offset: Offset) -> None:
    """Write the engine's own offset file, so that it starts at our offset."""
    offset_file.engine_path.unlink(missing_ok=True)
    if not offset.is_snapshot_complete:
        return
    key = json.dumps([connector, {"server": topic_prefix}], separators=(",", ":"))
    entries = jpype.JClass("java.util.HashMap")()
    entries.put(_java_bytes(key), _java_bytes(json.dumps(offset.engine)))
    stream = jpype.JClass("java.io.FileOutputStream")(str(offset_file.engine_path))
    writer = jpype.JClass("java.io.ObjectOutputStream")(stream)
    writer.writeObject(entries)
    writer.close()


def _java_bytes(text: str) -> Any:
    return jpype.JString(text).getBytes("UTF-8")


class Engine:
    """One run of Debezium; `has_ended` raises the error that ended it."""

    def __init__(self, properties: Properties, deliver: Callable[[Any], bool]) -> None:
        """`deliver` gets each batch (a Java list) and returns whether to acknowledge it."""
        self._deliver = deliver
        self._failure: Exception | None = None
        self._ended = threading.Event()
        self._engine = (
            jpype.JClass("io.debezium.engine.DebeziumEngine")
            .create(jpype.JClass("io.debezium.engine.format.Json"))
            .using(jvm.properties(properties))
            .notifying(
                jpype.JProxy(
                    _CONSUMER,
                    dict={
                        "handleBatch": self._handle_batch,
                        "supportsTombstoneEvents": lambda: True,
                    },
                )
            )
            .using(jpype.JProxy(_COMPLETION, dict={"handle": self._handle_completion}))
            .build()
        )
        self._thread = threading.Thread(target=self._run, name="debezium", daemon=True)

    @property
    def java(self) -> Any:
        """The engine itself."""
        return self._engine

    def start(self) -> None:
        """Start capturing in the background."""
        self._thread.start()

    def has_ended(self, seconds: float) -> bool:
        """Wait up to `seconds`; returns whether the engine has ended. Raises the error that ended it."""
        ended = self._ended.wait(seconds)
        if ended and self._failure is not None:
            raise self._failure
        return ended

    def stop(self) -> None:
        """Stop after the current batch; returns when the engine has ended."""
        try:
            self._engine.close()
        except jpype.JException as error:
            log.info("the engine was already ending: %s", error.message())
        if not self._ended.wait(_STOP_SECONDS):
            raise CaptureError(f"Debezium did not stop within {_STOP_SECONDS:.0f} seconds")

    def _run(self) -> None:
        try:
            self._engine.run()
        finally:
            self._ended.set()

    def _handle_batch(self, records: Any, committer: Any) -> None:
        """Called by the engine. Any error ends it; nothing after the error is acknowledged.

        The error is kept here, since Java reports a Python error without its message.
        """
        if self._failure is not None:
            return
        try:
            if self._deliver(records):
                committer.markProcessed(records.get(records.size() - 1))
                committer.markBatchFinished()
        except Exception as error:
            self._failure = error
            raise

    def _handle_completion(self, success: bool, message: Any, error: Any) -> None:
        if not success and self._failure is None:
            self._failure = CaptureError(f"Debezium ended: {_reason(message, error)}")


def _reason(message: Any, error: Any) -> str:
    """The innermost cause in one line; the outer ones only report that something failed."""
    cause = error
    while cause is not None and cause.getCause() is not None:
        cause = cause.getCause()
    text = str(cause.getMessage() or cause.toString()) if cause is not None else str(message)
    return " ".join(text.split())[:500]
