"""The kinds of panels that the dashboards use, each with its queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboards.grafana.dashboard import PROMETHEUS, WAREHOUSE, DataSource, Json

TIME_SERIES, TABLE = 0, 1
"""The ClickHouse plugin's numbers for what a query gives."""


@dataclass(frozen=True)
class Query:
    """What a panel asks, of one data source."""

    source: DataSource
    fields: Json


def sql(text: str, is_time_series: bool = False) -> list[Query]:
    """A query of the warehouse; a time series has its time in the first column."""
    fields = {
        "editorType": "sql",
        "queryType": "timeseries" if is_time_series else "table",
        "format": TIME_SERIES if is_time_series else TABLE,
        "rawSql": text,
    }
    return [Query(WAREHOUSE, fields)]


def promql(expression: str, legend: str = "", is_instant: bool = False) -> Query:
    """A query of Prometheus: over the dashboard's time, or its last moment; `legend` names series."""
    fields = {
        "editorMode": "code",
        "expr": expression,
        "legendFormat": legend,
        "instant": is_instant,
        "range": not is_instant,
        "format": "table" if is_instant else "time_series",
    }
    return Query(PROMETHEUS, fields)


@dataclass(frozen=True)
class Scale:
    """How values are written and coloured."""

    unit: str = "short"
    decimals: int | None = None
    steps: Sequence[tuple[str, float | None]] = (("green", None),)
    """(colour, from which value on); the first has none."""
    minimum: float | None = None
    maximum: float | None = None
    texts: Sequence[tuple[str, str, str]] = ()
    """(value, text, colour) of values that are shown as words."""

    def defaults(self) -> Json:
        """The part of a panel's `fieldConfig.defaults` for it."""
        found: Json = {
            "unit": self.unit,
            "thresholds": {
                "mode": "absolute",
                "steps": [{"color": color, "value": value} for color, value in self.steps],
            },
            "color": {"mode": "thresholds" if len(self.steps) > 1 else "palette-classic"},
            "mappings": [
                {"type": "value", "options": {value: {"text": text, "color": color, "index": index}}}
                for index, (value, text, color) in enumerate(self.texts)
            ],
        }
        optional = {"decimals": self.decimals, "min": self.minimum, "max": self.maximum}
        return found | {name: value for name, value in optional.items() if value is not None}


def stat(
    title: str, description: str, queries: Sequence[Query], scale: Scale, since: str | None = None
) -> Json:
    """One number per series or column, the last one, over a line of those before."""
    options = {
        "colorMode": "value",
        "graphMode": "area",
        "justifyMode": "auto",
        "orientation": "auto",
        "percentChangeColorMode": "standard",
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "showPercentChange": False,
        "textMode": "auto",
        "wideLayout": True,
    }
    return _panel("stat", title, description, queries, scale, options, {}, since)


def lines(
    title: str,
    description: str,
    queries: Sequence[Query],
    scale: Scale,
    style: str = "line",
    is_stacked: bool = False,
) -> Json:
    """Series over time, as lines or bars."""
    options = {
        "legend": {"calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": True},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }
    custom = {
        "drawStyle": style,
        "fillOpacity": 60 if style == "bars" else 10,
        "lineWidth": 1,
        "showPoints": "never" if style == "bars" else "auto",
        "spanNulls": False,
        "stacking": {"group": "A", "mode": "normal" if is_stacked else "none"},
    }
    return _panel("timeseries", title, description, queries, scale, options, custom)


def bars(
    title: str, description: str, queries: Sequence[Query], scale: Scale, since: str | None = None
) -> Json:
    """One horizontal bar per row: its first column names it, its second is its length."""
    options = {
        "displayMode": "gradient",
        "legend": {"calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": False},
        "maxVizHeight": 300,
        "minVizHeight": 16,
        "minVizWidth": 8,
        "namePlacement": "auto",
        "orientation": "horizontal",
        "reduceOptions": {"calcs": [], "fields": "", "values": True},
        "showUnfilled": True,
        "sizing": "auto",
        "valueMode": "color",
    }
    return _panel("bargauge", title, description, queries, scale, options, {}, since)


def table(
    title: str, description: str, queries: Sequence[Query], scale: Scale, hidden: Sequence[str] = ()
) -> Json:
    """The rows as they come, without the `hidden` columns."""
    options = {"cellHeight": "sm", "frameIndex": 0, "showHeader": True}
    custom = {"align": "auto", "cellOptions": {"type": "auto"}, "inspect": False}
    panel = _panel("table", title, description, queries, scale, options, custom)
    if hidden:
        excluded = dict.fromkeys(hidden, True)
        panel["transformations"] = [{"id": "organize", "options": {"excludeByName": excluded}}]
    return panel


def currency_variable() -> Json:
    """`$currency`: what amounts are in."""
    return {
        "name": "currency",
        "label": "Currency",
        "type": "query",
        "datasource": WAREHOUSE.reference,
        "query": "select max(currency) as currency from ads.ads_kpi_summary",
        "refresh": 1,
        "hide": 2,
    }


def _panel(
    kind: str,
    title: str,
    description: str,
    queries: Sequence[Query],
    scale: Scale,
    options: Json,
    custom: Json,
    since: str | None = None,
) -> Json:
    [source] = {query.source for query in queries}
    targets: list[Any] = [
        {"refId": chr(ord("A") + number), "datasource": source.reference, **query.fields}
        for number, query in enumerate(queries)
    ]
    panel: Json = {
        "type": kind,
        "title": title,
        "description": description,
        "datasource": source.reference,
        "targets": targets,
        "fieldConfig": {"defaults": scale.defaults() | {"custom": custom}, "overrides": []},
        "options": options,
    }
    return panel | ({"timeFrom": since} if since else {})
