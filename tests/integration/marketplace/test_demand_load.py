"""Loading daily store sales: the stock ledger says exactly what the file says, nothing is half done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import psycopg
import pytest

from tests.integration.marketplace.conftest import Shop
from tests.require import data_folder
from tradewind.marketplace import schema
from tradewind.marketplace.loaders import demand
from tradewind.marketplace.loaders.report import LoadReport, Refusal
from tradewind.source.errors import LoadError

HEADER = "date,store,item,sales\n"
ROWS = 913_000
SOLD = 47_704_512


@pytest.fixture(scope="module")
def folder() -> Path:
    return data_folder("store_item_demand")


@pytest.fixture(scope="module")
def real(new_database: Callable[[], Shop], folder: Path) -> tuple[Shop, LoadReport]:
    """The real file, loaded once."""
    made = new_database()
    schema.init(made.owner_url)
    return made, demand.load(made.owner_url, folder)


@pytest.fixture(scope="module")
def sales(folder: Path) -> pd.DataFrame:
    """The file, read without the loader."""
    return pd.read_csv(folder / "store-item-sales.csv.zst")


@pytest.fixture
def empty(new_database: Callable[[], Shop]) -> Shop:
    made = new_database()
    schema.init(made.owner_url)
    return made


def rows(shop: Shop, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(shop.owner_url) as connection:
        return connection.execute(query.encode()).fetchall()


def value(shop: Shop, query: str) -> object:
    return rows(shop, query)[0][0]


def write(folder: Path, *lines: str) -> Path:
    (folder / "store-item-sales.csv").write_text(HEADER + "".join(f"{line}\n" for line in lines))
    return folder


def test_the_ledger_by_warehouse_sku_and_day_is_the_file(
    real: tuple[Shop, LoadReport], sales: pd.DataFrame
) -> None:
    assert (len(sales), int(sales["sales"].sum())) == (ROWS, SOLD)
    found = pd.DataFrame(
        rows(
            real[0],
            "select to_char(moved_at at time zone 'UTC', 'YYYY-MM-DD') as date, "
            "split_part(warehouses.external_id, ':', 3)::int as store, "
            "split_part(product_skus.external_id, ':', 3)::int as item, "
            "(-sum(quantity_change))::int as sales "
            "from inventory_log join warehouses using (warehouse_id) join product_skus using (sku_id) "
            "where movement_type = 'sale' group by 1, 2, 3 order by 3, 2, 1",
        ),
        columns=["date", "store", "item", "sales"],
    )
    expected = sales[sales["sales"] > 0].sort_values(["item", "store", "date"]).reset_index(drop=True)
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)


def test_stores_and_items_are_warehouses_and_skus(real: tuple[Shop, LoadReport], sales: pd.DataFrame) -> None:
    assert value(real[0], "select count(*) from warehouses") == sales["store"].nunique() == 10
    assert value(real[0], "select count(*) from product_skus") == sales["item"].nunique() == 50
    assert value(real[0], "select count(*) from inventory") == 500
    months = sales["date"].str.slice(0, 7)
    lots = sales.groupby([sales["store"], sales["item"], months]).ngroups
    assert (
        value(real[0], "select count(*) from inventory_log where movement_type = 'receipt'") == lots == 30_000
    )


def test_the_file_keeps_every_rule(real: tuple[Shop, LoadReport]) -> None:
    assert rows(real[0], "select * from rules.violations()") == []


def test_the_one_day_without_a_sale_is_named_and_all_other_rows_are_loaded(
    real: tuple[Shop, LoadReport],
) -> None:
    report = real[1]
    [file] = report.files
    assert (file.rows, file.loaded, file.already_there, file.refused) == (ROWS, ROWS - 1, 0, 1)
    [refusal] = report.refused
    assert (refusal.file, refusal.line) == ("store-item-sales.csv.zst", 64_291)
    assert refusal.reason.startswith("sales is 0")
    assert "no price" in next(item.how for item in report.derived if item.table == "product_skus")


def test_loading_again_changes_nothing_and_a_longer_file_adds_its_rows(empty: Shop, tmp_path: Path) -> None:
    first = demand.load(empty.owner_url, write(tmp_path, "2013-01-01,1,1,13", "2013-01-02,1,1,11"))
    assert (first.files[0].loaded, value(empty, "select count(*) from inventory_log")) == (2, 3)
    assert not demand.load(empty.owner_url, tmp_path).has_changed_anything
    longer = write(tmp_path, "2013-01-01,1,1,13", "2013-01-02,1,1,11", "2013-02-01,1,1,7", "2013-02-01,2,1,9")
    second = demand.load(empty.owner_url, longer)
    assert (second.files[0].loaded, second.files[0].already_there) == (2, 2)
    ledger = "select movement_type, quantity_change, moved_at::date::text from inventory_log order by log_id"
    assert rows(empty, ledger) == [
        ("receipt", 24, "2013-01-01"),
        ("sale", -13, "2013-01-01"),
        ("sale", -11, "2013-01-02"),
        ("receipt", 7, "2013-02-01"),
        ("receipt", 9, "2013-02-01"),
        ("sale", -7, "2013-02-01"),
        ("sale", -9, "2013-02-01"),
    ]


def test_more_sales_in_a_month_that_was_received_already_are_refused_whole(
    empty: Shop, tmp_path: Path
) -> None:
    demand.load(empty.owner_url, write(tmp_path, "2013-01-01,1,1,13"))
    write(tmp_path, "2013-01-01,1,1,13", "2013-01-02,1,1,11", "2013-02-01,1,1,5")
    with pytest.raises(LoadError, match=r"nothing was loaded.*inventory_log_lot_not_overdrawn"):
        demand.load(empty.owner_url, tmp_path)
    assert value(empty, "select count(*) from inventory_log") == 2


def test_a_day_that_is_there_twice_is_refused_by_line(empty: Shop, tmp_path: Path) -> None:
    report = demand.load(empty.owner_url, write(tmp_path, "2013-01-01,1,1,13", "2013-01-01,1,1,14"))
    assert report.refused == (
        Refusal("store-item-sales.csv", 3, "date, store, item is there twice: 2013-01-01, 1, 1"),
    )
    assert value(empty, "select -quantity_change from inventory_log where movement_type = 'sale'") == 13


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("2013-01-01,1,1", r"store-item-sales\.csv, line 3: has 3 values, the header 4"),
        ("2013-1-1,1,1,5", r"line 3, column date: '2013-1-1' is not a day like"),
        ("2013-02-30,1,1,5", r"line 3, column date: day is out of range"),
        ("2013-01-02,0,1,5", r"line 3, column store: 0 is outside"),
        ("2013-01-02,1,1,-5", r"line 3, column sales: -5 is outside 0 to"),
        ("2013-01-02,1,1,", r"line 3, column sales: is empty"),
    ],
)
def test_a_malformed_row_stops_the_load_and_nothing_stays(
    empty: Shop, tmp_path: Path, line: str, problem: str
) -> None:
    with pytest.raises(LoadError, match=problem):
        demand.load(empty.owner_url, write(tmp_path, "2013-01-01,1,1,13", line))
    assert value(empty, "select count(*) from warehouses") == 0
