"""Reading the services' logs."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path

POLL_SECONDS = 0.2


def path(home: Path, service: str) -> Path:
    """The log of one service."""
    return home / "logs" / f"{service}.log"


def last_lines(log: Path, count: int) -> list[str]:
    """The log's last lines; none if there is no log yet."""
    if not log.exists():
        return []
    with log.open(errors="replace") as file:
        return [line.rstrip("\n") for line in deque(file, count)]


def follow(logs: list[Path]) -> Iterator[tuple[Path, str]]:
    """Lines written from now on, for ever; a log that is rotated or appears later is read from its start."""
    return _follow(logs, {log: log.stat().st_size for log in logs if log.exists()})


def _follow(logs: list[Path], offsets: dict[Path, int]) -> Iterator[tuple[Path, str]]:
    while True:
        is_idle = True
        for log in logs:
            for line in _new_lines(log, offsets):
                is_idle = False
                yield log, line
        if is_idle:
            time.sleep(POLL_SECONDS)


def _new_lines(log: Path, offsets: dict[Path, int]) -> list[str]:
    if not log.exists():
        return []
    offset = offsets.get(log, 0)
    with log.open("rb") as file:
        if log.stat().st_size < offset:
            offset = 0
        file.seek(offset)
        whole, newline, _ = file.read().rpartition(b"\n")
    offsets[log] = offset + len(whole) + len(newline)
    return whole.decode(errors="replace").split("\n") if newline else []
