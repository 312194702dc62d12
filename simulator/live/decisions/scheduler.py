"""The run's clock and its queue of scheduled actions."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from datetime import datetime, timedelta

Action = Callable[[], None]


class Scheduler:
    """Actions by time, in seconds since `start`; those of equal time run in the order of scheduling."""

    def __init__(self, start: datetime) -> None:
        self.start = start
        self.now = 0.0
        self._queue: list[tuple[float, int, Action]] = []
        self._anonymous_count = itertools.count()

    @property
    def instant(self) -> datetime:
        """The current time as a datetime."""
        return self.start + timedelta(seconds=self.now)

    def instant_at(self, seconds: float) -> datetime:
        """A time of the run as a datetime."""
        return self.start + timedelta(seconds=seconds)

    def after(self, seconds: float, action: Action) -> None:
        """Schedule an action this many seconds from now; at once for 0 or less."""
        due = self.now + max(0.0, seconds)
        heapq.heappush(self._queue, (due, next(self._anonymous_count), action))

    def advance(self, until: float) -> None:
        """Run all actions due before `until`, which becomes the current time."""
        while self._queue and self._queue[0][0] < until:
            due, _, action = heapq.heappop(self._queue)
            self.now = max(self.now, due)
            action()
        self.now = max(self.now, until)
