"""What bronze would read out of an event, read here: its operation, place in the log and time of commit.

Where an event is not as Debezium writes PostgreSQL's, there is no reading: bronze's own expressions stand.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

_DIGITS = 17
_OPERATIONS = ("c", "r", "u", "d", "t")
# Ten digits of seconds, so that nobody takes them for a date: from 2001 to 2286.
_TIMES = range(10**15, 10**16)


@dataclass(frozen=True)
class Reading:
    """The columns `bronze.READ_COLUMNS` of an event."""

    op: str
    place: str
    changed_at_us: int

    def columns(self) -> bytes:
        """The three as fields of a TabSeparatedRaw row."""
        return b"%b\t%b\t%d.%06d" % (
            self.op.encode(),
            self.place.encode(),
            *divmod(self.changed_at_us, 1_000_000),
        )


def read(payload: bytes) -> Reading | None:
    """The reading of an event's JSON; None where it has to be left to bronze."""
    try:
        event = json.loads(payload)
        op, source = event["op"], event["source"]
        previous, own = _sequence(source)
        lsn = max(_number(source.get("lsn")), own)
        changed_at = max(_number(source.get("ts_us")), _number(source.get("ts_ms")) * 1000)
        phase = _phase(op, source.get("snapshot") or "false")
        is_of_mysql = bool(source.get("pos"))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    if is_of_mysql or op not in _OPERATIONS or lsn >= 10**_DIGITS or changed_at not in _TIMES:
        return None
    before = lsn if previous is None else previous
    return Reading(op, f"{before:0{_DIGITS}}{phase}{lsn:0{_DIGITS}}", changed_at)


def _sequence(source: dict[str, Any]) -> tuple[int | None, int]:
    """The end of the transaction before, if it is known, and the event's own place, or 0."""
    text = source.get("sequence")
    if text is None:
        return None, 0
    previous, own = json.loads(text)
    return None if previous is None else _digits(previous), 0 if own is None else _digits(own)


def _phase(op: str, snapshot: str) -> int:
    """0 a snapshot begins, 1 a row read by a snapshot, 2 a change."""
    if op == "t" and snapshot != "false":
        return 0
    return 1 if op == "r" else 2


def _digits(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        raise ValueError(f"{text!r} is no place in a log")
    return int(text)


def _number(value: int | None) -> int:
    """A whole number that is not negative; 0 where there is none."""
    if value is None:
        return 0
    if type(value) is not int or value < 0:
        raise TypeError(f"{value!r} is no such number")
    return value
