"""What builds of a lake leave beside its tables: which was the last whole one, and the checks' results.

One file in the lake's folder, written whole or not at all. A lake without it, or with one that cannot be
read, counts as never built.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from tradewind.lakehouse.lake import Lake, write_whole
from tradewind.warehouse.model_states import WholeBuild

FILE = "builds.json"


@dataclass(frozen=True)
class Check:
    """The latest result of a check."""

    status: str
    """pass, warn, fail, error or skipped."""
    failed_row_count: int
    message: str
    """What the check says of its failure; empty if it passed."""
    checked_at: datetime
    inputs: str
    """The digest (`tables.inputs_digest`) of the tables that it has read."""


@dataclass(frozen=True)
class Record:
    """What earlier builds have left."""

    whole_build: WholeBuild | None = None
    """The last build that ran every model; None if a later one has run by other definitions."""
    checks: Mapping[str, Check] = field(default_factory=dict)
    """Name of the check -> its latest result."""


def read(lake: Lake) -> Record:
    """The record of a lake; an empty one if there is none."""
    path = lake.folder / FILE
    try:
        content = json.loads(path.read_text()) if path.exists() else {}
        return Record(_whole_build(content), {name: _check(row) for name, row in content["checks"].items()})
    except (ValueError, KeyError, TypeError):
        return Record()


def write(lake: Lake, record: Record) -> None:
    """Put this record in place of the lake's."""
    write_whole(lake.folder / FILE, json.dumps(asdict(record), default=_text, indent=1))


def _whole_build(content: Mapping[str, Any]) -> WholeBuild | None:
    found = content["whole_build"]
    return WholeBuild(found["definitions"], date.fromisoformat(found["shop_date"])) if found else None


def _check(row: Mapping[str, Any]) -> Check:
    return Check(**{**row, "checked_at": datetime.fromisoformat(row["checked_at"])})


def _text(value: date) -> str:
    return value.isoformat()
