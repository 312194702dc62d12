"""The checksum of what a model was trained or scored on."""

from __future__ import annotations

import hashlib

from tradewind.ml.panel import Panel


def checksum(panel: Panel) -> str:
    """SHA-256 over days, series (in the order of their keys) and values."""
    digest = hashlib.sha256(str(panel.first_day.date()).encode())
    keys = panel.keys[["item", "place"]].astype(str)
    order = keys.sort_values(["item", "place"]).index.to_numpy()
    for item, place in keys.iloc[order].itertuples(index=False):
        digest.update(f"{item}\x00{place}\x00".encode())
    digest.update(panel.values[order].astype("<f8").tobytes())
    return digest.hexdigest()
