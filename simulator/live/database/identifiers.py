"""Fresh identifiers, taken from the tables' own counters in blocks."""

from __future__ import annotations

from collections import defaultdict

from simulator.live.database.session import Session

BLOCK = 200


class Identifiers:
    """Numbers nobody else gets; what is left of a block when the run ends is never used."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._left: dict[str, list[int]] = defaultdict(list)

    def new(self, table: str) -> int:
        """A fresh identifier for a row of the table."""
        left = self._left[table]
        if not left:
            left.extend(reversed(self._session.fresh_identifiers(table, BLOCK)))
        return left.pop()
