"""What happens when: the run's clock and everything that is still to come."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from datetime import datetime, timedelta

Action = Callable[[], None]


class Timeline:
    """Actions in order of their time, in seconds since `start`; equal times keep the order of their entry."""

    def __init__(self, start: datetime) -> None:
        self.start = start
        self.now = 0.0
        self._coming: list[tuple[float, int, Action]] = []
        self._numbers = itertools.count()

    @property
    def instant(self) -> datetime:
        """The current time of the run."""
        return self.start + timedelta(seconds=self.now)

    def instant_at(self, seconds: float) -> datetime:
        """A time of the run as a date."""
        return self.start + timedelta(seconds=seconds)

    def after(self, seconds: float, action: Action) -> None:
        """Let something happen this much later; at once for 0 or less."""
        due = self.now + max(0.0, seconds)
        heapq.heappush(self._coming, (due, next(self._numbers), action))

    def go_on(self, until: float) -> None:
        """Let everything happen that is due before `until`, which then is now."""
        while self._coming and self._coming[0][0] < until:
            due, _, action = heapq.heappop(self._coming)
            self.now = max(self.now, due)
            action()
        self.now = max(self.now, until)
