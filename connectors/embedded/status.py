"""What the capture is doing, for `tradewind status` and for whoever waits for it."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

State = Literal["starting", "snapshot", "streaming", "stopped", "failed"]

FILE_NAME = "status.json"
STALE_SECONDS = 10.0


@dataclass
class CaptureStatus:
    """A moment of the capture; times are seconds since 1970 (UTC).

    `last_change_at` is when the newest change in bronze was committed in the source, and `lag_seconds` how
    much later it was in bronze. A quiet source still commits a heartbeat every few seconds.
    `poll_ms` is the interval at which the source's log is read now.
    `error` is why it failed; it stays while the next attempt has not come further.
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

    @property
    def is_ready(self) -> bool:
        """Whether changes are being captured and the process still says so."""
        is_fresh = time.time() - self.updated_at < STALE_SECONDS
        return is_fresh and self.state in ("snapshot", "streaming")

    def write(self, folder: Path) -> None:
        """Replace the status file."""
        self.updated_at = time.time()
        scratch = folder / f"{FILE_NAME}.next"
        scratch.write_text(json.dumps(asdict(self), indent=2) + "\n")
        scratch.replace(folder / FILE_NAME)


def read_status(folder: Path) -> CaptureStatus | None:
    """The capture's last word in this folder (`home/capture`), or None where this version left none."""
    try:
        return CaptureStatus(**json.loads((folder / FILE_NAME).read_text()))
    except (FileNotFoundError, TypeError, ValueError):
        return None
