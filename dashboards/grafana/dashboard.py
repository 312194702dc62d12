"""A dashboard: its panels in rows of a grid of 24 columns, its data source, its refresh and its variables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

COLUMNS = 24
REFRESH = "10s"
SCHEMA_VERSION = 42
"""Of Grafana 12.3."""


@dataclass(frozen=True)
class DataSource:
    """A data source as deploy/grafana/datasources declares it."""

    type: str
    uid: str

    @property
    def reference(self) -> Json:
        """How panels, queries and variables name it."""
        return {"type": self.type, "uid": self.uid}


WAREHOUSE = DataSource("grafana-clickhouse-datasource", "tradewind-warehouse")
PROMETHEUS = DataSource("prometheus", "tradewind-prometheus")


@dataclass(frozen=True)
class Row:
    """Panels side by side, which share the width."""

    height: int
    panels: Sequence[Json]


def dashboard(
    uid: str,
    title: str,
    description: str,
    rows: Iterable[Row],
    since: str,
    variables: Sequence[Json] = (),
) -> Json:
    """A dashboard that shows the time from `since` (such as now-6h) until now."""
    return {
        "uid": uid,
        "title": title,
        "description": description,
        "tags": ["tradewind"],
        "editable": False,
        "graphTooltip": 1,
        "refresh": REFRESH,
        "time": {"from": since, "to": "now"},
        "timezone": "browser",
        "schemaVersion": SCHEMA_VERSION,
        "templating": {"list": list(variables)},
        "panels": list(_placed(rows)),
    }


def _placed(rows: Iterable[Row]) -> Iterable[Json]:
    """The panels with their numbers and places."""
    top, number = 0, 0
    for row in rows:
        width = COLUMNS // len(row.panels)
        for column, panel in enumerate(row.panels):
            number += 1
            place = {"h": row.height, "w": width, "x": column * width, "y": top}
            yield {"id": number, **panel, "gridPos": place}
        top += row.height
