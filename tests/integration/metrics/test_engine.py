"""MetricFlow's plans on ClickHouse, on cases small enough to work out by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client
from metricflow_semantic_interfaces.parsing.dir_to_model import (
    parse_yaml_files_to_semantic_manifest,
)
from metricflow_semantic_interfaces.parsing.objects import YamlConfigFile

from tests.fixtures.warehouse import RunningWarehouse
from tradewind.metrics import answers, questions
from tradewind.metrics.compiler import Compiler
from tradewind.metrics.engines import clickhouse
from tradewind.metrics.questions import Question

CASES = Path(__file__).with_name("levels.yaml")
DAYS = [date(2026, 1, day) for day in range(1, 8)]
TABLES = {
    "days (day Date32)": "('2026-01-01'), ('2026-01-02'), ('2026-01-03'), ('2026-01-04'), ('2026-01-05')",
    "stock_levels (level Int64, day Date32, warehouse String, pieces Int64)": (
        "(1, '2026-01-01', 'a', 10), (2, '2026-01-02', 'a', 7), (3, '2026-01-01', 'b', 5), "
        "(4, '2026-01-02', 'b', 5), (5, '2026-01-03', 'b', 4)"
    ),
    "shops (shop_id Int64, city Nullable(String))": "(1, 'Bangkok'), (2, NULL)",
    "sales (sale Int64, shop_id Int64, day Date32, amount Decimal(18, 2))": (
        "(1, 1, '2026-01-01', 1.01), (2, 1, '2026-01-02', 1.00), (3, 2, '2026-01-02', 5.00), "
        "(4, 9, '2026-01-04', 1.00)"
    ),
    "visits (visit Int64, shop_id Int64, day Date32)": (
        "(1, 1, '2026-01-01'), (2, 1, '2026-01-02'), (3, 2, '2026-01-02'), "
        "(4, 2, '2026-01-03'), (5, 2, '2026-01-03')"
    ),
}


@dataclass(frozen=True)
class Cases:
    """The tables of the cases, and what compiles questions for them."""

    client: Client
    compiler: Compiler

    def rows(self, metric: str, by: str = "", **rest: Any) -> list[tuple[Any, ...]]:
        question = Question(metric, questions.groups([by]), **rest)
        return answers.answer(self.client, self.compiler, question).rows


@pytest.fixture(scope="module")
def cases(warehouse: RunningWarehouse) -> Iterator[Cases]:
    client = warehouse.client("admin")
    client.command("create database metric_cases")
    for table, rows in TABLES.items():
        client.command(f"create table metric_cases.{table} engine = MergeTree order by tuple()")
        client.command(f"insert into metric_cases.{table.split()[0]} values {rows}")
    file = YamlConfigFile(filepath=str(CASES), contents=CASES.read_text())
    manifest = parse_yaml_files_to_semantic_manifest([file]).semantic_manifest
    text = json.dumps(manifest.dict(), default=lambda value: getattr(value, "value", None))
    yield Cases(client, Compiler(text, clickhouse()))
    client.command("drop database metric_cases")


def test_a_level_is_that_of_the_last_day_not_the_sum_of_days(cases: Cases) -> None:
    assert cases.rows("stock", "day") == [(DAYS[0], 15), (DAYS[1], 12), (DAYS[2], 4)]
    assert cases.rows("stock", "month") == [(DAYS[0], 4)]


def test_a_group_that_is_missing_on_both_sides_is_one_group(cases: Cases) -> None:
    """A shop without a city, and a sale of an unknown shop; plain equality would give two rows."""
    assert cases.rows("sales", "city") == [("Bangkok", Decimal("2.01")), (None, Decimal("6.00"))]
    assert cases.rows("sales_per_visit", "city") == [("Bangkok", Decimal("1.01")), (None, Decimal("2.00"))]


def test_money_per_count_is_rounded_half_up_from_the_exact_quotient(cases: Cases) -> None:
    """2.01 / 2 = 1.005, which as a floating-point number is a little less."""
    assert round(2.01 / 2, 2) == 1.0
    assert cases.rows("sales_per_visit", where=(questions.condition("city=Bangkok"),)) == [(Decimal("1.01"),)]


def test_a_window_reaches_back_before_the_period(cases: Cases) -> None:
    period = questions.between(DAYS[1], DAYS[2])
    assert cases.rows("sales_of_2_days", "day", period=period) == [
        (DAYS[1], Decimal("7.01")),
        (DAYS[2], Decimal("6.00")),
    ]


def test_a_median_is_interpolated(cases: Cases) -> None:
    assert cases.rows("median_sale") == [(pytest.approx(1.005),)]


def test_a_negated_filter_keeps_what_has_no_value(cases: Cases) -> None:
    only = cases.rows("sales", where=(questions.condition("city=Bangkok"),))
    rest = cases.rows("sales", where=(questions.condition("city!=Bangkok"),))
    missing = cases.rows("sales", where=(questions.condition("city="),))
    assert (only, rest, missing) == ([(Decimal("2.01"),)], [(Decimal("6.00"),)], [(Decimal("6.00"),)])


def test_a_comparison_shows_groups_of_either_period(cases: Cases) -> None:
    question = Question("sales", ("day",), period=questions.between(DAYS[3], DAYS[4]))
    found = answers.compared(cases.client, cases.compiler, question, "previous")
    assert found.columns == ("day", "sales", "previous", "change", "change_rate")
    assert found.rows == [
        (DAYS[3], Decimal("1.00"), Decimal("6.00"), Decimal("-5.00"), pytest.approx(-5 / 6))
    ]
    by_city = Question("sales", ("city",), period=questions.between(DAYS[1], DAYS[1]))
    assert answers.compared(cases.client, cases.compiler, by_city, "previous").rows == [
        ("Bangkok", Decimal("1.00"), Decimal("1.01"), Decimal("-0.01"), pytest.approx(-0.01 / 1.01)),
        (None, Decimal("5.00"), 0, Decimal("5.00"), None),
    ]
