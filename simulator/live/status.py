"""The status of a run, written to a file that `tradewind status` reads."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import psutil

State = Literal["waiting", "running", "finished", "failed"]

FILE_NAME = "status.json"
STALE_SECONDS = 15.0
LAG_LIMIT_SECONDS = 30.0
"""A run that is further behind its schedule is reported as unhealthy."""


@dataclass
class Status:
    """A snapshot of a run. Lags are seconds behind schedule; `events_per_second` is over the whole run."""

    state: State
    pid: int
    scenario: str = ""
    target_events_per_second: float = 0.0
    elapsed_seconds: float = 0.0
    scheduled_seconds: float = 0.0
    events: int = 0
    orders: int = 0
    attack_orders: int = 0
    refused_orders: int = 0
    new_users: int = 0
    transactions: int = 0
    lag_seconds: float = 0.0
    max_lag_seconds: float = 0.0
    order_lag_seconds: float = 0.0
    """From the decision to the commit, the slowest since the last report."""
    max_order_lag_seconds: float = 0.0
    seconds_between_clicks: float = 0.0
    """Of one visitor; less than the stated mean with too few people for the rate."""
    updated_at: float = 0.0
    error: str | None = None

    @property
    def events_per_second(self) -> float:
        """The rate reached."""
        return self.events / self.elapsed_seconds if self.elapsed_seconds else 0.0

    @property
    def keeps_up(self) -> bool:
        """Whether the run is on schedule."""
        return self.lag_seconds <= max(1.0, 0.05 * self.scheduled_seconds)

    def write(self, folder: Path) -> None:
        """Replace the status file."""
        self.updated_at = time.time()
        scratch = folder / f"{FILE_NAME}.next"
        scratch.write_text(json.dumps(asdict(self), indent=2) + "\n")
        scratch.replace(folder / FILE_NAME)

    def as_json(self) -> dict[str, object]:
        """The status as JSON values."""
        return {
            **asdict(self),
            "events_per_second": round(self.events_per_second, 1),
            "keeps_up": self.keeps_up,
        }


def read_status(folder: Path) -> Status | None:
    """The last status written to this folder; None if there is none of this version."""
    try:
        return Status(**json.loads((folder / FILE_NAME).read_text()))
    except (FileNotFoundError, TypeError):
        return None


def problem(status: Status | None) -> str | None:
    """The problem of a supervised simulator; None if it works."""
    is_fresh = status is not None and time.time() - status.updated_at < STALE_SECONDS
    if status is None or not is_fresh or not psutil.pid_exists(status.pid):
        return "it has not written its status yet"
    if status.state == "failed":
        return status.error or "it has failed"
    if status.lag_seconds > LAG_LIMIT_SECONDS:
        return (
            f"{status.lag_seconds:.0f} s behind its schedule: it reaches {status.events_per_second:.0f} of "
            f"{status.target_events_per_second:g} events/s"
        )
    return None
