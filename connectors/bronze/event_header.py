"""The header of a change event: operation, log position and commit time, parsed as bronze's own defaults do.

Events that are not as Debezium writes PostgreSQL's are left to the default expressions of the bronze table.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

_DIGITS = 17
_OPERATIONS = ("c", "r", "u", "d", "t")
# Ten digits of seconds, so that the text cannot be parsed as a date: from 2001 to 2286.
_TIMES = range(10**15, 10**16)


@dataclass(frozen=True)
class EventHeader:
    """The columns `bronze.HEADER_COLUMNS` of an event."""

    op: str
    place: str
    changed_at_us: int

    def columns(self) -> bytes:
        """The three columns as fields of a TabSeparatedRaw row."""
        return b"%b\t%b\t%d.%06d" % (
            self.op.encode(),
            self.place.encode(),
            *divmod(self.changed_at_us, 1_000_000),
        )


def parse_header(payload: bytes) -> EventHeader | None:
    """The header of an event's JSON; None where bronze has to compute it."""
    try:
        event = json.loads(payload)
        op, source = event["op"], event["source"]
        previous_commit, own = _sequence(source)
        lsn = max(_non_negative(source.get("lsn")), own)
        changed_at = max(_non_negative(source.get("ts_us")), _non_negative(source.get("ts_ms")) * 1000)
        phase = _phase(op, source.get("snapshot") or "false")
        is_of_mysql = bool(source.get("pos"))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    if is_of_mysql or op not in _OPERATIONS or lsn >= 10**_DIGITS or changed_at not in _TIMES:
        return None
    before = lsn if previous_commit is None else previous_commit
    return EventHeader(op, f"{before:0{_DIGITS}}{phase}{lsn:0{_DIGITS}}", changed_at)


def _sequence(source: dict[str, Any]) -> tuple[int | None, int]:
    """The end of the previous transaction, None if unknown, and the event's own position, 0 if unknown."""
    text = source.get("sequence")
    if text is None:
        return None, 0
    previous, own = json.loads(text)
    return None if previous is None else _position(previous), 0 if own is None else _position(own)


def _phase(op: str, snapshot: str) -> int:
    """0 start of a snapshot, 1 row read by a snapshot, 2 change."""
    if op == "t" and snapshot != "false":
        return 0
    return 1 if op == "r" else 2


def _position(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        raise ValueError(f"{text!r} is not a log position")
    return int(text)


def _non_negative(value: int | None) -> int:
    """A whole number, 0 for None; TypeError for anything else."""
    if value is None:
        return 0
    if type(value) is not int or value < 0:
        raise TypeError(f"{value!r} is not a non-negative whole number")
    return value
