"""An answer of `tradewind metric` as a table, CSV, JSON or a sparkline."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import typer

from application.cli.console import OUT, sparkline, table, write

if TYPE_CHECKING:
    from tradewind.metrics.answers import Answer

Rows = Sequence[tuple[Any, ...]]


class Format(StrEnum):
    """How an answer is written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    SPARKLINE = "sparkline"


def write_answer(found: Answer, rows: Rows, output: Format) -> None:
    """Write these rows of the answer."""
    match output:
        case Format.CSV:
            text = io.StringIO()
            csv.writer(text, lineterminator="\n").writerows([found.columns, *rows])
            write(text.getvalue())
        case Format.JSON:
            write(json.dumps(_as_json(found, rows), indent=2))
        case Format.SPARKLINE:
            write(_as_sparkline(found, rows))
        case Format.TABLE:
            shown = [tuple(map(_shown(found), found.columns, row)) for row in rows]
            OUT.print(table(found.columns, shown))


def _as_json(found: Answer, rows: Rows) -> dict[str, Any]:
    """Money as text, so that it stays exact."""
    period = found.question.period
    return {
        "metric": found.metric.name,
        "unit": found.metric.unit,
        "from": period and str(period.start),
        "to": period and str(period.end),
        "rows": [
            {name: _plain(value) for name, value in zip(found.columns, row, strict=True)} for row in rows
        ],
    }


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal | date) else value


def _as_sparkline(found: Answer, rows: Rows) -> str:
    """One line: the bars, from when to when, and the last value."""
    if len(found.question.by) != 1 or found.question.time is None:
        raise typer.BadParameter("a sparkline needs --by with a period alone, such as --by day")
    known = [(row[0], row[1]) for row in rows if row[1] is not None]
    if not known:
        return f"{found.metric.name}: no values"
    bars = sparkline([max(float(value), 0) for _, value in known])
    last = _shown(found)(found.metric.name, known[-1][1])
    return f"{found.metric.name}  {bars}  {known[0][0]} to {known[-1][0]}, last {last}"


def _shown(found: Answer) -> Any:
    """How a value of a column is shown to people."""
    values = found.columns[len(found.question.by) :]

    def shown(column: str, value: Any) -> Any:
        if value is None:
            return "-" if column in values else "(none)"
        if column == "change_rate" or (column in values and found.metric.unit == "rate"):
            return f"{value:.2%}"
        return f"{value:,.2f}" if isinstance(value, Decimal | float) else value

    return shown
