"""The two outputs of a command: its result on stdout, progress and errors on stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

WIDTH = None if sys.stdout.isatty() else 200
"""Output to a file or a pipe need not fit a screen."""

OUT = Console(soft_wrap=True, highlight=False, emoji=False, width=WIDTH)
ERRORS = Console(stderr=True, soft_wrap=True, highlight=False, emoji=False)


def write(text: str) -> None:
    """Write text for programs, without styling or wrapping."""
    sys.stdout.write(text if text.endswith("\n") else f"{text}\n")
    sys.stdout.flush()


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], title: str | None = None) -> Table:
    """A plain table; columns of numbers are right-aligned. No cell is read as markup."""
    drawn = Table(title=title, title_justify="left", box=None, header_style="bold")
    for name in columns:
        drawn.add_column(Text(name))
    kept = [list(row) for row in rows]
    for index, column in enumerate(drawn.columns):
        if kept and all(isinstance(row[index], int | float) for row in kept):
            column.justify = "right"
    for row in kept:
        drawn.add_row(*(_cell(value) for value in row))
    return drawn


def _cell(value: object) -> Text:
    return value if isinstance(value, Text) else Text("" if value is None else str(value))


def outcomes(counts: Mapping[str, int]) -> str:
    """`3 error, 40 success`."""
    return ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items())) or "none"


def sparkline(values: Sequence[float]) -> str:
    """One bar per value, the highest at full height: ` ▁▂▃▄▅▆▇█`."""
    bars = " ▁▂▃▄▅▆▇█"
    highest = max(values, default=0)
    return "".join(bars[round(value / highest * (len(bars) - 1)) if highest else 0] for value in values)
