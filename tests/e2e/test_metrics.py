"""Metrics asked of a running stack: equal to the marts, adding up, and as a command answers them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from tests.fixtures.stack import Stack
from tradewind.metrics import answers, questions
from tradewind.metrics.compiler import Compiler
from tradewind.metrics.declarations import MartColumn, Metric
from tradewind.metrics.engines import clickhouse
from tradewind.metrics.questions import Period, Question
from tradewind.warehouse.client import connect

SPLITS = ("channel", "category", "country")
MONTHS_AFTER = {"gmv_growth_rate": -1.0}
"""A month without sales after one with sales is no row of the mart, but a loss of all."""


@dataclass(frozen=True)
class Metrics:
    """Questions to a stack as its BI user asks them."""

    stack: Stack

    @cached_property
    def client(self) -> Client:
        return connect(self.stack.urls["CLICKHOUSE_BI_URL"])

    @cached_property
    def compiler(self) -> Compiler:
        manifest = self.stack.home / "dbt" / "target" / "semantic_manifest.json"
        return Compiler(manifest.read_text(), clickhouse())

    @property
    def all(self) -> list[Metric]:
        return list(self.compiler.declarations.metrics.values())

    def values(self, metric: str, *by: str, period: Period | None = None) -> dict[tuple[Any, ...], Any]:
        """Group -> value."""
        rows = answers.answer(self.client, self.compiler, Question(metric, by, period=period)).rows
        return {row[:-1]: row[-1] for row in rows}

    def mart(self, mart: MartColumn, where: str) -> dict[tuple[Any, ...], Any]:
        """Key -> value of a mart's column, in the rows for which a condition holds."""
        columns = ", ".join([*mart.by, mart.column])
        rows = self.client.query(f"select {columns} from ads.{mart.table} where {where}").result_rows
        return {row[:-1]: row[-1] for row in rows}


@pytest.fixture(scope="module")
def metrics(stack: Stack) -> Metrics:
    return Metrics(stack)


def test_every_metric_of_a_mart_equals_it(metrics: Metrics) -> None:
    compared = 0
    for metric in (metric for metric in metrics.all if metric.mart):
        mart = metric.mart
        assert mart is not None
        expected = metrics.mart(mart, mart.where)
        others = metrics.mart(mart, f"not ({mart.where})")
        values = metrics.values(metric.name, *mart.by.values())
        found = {key: value for key, value in values.items() if key not in others}
        surplus = {key: value for key, value in found.items() if key not in expected}
        assert set(surplus.values()) <= {0, None, MONTHS_AFTER.get(metric.name)}, metric.name
        nothing = 0 if metric.is_additive else None
        assert {key: found.get(key, nothing) for key in expected} == expected, metric.name
        compared += len(expected)
    assert compared > 1000


def test_parts_of_an_additive_metric_add_up_to_the_whole(metrics: Metrics) -> None:
    sums = 0
    for metric in (metric for metric in metrics.all if metric.is_additive):
        total = metrics.values(metric.name)[()]
        known = metrics.compiler.dimensions(metric.name)
        for split in ("month", *(name for name in SPLITS if name in known)):
            parts = [value for value in metrics.values(metric.name, split).values() if value is not None]
            assert sum(parts) == (total or 0), f"{metric.name} by {split}"
            sums += bool(parts)
    assert sums > 30


def test_a_distinct_count_is_less_than_its_parts(metrics: Metrics) -> None:
    days = metrics.values("unique_buyers", "day")
    months = metrics.values("unique_buyers", "month")
    assert metrics.values("unique_buyers")[()] < sum(months.values()) < sum(days.values())


def test_running_figures_are_what_the_days_before_add_up_to(metrics: Metrics) -> None:
    period = questions.between(date(2018, 2, 1), date(2018, 3, 10))
    days = {day: value for (day,), value in metrics.values("gmv", "day").items()}

    def summed(is_in: Callable[[date, date], bool]) -> dict[tuple[date], Decimal]:
        dates = [
            period.start.fromordinal(number)
            for number in range(period.start.toordinal(), period.end.toordinal() + 1)
        ]
        return {(end,): sum((days[day] for day in days if is_in(day, end)), Decimal(0)) for end in dates}

    expected = {
        "gmv_month_to_date": summed(lambda day, end: day.replace(day=1) == end.replace(day=1) and day <= end),
        "gmv_year_to_date": summed(lambda day, end: day.year == end.year and day <= end),
        "gmv_last_7_days": summed(lambda day, end: 0 <= (end - day).days < 7),
    }
    for metric, values in expected.items():
        assert metrics.values(metric, "day", period=period) == values, metric


def test_the_demos_figures_are_those_of_the_summary_mart(metrics: Metrics) -> None:
    summary = metrics.stack.summary["kpis"]
    columns = (
        "currency",
        "order_count",
        "gmv",
        "revenue",
        "avg_order_value",
        "cancellation_rate",
        "return_rate",
    )
    [row] = metrics.client.query(f"select {', '.join(columns)} from ads.ads_kpi_summary").result_rows
    currency, orders, gmv, revenue, average, cancelled, returned = row
    assert summary["currency"] == currency and summary["orders"] == orders
    assert (summary["gmv"], summary["revenue"]) == (str(gmv), str(revenue))
    assert summary["average order value"] == str(average)
    assert summary["cancellation rate"] == f"{cancelled:.2%}"
    assert summary["return rate"] == (None if returned is None else f"{returned:.2%}")


def test_the_command_answers_in_every_format(metrics: Metrics) -> None:
    asked = ("metric", "gmv", "--by", "month", "--from", "2018-01-01", "--to", "2018-06-30")
    expected = metrics.values("gmv", "month", period=questions.between(date(2018, 1, 1), date(2018, 6, 30)))
    answer = json.loads(metrics.stack.tradewind(*asked, "--format", "json").stdout)
    assert {(date.fromisoformat(row["month"]),): Decimal(row["gmv"]) for row in answer["rows"]} == expected
    head, *rows = csv.reader(io.StringIO(metrics.stack.tradewind(*asked, "--format", "csv").stdout))
    assert head == ["month", "gmv"] and [row[1] for row in rows] == [
        str(value) for value in expected.values()
    ]
    line = metrics.stack.tradewind(*asked, "--format", "sparkline").stdout
    assert line.startswith("gmv  ") and "2018-01-01 to 2018-06-01" in line and "█" in line
    table = metrics.stack.tradewind(*asked, "--compare", "year", "--where", "country=BR").stdout
    assert "year before" in table and len(table.splitlines()) == 7


def test_the_command_refuses_with_the_reason(metrics: Metrics) -> None:
    done = metrics.stack.tradewind("metric", "order_count", "--by", "category", check=False)
    assert done.returncode == 1 and "order_count has no dimension category" in done.stderr
    done = metrics.stack.tradewind("metric", "daily_active_users", "--by", "month", check=False)
    assert done.returncode == 1 and "would be counted twice" in done.stderr


def test_metrics_are_listed_and_shown(metrics: Metrics) -> None:
    listed = json.loads(metrics.stack.tradewind("metric", "list", "--json").stdout)
    assert [metric["name"] for metric in listed] == [metric.name for metric in metrics.all]
    shown = json.loads(metrics.stack.tradewind("metric", "show", "avg_order_value", "--json").stdout)
    assert shown["tables"] == ["cdm.fact_orders"] and "channel" in shown["dimensions"]
