"""What Grafana does with a panel's SQL: its macros replaced, and the answer as its kind of panel needs it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from clickhouse_connect.driver.client import Client

from dashboards.grafana.files import DASHBOARDS

MACRO = re.compile(r"\$__(\w+)(?:\((\w*)\))?")
TIME, NUMBER = re.compile("Date"), re.compile("U?Int|Float|Decimal")
UNITS = {"m": "minutes", "h": "hours", "d": "days"}

Panel = dict[str, Any]


def warehouse_panels() -> list[Panel]:
    """The panels that ask the warehouse, each with its dashboard's time in `since`."""
    return [
        panel | {"since": panel.get("timeFrom") or dashboard["time"]["from"].removeprefix("now-")}
        for dashboard in DASHBOARDS
        for panel in dashboard["panels"]
        if "clickhouse" in panel["datasource"]["type"]
    ]


def variable_queries() -> list[str]:
    """What the dashboards' variables ask."""
    return [variable["query"] for dashboard in DASHBOARDS for variable in dashboard["templating"]["list"]]


@dataclass(frozen=True)
class Period:
    """The time that a dashboard shows, in UTC."""

    start: datetime
    end: datetime

    @classmethod
    def until(cls, end: datetime, length: str) -> Period:
        """The last `length` (such as 6h) before `end`."""
        return cls(end - timedelta(**{UNITS[length[-1]]: int(length[:-1])}), end)

    def replaced(self, sql: str) -> str:
        """The statement as the plugin sends it; KeyError for a macro that no panel should use.

        One is dateFilter: it takes days for those of UTC, and so misses the shop's today.
        """
        start, end = (f"toDateTime({int(moment.timestamp())})" for moment in (self.start, self.end))
        macros: dict[str, Callable[[str], str]] = {
            "timeFilter": lambda column: f"{column} >= {start} AND {column} <= {end}",
            "fromTime": lambda _: start,
            "toTime": lambda _: end,
        }
        return MACRO.sub(lambda found: macros[found[1]](found[2] or ""), sql)


@dataclass(frozen=True)
class Answer:
    """Names and types of the columns, and the rows."""

    names: tuple[str, ...]
    types: tuple[str, ...]
    rows: list[tuple[Any, ...]]


def ask(client: Client, sql: str) -> Answer:
    """What the warehouse answers."""
    found = client.query(sql)
    types = tuple(kind.name for kind in found.column_types)
    return Answer(tuple(found.column_names), types, [tuple(row) for row in found.result_rows])


def faults(panel: Panel, answer: Answer) -> list[str]:
    """What the panel could not draw of an answer."""
    kinds = [_kind(name) for name in answer.types]
    found = [] if answer.rows else ["no row"]
    if panel["targets"][0]["queryType"] == "timeseries":
        if kinds[0] != "time" or answer.names[0] != "time":
            found.append(f"its first column is {answer.names[0]} of {answer.types[0]}, not the time")
        times = [row[0] for row in answer.rows]
        if times != sorted(times):
            found.append("its rows are not in the order of time")
    if panel["type"] in ("stat", "timeseries") and "number" not in kinds:
        found.append(f"no column is a number: {answer.types}")
    if panel["type"] == "bargauge" and kinds != ["text", "number"]:
        found.append(f"its columns are not a name and a number: {answer.types}")
    if panel["type"] == "stat" and panel["targets"][0]["queryType"] == "table":
        found += [] if len(answer.rows) == 1 else [f"{len(answer.rows)} rows instead of one"]
    return found


def _kind(type_name: str) -> str:
    inner = re.sub(r"^(?:Nullable|LowCardinality)\(", "", type_name)
    return "time" if TIME.match(inner) else "number" if NUMBER.match(inner) else "text"
