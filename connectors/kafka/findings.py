"""What a look at a source finds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """Something about the source that is not as it should be, and the statement or command that mends it."""

    is_error: bool
    """Whether nothing can be captured until it is mended; otherwise it is a risk."""
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.what}; to mend it: {self.remedy}"
