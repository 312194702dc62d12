"""What Iceberg's metadata says of the lake's tables, read from their folders without a Spark.

Each commit to a table of a `hadoop` catalog is a file `metadata/v<number>.metadata.json`, which appears as a
whole; the greatest number is the table as it is. It names the snapshot of the rows, and the properties that
dbt sets when a run has finished the table (macros/model_state.sql).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

METADATA = re.compile(r"v(\d+)\.metadata\.json")
INPUTS = "tradewind.inputs"
NO_SNAPSHOT = "none"
"""As Spark names the snapshot of a table that never had a row."""


@dataclass(frozen=True)
class TableState:
    """The rows of a table, and those that it was made from."""

    snapshot: str
    """Identifies the table's rows; a commit of rows gives it another one."""
    inputs: str
    """The digest (`inputs_digest`) of what the last finished run of the table has read; empty if none did."""


def table_states(warehouse: Path) -> dict[str, TableState]:
    """Table with its database -> its state; without tables whose metadata cannot be read."""
    states = {}
    for folder in warehouse.glob("*/*/metadata"):
        if state := _state(folder):
            states[f"{folder.parent.parent.name}.{folder.parent.name}"] = state
    return states


def inputs_digest(tables: Iterable[str], states: Mapping[str, TableState]) -> str:
    """The digest of these tables' snapshots, as dbt has it (its macro); empty if one is not known."""
    names = list(tables)
    if not states.keys() >= set(names):
        return ""
    text = "\n".join(f"{name} {states[name].snapshot}" for name in names)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _state(folder: Path) -> TableState | None:
    numbered = [
        (int(match[1]), path) for path in folder.iterdir() if (match := METADATA.fullmatch(path.name))
    ]
    if not numbered:
        return None
    try:
        content = json.loads(max(numbered)[1].read_text())
    except ValueError:
        return None
    snapshot = content.get("current-snapshot-id")
    return TableState(
        snapshot=NO_SNAPSHOT if snapshot in (None, -1) else str(snapshot),
        inputs=content.get("properties", {}).get(INPUTS, ""),
    )
