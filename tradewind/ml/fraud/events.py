"""Sums over what happened to a group (an account, a device, a card) in the time before a moment."""

from __future__ import annotations

import numpy as np

from tradewind.ml.fraud.cards import DAY
from tradewind.ml.panel import Floats, Ints

UNKNOWN = -1
"""Group of what has none, such as an order that was not paid by card: nothing is summed for it."""


class Events:
    """Events of groups at seconds, which are 0 or more."""

    def __init__(self, group: Ints, second: Ints, span: int) -> None:
        """span: more than any second that is asked for."""
        self._order = np.lexsort((second, group))
        self._key = group[self._order] * span + second[self._order]
        self._span = span
        self.group, self.second = group[self._order], second[self._order]

    def sums(self, group: Ints, second: Ints, days: float, values: Ints | None = None) -> Ints:
        """Per question, the sum of the group's values (of 1, unless given) in the `days` until the second.

        Values are whole numbers: their sums do not depend on the events of other groups.
        """
        first = self._until(group, np.maximum(second - round(days * DAY), -1))
        last = self._until(group, second)
        if values is None:
            return np.where(group == UNKNOWN, 0, last - first)
        running = np.concatenate([[0], np.cumsum(values[self._order])])
        return np.where(group == UNKNOWN, 0, running[last] - running[first])

    def ages(self, group: Ints, second: Ints) -> tuple[Floats, Floats]:
        """Per question, the days since the group's first event and since its last; NaN without one."""
        begins = np.searchsorted(self._key, group * self._span - 1, "right")
        last = self._until(group, second) - 1
        known = (last >= begins) & (group != UNKNOWN)
        found = []
        for at in (begins, last):
            moment = self.second[np.clip(at, 0, max(len(self.second) - 1, 0))] if len(self.second) else 0
            found.append(np.where(known, (second - moment) / DAY, np.nan))
        return found[0], found[1]

    def switches(self, other: Ints) -> Ints:
        """Per event, 1 where the group had another `other` at its event before."""
        ordered = other[self._order]
        changed = np.zeros(len(ordered), dtype=np.int64)
        changed[1:] = (self.group[1:] == self.group[:-1]) & (ordered[1:] != ordered[:-1])
        found = np.empty_like(changed)
        found[self._order] = changed
        return found

    def _until(self, group: Ints, second: Ints) -> Ints:
        found: Ints = np.searchsorted(self._key, group * self._span + second, "right")
        return found
