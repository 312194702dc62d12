"""The comparison of the source's tables with the models, with which every build begins."""

from __future__ import annotations

import dagster as dg

from application import drift
from tradewind.settings import load_settings


def note_source_differences(context: dg.AssetExecutionContext) -> list[str]:
    """A line for each difference that loses nothing, logged as well; DriftError for the others."""
    found = drift.find(load_settings())
    for note in found.notes:
        context.log.warning(note)
    found.require_none_breaking()
    return found.notes
