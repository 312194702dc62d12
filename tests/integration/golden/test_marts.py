"""Every mart of the golden order book has exactly the rows that were worked out by hand, in every column."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.fixtures.dbt import DbtRun, DbtWarehouse, run_started
from tests.integration.golden import book
from tradewind.settings import PROJECT_ROOT

pytestmark = pytest.mark.timeout(900)

ARRIVED_AT = datetime(2026, 3, 31, 3)
BUILT_AT = datetime(2026, 3, 31, 4)
"""Eleven in the morning of 31 March 2026 in the shop: "today" of the book."""
SETTINGS = {"TRADEWIND_REPORTING_TIME_ZONE": "Asia/Bangkok", "TRADEWIND_REPORTING_DATE": ""}
"""Whatever the environment says of another shop."""

CONSERVATION = {
    "assert_attribution_credits_sum_to_orders",
    "assert_commission_is_the_same_in_every_mart",
    "assert_contribution_margin_is_made_of_whole_amounts",
    "assert_every_order_is_a_fact",
    "assert_gmv_is_the_same_in_every_mart",
    "assert_inventory_is_the_sum_of_its_log",
    "assert_order_items_sum_to_order_subtotal",
    "assert_order_lines_sum_to_source_lines",
    "assert_payouts_are_all_reconciled",
    "assert_revenue_is_payments_less_refunds",
    "assert_settlement_entries_balance",
}
"""dbt's own tests of what must add up."""

Cells = dict[str, Any]


@dataclass(frozen=True)
class Mart:
    """A mart as its YAML declares it: the columns that tell its rows apart, and all of them."""

    name: str
    key: list[str]
    columns: list[str]


def marts() -> list[Mart]:
    """The marts of `ads`, by name."""
    folder = PROJECT_ROOT / "dbt_project" / "models" / "ads"
    return [_mart(path) for path in sorted(folder.glob("*/*.yml"), key=lambda path: path.stem)]


def _mart(path: Path) -> Mart:
    [model] = yaml.safe_load(path.read_text())["models"]
    rules = [test["valid_rows"] for test in model.get("data_tests", []) if "valid_rows" in test]
    if not rules:
        raise ValueError(f"{path.name}: give it a test valid_rows, whose `key` tells its rows apart")
    return Mart(model["name"], rules[0]["arguments"]["key"], [column["name"] for column in model["columns"]])


class Built:
    """The book in a warehouse, built once, and what dbt's tests said of it."""

    def __init__(self, dbt: DbtWarehouse) -> None:
        self.client = dbt.client()
        book.load(self.client, ARRIVED_AT)
        selected = ("--select", "+path:dbt_project/models/ads", "+path:dbt_project/models/cdm", *CONSERVATION)
        kinds = ("--exclude-resource-type", "unit_test", "--exclude", "rt", "test_type:generic")
        self.run: DbtRun = dbt.dbt("build", *selected, *kinds, environment=SETTINGS | run_started(BUILT_AT))
        assert not self.run.with_status("error"), self.run.output[-6000:]

    def rows(self, mart: Mart) -> list[Cells]:
        """The rows of a mart, by column."""
        names = ", ".join(mart.columns)
        return [
            dict(zip(mart.columns, row, strict=True))
            for row in self.client.query(f"select {names} from ads.{mart.name}").result_rows
        ]


@pytest.fixture(scope="module")
def built(dbt_warehouse: DbtWarehouse) -> Built:
    """The built book: one dbt build for the whole module."""
    return Built(dbt_warehouse)


def test_every_mart_is_worked_out_and_every_file_has_a_mart() -> None:
    assert book.marts_with_a_file() == {mart.name for mart in marts()}


@pytest.mark.parametrize("mart", marts(), ids=lambda mart: mart.name)
def test_a_mart_is_as_worked_out(built: Built, mart: Mart) -> None:
    found = differences(mart, book.expected_rows(mart.name), built.rows(mart))
    assert not found, f"{len(found)} differences:\n" + "\n".join(found[:40])


def test_what_must_add_up_does(built: Built) -> None:
    assert built.run.with_status("fail") == set()
    assert built.run.with_status("pass") >= CONSERVATION
    assert built.run.with_status("warn") == {"assert_no_row_is_excluded"}  # of the advertising in yen


