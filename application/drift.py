"""The comparison of the source's tables with the models, which every build makes before it begins.

The live catalogue is asked. Where it does not answer, the columns that bronze saw last stand for it.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tradewind.settings import PROJECT_ROOT, Settings
from tradewind.source.drift import Difference, compare_with_catalog, compare_with_events
from tradewind.source.naming import TableName

MARTS = "ads"
_GENERATE = "tradewind source models"


class DriftError(RuntimeError):
    """Models no longer match the source; the message names each difference, what it affects and the mend."""


@dataclass(frozen=True)
class Drift:
    """A difference between a table and its model."""

    table: str
    column: str
    change: str
    is_breaking: bool
    models: Sequence[str]
    """The models that it reaches, the table's own first."""
    marts: Sequence[str]
    mend: str
    """The commands after which the models match."""

    @property
    def text(self) -> str:
        """The difference in one line."""
        place = f"{self.table}.{self.column}" if self.column else self.table
        return f"{place}: {self.change}"


@dataclass(frozen=True)
class Report:
    """All differences."""

    drifts: Sequence[Drift]
    compared_with: str

    @property
    def notes(self) -> list[str]:
        """A line for each additive difference, and one if the catalogue was not asked."""
        lines = [
            f"{drift.text}; to take it over: {drift.mend}" for drift in self.drifts if not drift.is_breaking
        ]
        return lines if self.compared_with == "catalogue" else [self.compared_with, *lines]

    def require_none_breaking(self) -> None:
        """Raise DriftError if values would be lost, altered or stale."""
        breaking = [drift for drift in self.drifts if drift.is_breaking]
        if breaking:
            raise DriftError(
                "the source has changed, and its models would have lost, altered or stale values\n"
                + "\n".join(_described(drift) for drift in breaking)
            )


def find(settings: Settings, project: Path = PROJECT_ROOT) -> Report:
    """Compare the tables of the source with the models."""
    from tradewind.source.catalog import read_catalog
    from tradewind.source.mysql.connection import MysqlError
    from tradewind.source.owner import DatabaseUnreachable

    manifest = _manifest(settings)
    try:
        tables = read_catalog(settings.database_url)
    except (DatabaseUnreachable, MysqlError) as error:
        found = compare_with_events(_seen(settings), project)
        return Report(
            [_drift(each, manifest) for each in found],
            f"the source's catalogue cannot be read ({error}); compared with the newest events instead",
        )
    found = compare_with_catalog(tables, project, owners(settings))
    return Report([_drift(each, manifest) for each in found], "catalogue")


def owners(settings: Settings) -> dict[str, TableName]:
    """The tables that have logs in bronze, by collision key; none while the warehouse does not respond."""
    from tradewind.warehouse import captured_tables
    from tradewind.warehouse.client import WarehouseUnreachable, connect

    try:
        client = connect(settings.clickhouse_writer_url)
    except WarehouseUnreachable:
        return {}
    return captured_tables.owners(captured_tables.read(client))


def reached(manifest: Mapping[str, Any], model: str, column: str) -> list[Mapping[str, Any]]:
    """The models that a difference of a column reaches: its own, those that name it, and all behind these.

    A difference of the whole table (`column` empty) reaches all that are behind its model.
    """
    nodes: Mapping[str, Any] = manifest["nodes"]
    start = [key for key, node in nodes.items() if key.startswith("model.") and node["name"] == model]
    found = dict.fromkeys(start)
    children = [child for key in start for child in _children(manifest, key)]
    waiting = deque(child for child in children if _names(nodes[child], column))
    while waiting:
        key = waiting.popleft()
        if key not in found:
            found[key] = None
            waiting += _children(manifest, key)
    return [nodes[key] for key in found]


def _children(manifest: Mapping[str, Any], key: str) -> list[str]:
    return [child for child in manifest["child_map"].get(key, ()) if child.startswith("model.")]


def _names(node: Mapping[str, Any], column: str) -> bool:
    return not column or re.search(rf"(?<!\w){re.escape(column)}(?!\w)", node["raw_code"]) is not None


def _drift(difference: Difference, manifest: Mapping[str, Any]) -> Drift:
    nodes = reached(manifest, difference.model, difference.column) if difference.is_breaking else []
    names = [node["name"] for node in nodes if node["schema"] != MARTS]
    return Drift(
        table=difference.table,
        column=difference.column,
        change=difference.change,
        is_breaking=difference.is_breaking,
        models=names or ([difference.model] if difference.model else []),
        marts=sorted(node["name"] for node in nodes if node["schema"] == MARTS),
        mend=_mend(difference),
    )


def _mend(difference: Difference) -> str:
    if difference.is_of_type:
        return f"{_GENERATE}; tradewind build --full-refresh --select {difference.model}; tradewind build"
    return f"{_GENERATE}; tradewind build"


def _described(drift: Drift) -> str:
    return (
        f"  {drift.text}\n"
        f"    models: {_list(drift.models)}; marts: {_list(drift.marts)}\n"
        f"    to mend it: {drift.mend}"
    )


def _list(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"


def _manifest(settings: Settings) -> Mapping[str, Any]:
    path = Path(settings.exports()["DBT_TARGET_PATH"]) / "manifest.json"
    content: Mapping[str, Any] = json.loads(path.read_text()) if path.exists() else {"nodes": {}}
    return content


def _seen(settings: Settings) -> dict[TableName, Any]:
    from tradewind.warehouse.client import connect
    from tradewind.warehouse.seen_columns import read_seen_columns

    return read_seen_columns(connect(settings.clickhouse_writer_url))
