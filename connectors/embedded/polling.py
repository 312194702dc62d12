"""How often Debezium looks for changes: often while there are some, rarely while there are none.

Debezium has one fixed interval for two waits: the thread that reads the log sleeps that long when it has
found nothing, and the queue behind it collects a batch for that long. Both are private fields of its objects
(decision 53), which this module sets while the engine runs.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from typing import Any

import jpype

log = logging.getLogger("capture")

IDLE_AFTER_SECONDS = 2.0
IDLE_MS = 100
"""The queue spins for up to a millisecond of every interval: at 100 ms that is one hundredth of a core."""


@dataclass(frozen=True)
class Waits:
    """The objects of a running engine that wait, and their private fields."""

    queue: Any
    queue_interval: Any
    reader: Any
    reader_pause: Any

    def set(self, milliseconds: int) -> None:
        """Let both wait this long from now on."""
        duration = jpype.JClass("java.time.Duration").ofMillis(milliseconds)
        self.queue_interval.set(self.queue, duration)
        self.reader_pause.set(self.reader, jpype.JClass("io.debezium.util.DelayStrategy").constant(duration))


class Polling:
    """The polling interval of one engine, adapted to what arrives."""

    def __init__(self, busy_ms: int) -> None:
        """`busy_ms`: the interval while changes arrive, the one of the connector's definition."""
        self.milliseconds = busy_ms
        self._busy_ms = busy_ms
        self._idle_ms = max(busy_ms, IDLE_MS)
        self._waits: Waits | None = None
        self._last_change = time.monotonic()
        self._lock = threading.Lock()

    def attach(self, engine: Any) -> None:
        """Adapt the interval of this engine (an AsyncEmbeddedEngine) from now on; it must be streaming."""
        try:
            self._waits = find_waits(engine)
        except LookupError as error:
            log.warning("the polling interval stays at %d ms while idle: %s", self._busy_ms, error)

    def changed(self) -> None:
        """Shorten the interval: changes have arrived."""
        self._last_change = time.monotonic()
        self._set(self._busy_ms)

    def adapt(self) -> None:
        """Lengthen the interval if no change has arrived for some time; to be called regularly."""
        if time.monotonic() - self._last_change > IDLE_AFTER_SECONDS:
            self._set(self._idle_ms)

    def _set(self, milliseconds: int) -> None:
        if self._waits is None or milliseconds == self.milliseconds:
            return
        with self._lock:
            self._waits.set(milliseconds)
            self.milliseconds = milliseconds


def find_waits(engine: Any) -> Waits:
    """The waits of a streaming engine; LookupError names a private field that this Debezium lacks."""
    task = _value(engine, "tasks").get(0).connectTask()
    queue = _value(task, "queue")
    reader = _value(_value(task, "coordinator"), "streamingSource")
    return Waits(queue, _field(queue, "pollInterval"), reader, _field(reader, "pauseNoMessage"))


def _value(owner: Any, name: str) -> Any:
    return _field(owner, name).get(owner)


def _field(owner: Any, name: str) -> Any:
    """The field of that name in an object's class or in one above it, made accessible."""
    kind = owner.getClass()
    while kind is not None:
        for field in kind.getDeclaredFields():
            if field.getName() == name:
                field.setAccessible(True)
                return field
        kind = kind.getSuperclass()
    raise LookupError(f"{owner.getClass().getName()} has no field {name}")