def test_the_book_has_what_it_says() -> None:
    """About 40 orders in four currencies; the marts' files would agree with an emptier book as well."""
    orders = book.rows("orders")
    assert len(orders) == 40
    assert {order["currency"] for order in orders} == {"EUR", "THB", "USD", "VND"}


def test_a_difference_names_row_column_both_values_and_the_working() -> None:
    mart = Mart("ads_example", ["day"], ["day", "gmv", "rate"])
    working = {"day": "2026-01-31", "gmv": "400.00", "rate": "1/3", book.BECAUSE: "2 x 200.00 = 400.00"}
    row = {"day": date(2026, 1, 31), "gmv": Decimal("400.00"), "rate": 1 / 3}
    assert differences(mart, [working], [row]) == []
    [wrong] = differences(mart, [working], [row | {"gmv": Decimal("400.01")}])
    assert wrong == (
        "ads_example, day 2026-01-31, column gmv: expected 400.00, got 400.01 (2 x 200.00 = 400.00)"
    )
    [missing, extra] = differences(mart, [working], [row | {"day": date(2026, 2, 1)}])
    assert missing == "ads_example, day 2026-01-31: the mart has no such row (2 x 200.00 = 400.00)"
    assert extra.startswith("ads_example, day 2026-02-01: a row that nobody worked out")
    assert len(differences(mart, [working], [row | {"rate": None}])) == 1
    assert differences(mart, [working], [row, row]) == ["ads_example, day 2026-01-31: 2 rows with this key"]


def differences(mart: Mart, worked_out: Sequence[book.Row], got: Sequence[Cells]) -> list[str]:
    """What differs between the rows worked out and those of the mart, one sentence each."""
    expected, actual = _by_key(mart, worked_out), _by_key(mart, got)
    found = [
        f"{_place(mart, key)}: {len(rows)} rows with this key"
        for rows_by_key in (expected, actual)
        for key, rows in rows_by_key.items()
        if len(rows) > 1
    ]
    for key in sorted(expected.keys() | actual.keys()):
        if key not in actual:
            working = expected[key][0][book.BECAUSE]
            found.append(f"{_place(mart, key)}: the mart has no such row ({working})")
        elif key not in expected:
            found.append(f"{_place(mart, key)}: a row that nobody worked out: {actual[key][0]}")
        else:
            found += _cell_differences(mart, key, expected[key][0], actual[key][0])
    return found


def _cell_differences(mart: Mart, key: tuple[str, ...], expected: Cells, got: Cells) -> list[str]:
    columns = [column for column in expected if column != book.BECAUSE]
    if columns != mart.columns:
        return [f"{mart.name}: the file has the columns {columns}, the mart {mart.columns}"]
    return [
        f"{_place(mart, key)}, column {column}: expected {expected[column] or 'null'}, "
        f"got {_text(got[column])} ({expected[book.BECAUSE]})"
        for column in columns
        if not _is_equal(expected[column], got[column])
    ]


def _by_key(mart: Mart, rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str, ...], list[Cells]]:
    found: dict[tuple[str, ...], list[Cells]] = {}
    for row in rows:
        found.setdefault(tuple(_text(row[column]) for column in mart.key), []).append(dict(row))
    return found


def _place(mart: Mart, key: tuple[str, ...]) -> str:
    return ", ".join([mart.name, *(f"{name} {value}" for name, value in zip(mart.key, key, strict=True))])


def _is_equal(expected: str, got: Any) -> bool:
    """Money and counts exactly; fractions such as 1/3 to 12 digits; an empty text means null."""
    if expected == "" or got is None:
        return expected == "" and got is None
    if isinstance(got, float):
        return math.isclose(_number(expected), got, rel_tol=1e-12, abs_tol=1e-12)
    if isinstance(got, Decimal):
        return Decimal(expected) == got
    return expected == _text(got)


def _number(text: str) -> float:
    numerator, _, denominator = text.partition("/")
    return float(Fraction(numerator) / Fraction(denominator or "1"))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    return "null" if value is None else str(value)
