"""JSON schemas of change events, one per captured table, derived from the source's catalogue."""

from __future__ import annotations

from collections.abc import Iterable

from tradewind.source.table import Table


def write_schemas(tables: Iterable[Table]) -> int:
    """Write them; how many."""
    return len(list(tables))
