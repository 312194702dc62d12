"""MetricFlow's plans on ClickHouse, on cases worked out by hand; on Spark: `lakehouse/test_metrics`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import pytest
from clickhouse_connect.driver.client import Client

from tests.fixtures.warehouse import RunningWarehouse
from tests.integration.metrics.cases import ANSWERS, DATABASE, DAYS, TABLES, asked, literals, manifest
from tradewind.metrics import answers, questions
from tradewind.metrics.compiler import Compiler
from tradewind.metrics.engines import clickhouse


@dataclass(frozen=True)
class Cases:
    """The tables of the cases, and what compiles questions for them."""

    client: Client
    compiler: Compiler


@pytest.fixture(scope="module")
def cases(warehouse: RunningWarehouse) -> Iterator[Cases]:
    client = warehouse.client("admin", data_type_default_nullable=1)
    client.command(f"create database {DATABASE}")
    for name, (columns, rows) in TABLES.items():
        client.command(f"create table {DATABASE}.{name} ({columns}) engine = MergeTree order by tuple()")
        client.command(f"insert into {DATABASE}.{name} values {literals(rows)}")
    yield Cases(client, Compiler(manifest(), clickhouse()))
    client.command(f"drop database {DATABASE}")


@pytest.mark.parametrize("case", ANSWERS)
def test_the_answer_is_the_one_worked_out_by_hand(cases: Cases, case: str) -> None:
    question, expected = ANSWERS[case]
    assert answers.answer(cases.client, cases.compiler, question).rows == expected


def test_half_a_cent_is_more_than_its_floating_point_number() -> None:
    """What the case of 2.01 / 2 is about."""
    assert round(2.01 / 2, 2) == 1.0


def test_a_comparison_shows_groups_of_either_period(cases: Cases) -> None:
    question = asked("sales", "day", period=questions.between(DAYS[3], DAYS[4]))
    found = answers.compared(cases.client, cases.compiler, question, "previous")
    assert found.columns == ("day", "sales", "previous", "change", "change_rate")
    assert found.rows == [
        (DAYS[3], Decimal("1.00"), Decimal("6.00"), Decimal("-5.00"), pytest.approx(-5 / 6)),
    ]
    by_city = asked("sales", "city", period=questions.between(DAYS[1], DAYS[1]))
    assert answers.compared(cases.client, cases.compiler, by_city, "previous").rows == [
        ("Bangkok", Decimal("1.00"), Decimal("1.01"), Decimal("-0.01"), pytest.approx(-0.01 / 1.01)),
        (None, Decimal("5.00"), 0, Decimal("5.00"), None),
    ]


@pytest.mark.parametrize(
    ("by", "last", "comparison", "message"),
    [
        ("week", "30d", "previous", "ask for whole ones, such as --last 3w"),
        ("month", "30d", "previous", "ask for whole ones, such as --last 3m"),
        ("week", "4w", "year", "weeks do not begin on the same days"),
        ("quarter", "4m", "previous", "needs a period of whole quarters, such as --last 6m"),
    ],
)
def test_periods_that_do_not_line_up_are_refused(
    cases: Cases, by: str, last: str, comparison: str, message: str
) -> None:
    question = asked("sales", by, period=questions.last(last, DAYS[4]))
    with pytest.raises(ValueError, match=message):
        answers.compared(cases.client, cases.compiler, question, comparison)


def test_a_comparison_needs_a_period(cases: Cases) -> None:
    with pytest.raises(ValueError, match="--compare needs a period"):
        answers.compared(cases.client, cases.compiler, asked("sales"), "previous")
