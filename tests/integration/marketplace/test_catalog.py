"""The catalogue says of tables what their SQL says."""

from __future__ import annotations

import psycopg
import pytest

from tests.integration.marketplace.conftest import Shop
from tradewind.source.catalog import read_catalog, read_tables
from tradewind.source.table import Column, ForeignKey, Table


def table(tables: tuple[Table, ...], name: str) -> Table:
    return next(each for each in tables if each.name == name)


def test_columns_come_in_order_with_type_nullability_meaning_and_values(shop: Shop) -> None:
    reviews = table(read_catalog(shop.replication_url), "reviews")
    assert [column.name for column in reviews.columns][:4] == [
        "review_id",
        "external_id",
        "order_id",
        "user_id",
    ]
    assert reviews.column("rating") == Column("rating", "smallint", False, "Stars, 1 (worst) to 5.")
    orders = table(read_catalog(shop.replication_url), "orders")
    assert orders.column("total_amount").source_type == "numeric(18,2)"
    assert orders.column("delivered_at").source_type == "timestamp with time zone"
    assert orders.column("delivered_at").nullable
    assert orders.column("channel").allowed_values == ("shopee", "lazada", "tiki", "website", "app", "olist")


def test_keys_are_single_or_composite_in_key_order(shop: Shop) -> None:
    tables = read_catalog(shop.app_url)
    assert table(tables, "orders").primary_key == ("order_id",)
    assert table(tables, "inventory").primary_key == ("sku_id", "warehouse_id")
    assert table(tables, "fx_rates").primary_key == ("currency", "rate_date")


def test_foreign_keys_name_their_columns_on_both_sides(shop: Shop) -> None:
    orders = table(read_catalog(shop.app_url), "orders")
    assert (
        ForeignKey(
            "orders_profile_of_user",
            ("customer_id", "user_id"),
            "public",
            "customers",
            ("customer_id", "user_id"),
        )
        in orders.foreign_keys
    )


def test_odd_tables_are_read_as_they_are(shop: Shop) -> None:
    with psycopg.connect(shop.owner_url) as connection:
        connection.execute(
            "create table \"Odd One\" (\"A b\" text check (\"A b\" in ('it''s', 'x')), gone int, n int "
            "check (n > 0), "
            "v varchar(5) check (v in ('a', 'b')), e text check (e in ('a', 'b') or e = upper(e)))"
        )
        connection.execute('alter table "Odd One" drop column gone')
        odd = table(read_tables(connection), "Odd One")
        connection.rollback()
    assert odd.primary_key == ()
    assert [column.name for column in odd.columns] == ["A b", "n", "v", "e"]
    assert odd.column("A b").allowed_values == ("it's", "x")
    assert odd.column("n").allowed_values == ()
    assert odd.column("v").allowed_values == ("a", "b")
    assert odd.column("e").allowed_values == ()
    with pytest.raises(KeyError, match="has no column gone"):
        odd.column("gone")
