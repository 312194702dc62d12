"""The checksum of what a model was trained or scored on."""

from __future__ import annotations

import hashlib

import pandas as pd

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


def table_checksum(table: pd.DataFrame) -> str:
    """SHA-256 over the names of columns and the rows, in any order of rows."""
    digest = hashlib.sha256("\x00".join(table.columns).encode())
    hashed = pd.util.hash_pandas_object(table, index=False).to_numpy()
    hashed.sort()
    digest.update(hashed.astype("<u8").tobytes())
    return digest.hexdigest()
