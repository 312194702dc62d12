"""The status file of the capture, read by `tradewind status` and by tests."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

State = Literal["starting", "snapshot", "streaming", "reconnecting", "stopped", "failed"]

FILE_NAME = "status.json"
STALE_SECONDS = 10.0


@dataclass
class CaptureStatus:
    """The status of the capture; times are seconds since 1970 (UTC).

    `last_change_at` is the commit time of the newest change in bronze, and `lag_seconds` the time from that
    commit to bronze. A quiet source still commits a heartbeat every few seconds. `poll_ms` is the interval at
    which the source's log is read now. `error` is the reason of the last failure, until a later attempt takes
    a snapshot or streams. `refused` are tables and columns that are not captured, with the reasons;
    `rereading` are tables that are being read again.
    """

    state: State
    pid: int
    started_at: float
    updated_at: float = 0.0
    rows_written: int = 0
    last_change_at: float | None = None
    lag_seconds: float | None = None
    poll_ms: int | None = None
    error: str | None = None
    refused: dict[str, str] = field(default_factory=dict)
    rereading: list[str] = field(default_factory=list)

    @property
    def is_ready(self) -> bool:
        """Whether the capture takes a snapshot or streams, and its status is recent.

        It reconnects, for a second or two, when tables have changed.
        """
        is_fresh = time.time() - self.updated_at < STALE_SECONDS
        return is_fresh and self.state in ("snapshot", "streaming", "reconnecting")

    def write(self, folder: Path) -> None:
        """Replace the status file."""
        self.updated_at = time.time()
        scratch = folder / f"{FILE_NAME}.next"
        scratch.write_text(json.dumps(asdict(self), indent=2) + "\n")
        scratch.replace(folder / FILE_NAME)


def read_status(folder: Path) -> CaptureStatus | None:
    """The last status in this folder (`home/capture`), or None if there is none of this version."""
    try:
        return CaptureStatus(**json.loads((folder / FILE_NAME).read_text()))
    except (FileNotFoundError, TypeError, ValueError):
        return None
