"""The same questions on Spark: the answers worked out by hand, from tables that keep deleted rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.integration.metrics.cases import ANSWERS, DATABASE, TABLES, literals, manifest
from tradewind.lakehouse.lake import Lake
from tradewind.metrics import answers
from tradewind.metrics.compiler import Compiler
from tradewind.metrics.engines import spark as spark_engine

pytestmark = pytest.mark.timeout(900)

DELETED = f"insert into {DATABASE}.sales values (5, 1, date '2026-01-01', 99.00, 1)"


@dataclass(frozen=True)
class Rows:
    """The result of a statement."""

    column_names: list[str]
    result_rows: list[tuple[Any, ...]]


@dataclass(frozen=True)
class Session:
    """A Spark session, asked like the warehouse's client."""

    spark: Any

    def query(self, statement: str) -> Rows:
        frame = self.spark.sql(statement)
        return Rows(frame.columns, [tuple(row) for row in frame.collect()])


@pytest.fixture(scope="module")
def session(spark: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with Lake(tmp_path_factory.mktemp("metrics") / "lake").session() as opened:
        opened.sql(f"create namespace {DATABASE}")
        for name, (columns, rows) in TABLES.items():
            opened.sql(f"create table {DATABASE}.{name} ({columns}) using iceberg")
            opened.sql(f"insert into {DATABASE}.{name} values {literals(rows)}")
        opened.sql(DELETED)
        yield Session(opened)


@pytest.fixture(scope="module")
def compiler() -> Compiler:
    return Compiler(manifest(), spark_engine({f"{DATABASE}.sales"}))


@pytest.mark.parametrize("case", ANSWERS)
def test_spark_gives_the_answer_worked_out_by_hand(session: Any, compiler: Compiler, case: str) -> None:
    question, expected = ANSWERS[case]
    assert answers.answer(session, compiler, question).rows == expected
