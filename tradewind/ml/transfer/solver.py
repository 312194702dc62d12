"""HiGHS without what it prints."""

from __future__ import annotations

import ctypes
import os
from typing import Any

STDOUT, STDERR = 1, 2


def new() -> Any:
    """A silent solver. Its constructor prints its name whatever the options say: that goes to stderr."""
    import highspy

    library = ctypes.CDLL(None)
    library.fflush(None)
    kept = os.dup(STDOUT)
    os.dup2(STDERR, STDOUT)
    try:
        solver = highspy.Highs()  # type: ignore[no-untyped-call]
        library.fflush(None)
    finally:
        os.dup2(kept, STDOUT)
        os.close(kept)
    solver.silent()
    return solver
