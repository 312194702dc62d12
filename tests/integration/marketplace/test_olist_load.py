"""Loading Olist: every row arrives or is named, sums are exact, nothing is half done."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from tests.integration.marketplace.conftest import Shop
from tests.integration.marketplace.olist_files import FILES, write_olist
from tests.require import data_folder
from tradewind.marketplace import schema
from tradewind.marketplace.loaders import olist
from tradewind.marketplace.loaders.report import LoadReport, Refusal
from tradewind.source.errors import LoadError


@pytest.fixture(scope="module")
def real(new_database: Callable[[], Shop]) -> tuple[Shop, LoadReport]:
    """The real sample, loaded once."""
    folder = data_folder("olist_sample_8k")
    made = new_database()
    schema.init(made.owner_url)
    return made, olist.load(made.owner_url, folder)


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


@pytest.mark.parametrize(
    ("table", "count"),
    [
        ("orders", 8_135),
        ("order_items", 8_365),
        ("payments", 8_924),
        ("reviews", 8_225),
        ("products", 5_460),
        ("product_skus", 5_460),
        ("sellers", 1_610),
        ("customers", 8_135),
        ("users", 8_016),
        ("geolocations", 45_928),
        ("categories where level = 2", 73),
    ],
)
def test_the_real_sample_arrives_whole(real: tuple[Shop, LoadReport], table: str, count: int) -> None:
    assert value(real[0], f"select count(*) from {table}") == count


def test_the_real_samples_money_is_exact(real: tuple[Shop, LoadReport]) -> None:
    assert value(real[0], "select sum(unit_price * quantity) from order_items") == Decimal("1093264.35")
    assert value(real[0], "select sum(subtotal_amount) from orders") == Decimal("1093264.35")
    assert value(real[0], "select sum(amount) from payments") == Decimal("1428602.81")


def test_the_real_sample_keeps_every_rule(real: tuple[Shop, LoadReport]) -> None:
    assert rows(real[0], "select * from rules.violations()") == []
    with psycopg.connect(real[0].owner_url) as connection:
        off = connection.execute("select count(*) from pg_trigger where tgenabled = 'D'").fetchone()
    assert off == (0,)


def test_the_real_samples_report_accounts_for_each_row(real: tuple[Shop, LoadReport]) -> None:
    report = real[1]
    assert len(report.files) == 9
    assert report.refused == ()
    for file in report.files:
        assert file.rows == file.loaded > 0, file.file
    derived = {(item.table, item.rows) for item in report.derived}
    assert {("users", 8_016), ("product_skus", 5_460), ("categories", 2), ("fx_rates", 774)} <= derived


def test_loading_again_changes_nothing_and_says_so(real: tuple[Shop, LoadReport]) -> None:
    shop, first = real
    before = rows(shop, "select md5(string_agg(orders::text, '|' order by order_id)) from orders")
    second = olist.load(shop.owner_url, Path(first.folder))
    assert not second.has_changed_anything
    assert "nothing to do" in second.summary()
    assert [file.already_there for file in second.files] == [file.rows for file in first.files]
    assert rows(shop, "select md5(string_agg(orders::text, '|' order by order_id)) from orders") == before


def test_a_tiny_sample_is_mapped_as_by_hand(empty: Shop, tmp_path: Path) -> None:
    report = olist.load(empty.owner_url, write_olist(tmp_path))
    assert report.refused == ()
    assert rows(
        empty, "select external_id, status, total_amount, paid_at is null from orders order by external_id"
    ) == [
        ("o1", "delivered", Decimal("620.20"), False),
        ("o2", "cancelled", Decimal("0.00"), True),
        ("o3", "packed", Decimal("55.50"), False),
    ]
    history = (
        "select to_status, to_char(changed_at at time zone 'America/Sao_Paulo', 'DD HH24:MI') "
        "from order_status_history"
    )
    assert rows(
        empty, f"{history} join orders using (order_id) where external_id = 'o1' order by step_number"
    ) == [
        ("pending", "01 10:00"),
        ("confirmed", "01 11:00"),
        ("paid", "01 11:00"),
        ("packed", "02 12:00"),
        ("shipped", "02 12:00"),
        ("delivered", "05 13:00"),
    ]
    assert rows(
        empty, f"{history} join orders using (order_id) where external_id = 'o2' order by step_number"
    ) == [
        ("pending", "03 10:00"),
        ("cancelled", "03 10:00"),
    ]
    assert rows(empty, "select external_id, tier, lifetime_spend_amount from customers order by 1") == [
        ("c1", "silver", Decimal("620.20")),
        ("c2", "bronze", Decimal("0.00")),
        ("c3", "bronze", Decimal("0.00")),
    ]
    assert rows(empty, "select external_id, registered_at::date::text from users order by 1") == [
        ("ada", "2018-01-01"),
        ("bob", "2018-01-04"),
    ]
    assert rows(empty, "select status, method, installment_count from payments order by payment_id") == [
        ("captured", "credit_card", 3),
        ("captured", "voucher", 1),
        ("voided", "boleto", 1),
        ("captured", "unknown", 1),
    ]
    tree = (
        "select child.category_name, parent.category_name "
        "from categories as child join categories as parent on parent.category_id = child.parent_id"
    )
    assert rows(empty, f"{tree} order by 1") == [("novidades", "other"), ("pet_shop", "pets")]
    assert rows(empty, "select external_id, status, rating_avg, min_price from products order by 1") == [
        ("p1", "active", Decimal("4.00"), Decimal("300.10")),
        ("p2", "active", Decimal("1.00"), Decimal("50.00")),
        ("p3", "paused", None, None),
    ]
    assert rows(empty, "select external_id, status from shipments") == [("o1", "delivered")]
    assert value(empty, "select count(*) from geolocations") == 2


def test_rows_that_refer_to_nothing_or_repeat_a_key_are_refused_by_name(empty: Shop, tmp_path: Path) -> None:
    folder = write_olist(
        tmp_path,
        olist_order_items_dataset=FILES["olist_order_items_dataset"]
        + "o9,1,p1,s1,2018-01-03 00:00:00,1,1\n"
        + "o1,3,p9,s1,2018-01-03 00:00:00,1,1\n"
        + "o1,4,p1,s9,2018-01-03 00:00:00,1,1\n"
        + "o1,1,p2,s1,2018-01-03 00:00:00,9,9\n",
        olist_orders_dataset=FILES["olist_orders_dataset"]
        + "o4,c9,created,2018-01-04 10:00:00,,,,2018-01-14 00:00:00\n",
        olist_order_payments_dataset=FILES["olist_order_payments_dataset"] + "o4,1,boleto,1,7\n",
        olist_order_reviews_dataset=FILES["olist_order_reviews_dataset"]
        + "r9,o9,5,,,2018-01-06 00:00:00,2018-01-07 08:00:00\n",
    )
    report = olist.load(empty.owner_url, folder)
    assert report.refused == (
        Refusal(
            "olist_order_items_dataset.csv",
            5,
            "order_id o9 is not among the rows loaded from olist_orders_dataset",
        ),
        Refusal(
            "olist_order_items_dataset.csv",
            6,
            "product_id p9 is not among the rows loaded from olist_products_dataset",
        ),
        Refusal(
            "olist_order_items_dataset.csv",
            7,
            "seller_id s9 is not among the rows loaded from olist_sellers_dataset",
        ),
        Refusal("olist_order_items_dataset.csv", 8, "order_id, order_item_id is there twice: o1, 1"),
        Refusal(
            "olist_order_payments_dataset.csv",
            6,
            "order_id o4 is not among the rows loaded from olist_orders_dataset",
        ),
        Refusal(
            "olist_order_reviews_dataset.csv",
            5,
            "order_id o9 is not among the rows loaded from olist_orders_dataset",
        ),
        Refusal(
            "olist_orders_dataset.csv",
            5,
            "customer_id c9 is not among the rows loaded from olist_customers_dataset",
        ),
    )
    items = next(file for file in report.files if file.table == "order_items")
    assert (items.rows, items.loaded, items.already_there, items.refused) == (7, 3, 0, 4)
    assert value(empty, "select count(*) from orders") == 3


@pytest.mark.parametrize("stem", FILES)
def test_a_missing_file_stops_the_load_before_anything(empty: Shop, tmp_path: Path, stem: str) -> None:
    folder = write_olist(tmp_path)
    (folder / f"{stem}.csv").unlink()
    with pytest.raises(LoadError, match=rf"{stem}\.csv: is missing"):
        olist.load(empty.owner_url, folder)
    assert value(empty, "select count(*) from users") == 0


@pytest.mark.parametrize("stem", FILES)
def test_a_malformed_last_row_stops_the_load_and_nothing_stays(
    empty: Shop, tmp_path: Path, stem: str
) -> None:
    folder = write_olist(tmp_path, **{stem: FILES[stem] + "x\n"})
    line = FILES[stem].count("\n") + 1
    with pytest.raises(LoadError, match=rf"{stem}\.csv, line {line}: has 1 values"):
        olist.load(empty.owner_url, folder)
    assert value(empty, "select count(*) from users") == 0
    assert value(empty, "select count(*) from pg_trigger where tgenabled = 'D'") == 0


@pytest.mark.parametrize("stem", FILES)
def test_a_missing_column_is_named(empty: Shop, tmp_path: Path, stem: str) -> None:
    column = FILES[stem].split(",")[0]
    folder = write_olist(tmp_path, **{stem: FILES[stem].replace(column, "renamed", 1)})
    with pytest.raises(LoadError, match=rf"{stem}\.csv, line 1, column {column}: column is missing"):
        olist.load(empty.owner_url, folder)


def test_a_load_that_would_break_a_rule_is_undone(empty: Shop, tmp_path: Path) -> None:
    folder = write_olist(tmp_path)
    olist.load(empty.owner_url, folder)
    write_olist(
        folder,
        olist_order_items_dataset=FILES["olist_order_items_dataset"]
        + "o3,2,p2,s1,2018-01-06 00:00:00,50,5.5\n",
    )
    with pytest.raises(LoadError, match=r"1 rows would break the shop's rules.*orders_equal_their_items"):
        olist.load(empty.owner_url, folder)
    assert value(empty, "select count(*) from order_items") == 3


def test_a_shop_that_reports_in_another_currency_needs_rates_first(empty: Shop, tmp_path: Path) -> None:
    with psycopg.connect(empty.owner_url) as connection:
        connection.execute("insert into fx_rates values ('THB', '2018-01-01', 'THB', 1)")
    folder = write_olist(tmp_path)
    with pytest.raises(LoadError, match="this shop reports in THB and fx_rates holds no BRL rate"):
        olist.load(empty.owner_url, folder)
    with psycopg.connect(empty.owner_url) as connection:
        connection.execute("insert into fx_rates values ('BRL', '2018-01-01', 'THB', 10)")
    olist.load(empty.owner_url, folder)
    assert value(empty, "select lifetime_spend_amount from customers where external_id = 'c1'") == Decimal(
        "6202.00"
    )


def test_a_database_without_the_schema_says_what_to_do(
    new_database: Callable[[], Shop], tmp_path: Path
) -> None:
    with pytest.raises(LoadError, match="run `tradewind source init` first"):
        olist.load(new_database().owner_url, write_olist(tmp_path))
