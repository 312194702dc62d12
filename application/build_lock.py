"""One build at a time: whoever changes the warehouse's models holds the home's lock."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tradewind.settings import home_folder


@contextmanager
def build_lock(on_wait: Callable[[], object] = lambda: None) -> Iterator[None]:
    """Wait for another process's build to end; the operating system frees the lock of one that dies."""
    with (home_folder() / "dbt" / "build.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            on_wait()
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
