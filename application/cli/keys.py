"""Single key presses from the terminal, without waiting for Enter."""

from __future__ import annotations

import select
import sys
import termios
import time
import tty
from typing import Any


class Keys:
    """While it is entered, keys are read one by one; the terminal is as it was afterwards."""

    def __enter__(self) -> Keys:
        self._before: list[Any] | None = None
        if sys.stdin.isatty():
            self._before = termios.tcgetattr(sys.stdin)
            tty.setcbreak(sys.stdin)
        return self

    def __exit__(self, *error: object) -> None:
        if self._before is not None:
            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, self._before)

    def next(self, seconds: float) -> str:
        """The next key within so many seconds; empty if there is none. Without a terminal there never is."""
        if self._before is None:
            time.sleep(seconds)
            return ""
        ready, _, _ = select.select([sys.stdin], [], [], seconds)
        return sys.stdin.read(1) if ready else ""
