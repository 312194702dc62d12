"""Python's search for garbage, made rarer for processes that keep most of what they load to their end.

Belongs here: how rare. Doesn't: who asks for it (dbt, Dagster's processes, the tests).
"""

from __future__ import annotations

import gc

NEW_OBJECTS, YOUNG_SEARCHES, MIDDLE_SEARCHES = 100_000, 50, 100
"""Between searches of each generation. With Python's own (700, 10, 10) they are a seventh of a dbt run."""


def collect_rarely() -> None:
    """From now on, in this process. Objects in no circle of references are freed at once, as ever."""
    gc.set_threshold(NEW_OBJECTS, YOUNG_SEARCHES, MIDDLE_SEARCHES)
