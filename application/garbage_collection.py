"""Less frequent garbage collection, for processes that end soon."""

from __future__ import annotations

import gc

THRESHOLDS = (100_000, 50, 100)
"""Per generation. With Python's own (700, 10, 10), collection is a tenth of a dbt run, which keeps most of
its objects to its end."""


def collect_rarely() -> None:
    """Collect garbage rarely in this process from now on. Reference counting is not affected.

    Not for servers: old reference cycles are hardly ever collected.
    """
    gc.set_threshold(*THRESHOLDS)
