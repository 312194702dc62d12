"""What the landing is doing, for `tradewind status` and for whoever waits for it."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

FILE_NAME = "status.json"
STALE_SECONDS = 30.0


@dataclass
class LandingStatus:
    """A moment of the landing; `updated_at` is in seconds since 1970 (UTC)."""

    pid: int
    updated_at: float = 0.0
    tables: int = 0
    records: int = 0
    """Records of the topics that are in the change logs, by the consumer group's offsets."""
    lag_records: int | None = None
    """Records in the topics that are not yet in the change logs."""
    forwarded: int = 0
    """Dead letters since this process started."""
    refused: dict[str, str] = field(default_factory=dict)
    """Table or column of the source -> why it is not captured."""
    lacking: dict[str, str] = field(default_factory=dict)
    """Table -> why bronze has not all of its rows; a new snapshot reads them."""
    warning: str | None = None
    """What it goes on without, such as the source's catalogue."""
    error: str | None = None
    """Why it failed; it stays until the next attempt has come further."""

    @property
    def is_ready(self) -> bool:
        """Whether it works, and has said so recently."""
        return self.error is None and time.time() - self.updated_at < STALE_SECONDS

    def write(self, folder: Path) -> None:
        """Replace the status file."""
        self.updated_at = time.time()
        scratch = folder / f"{FILE_NAME}.next"
        scratch.write_text(json.dumps(asdict(self), indent=2) + "\n")
        scratch.replace(folder / FILE_NAME)


def read_status(folder: Path) -> LandingStatus | None:
    """The last status in this folder, or None."""
    try:
        return LandingStatus(**json.loads((folder / FILE_NAME).read_text()))
    except (FileNotFoundError, TypeError, ValueError):
        return None
