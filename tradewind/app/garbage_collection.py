"""Python's search for garbage, made rare for processes that end soon."""

from __future__ import annotations

import gc

NEW_OBJECTS, YOUNG_SEARCHES, MIDDLE_SEARCHES = 100_000, 50, 100
"""Between searches of each generation. With Python's own (700, 10, 10) they are a tenth of a dbt run, which
keeps most of its objects to its end."""


def collect_rarely() -> None:
    """From now on, in this process. Objects in no circle of references are freed at once, as ever.

    Not for servers: circles that were old before they fell apart are hardly ever found.
    """
    gc.set_threshold(NEW_OBJECTS, YOUNG_SEARCHES, MIDDLE_SEARCHES)
