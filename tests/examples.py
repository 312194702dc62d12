"""How many examples property tests try."""

from __future__ import annotations

import os


def examples(usual: int) -> int:
    """Ten times as many in a thorough run (`TRADEWIND_THOROUGH`)."""
    return 10 * usual if os.environ.get("TRADEWIND_THOROUGH") else usual
