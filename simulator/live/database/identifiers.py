"""New identifiers, taken from the tables' own counters in blocks."""

from __future__ import annotations

from collections import defaultdict

from simulator.live.database.session import Session

BLOCK = 200


class Identifiers:
    """Unique identifiers; those of a block that are not used by the end of the run are skipped."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._blocks: dict[str, list[int]] = defaultdict(list)

    def new(self, table: str) -> int:
        """A new identifier for a row of the table."""
        block = self._blocks[table]
        if not block:
            block.extend(reversed(self._session.new_identifiers(table, BLOCK)))
        return block.pop()
