"""A warehouse with the history of a small simulated shop, in the tables that the models read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from clickhouse_connect.driver.client import Client

from application import simulated_shop
from tests.fixtures.warehouse import RunningWarehouse

TABLES = {
    "ods.ods_inventory_log": (
        "log_id Int64, sku_id Int64, warehouse_id Int64, movement_type String, quantity_change Int32, "
        "moved_at DateTime64(6, 'UTC')"
    ),
    "ods.ods_sku_price_history": "sku_id Int64, price Decimal(18, 2), valid_from DateTime64(6, 'UTC')",
    "ods.ods_product_skus": "sku_id Int64, product_id Int64, cost Nullable(Decimal(18, 2)), status String",
    "ods.ods_products": "product_id Int64, supplier_id Nullable(Int64), status String",
    "ods.ods_inventory": "sku_id Int64, warehouse_id Int64, quantity Int32",
    "ods.ods_suppliers": "supplier_id Int64, lead_time_days Int32",
    "cdm.dim_product": "product_id Int64, department String",
    "cdm.fact_order_items": (
        "order_item_id Int64, user_id Nullable(Int64), product_id Int64, order_date Date, "
        "ordered_at DateTime64(6, 'UTC'), is_gmv Bool, quantity Int32, "
        "gross_margin_reporting Nullable(Decimal(18, 2))"
    ),
}
SKUS_OF_THE_TEST = 30


def columns_of(table: str) -> list[str]:
    """The names of a table's columns."""
    return re.findall(r"(?:^|, )([a-z_]+) [A-Z]", TABLES[table])


def sold_out(movements: pd.DataFrame) -> pd.DataFrame:
    """The movements, and three that leave nothing of what sells best, a second before the last day."""
    end = movements["moved_at"].max().floor("D")
    places = movements[movements["moved_at"] < end].groupby(["sku_id", "warehouse_id"])
    sold = movements[movements["movement_type"] == "sale"].groupby(["sku_id", "warehouse_id"]).size()
    best = sold.sort_values(ascending=False).index[:3]
    gone = pd.DataFrame(list(best), columns=["sku_id", "warehouse_id"]).assign(
        log_id=0,
        movement_type="write_off",
        quantity_change=[-int(places["quantity_change"].sum()[place]) for place in best],
        moved_at=end - pd.Timedelta(seconds=1),
    )
    return pd.concat([movements[gone.columns], gone], ignore_index=True)


def shop_tables() -> dict[str, pd.DataFrame]:
    """Rows of a part of the simulated shop's SKUs."""
    movements, prices, skus = simulated_shop.tables("small")
    few = skus[skus["sku_id"] <= SKUS_OF_THE_TEST]
    chosen = movements["sku_id"].isin(few["sku_id"])
    suppliers = few[["supplier_id", "lead_time_days"]].drop_duplicates("supplier_id")
    products = few.assign(product_id=few["sku_id"], status="active")
    return {
        "ods.ods_inventory_log": sold_out(movements[chosen]),
        "ods.ods_sku_price_history": prices[prices["sku_id"].isin(few["sku_id"])],
        "ods.ods_product_skus": products.assign(cost=few["unit_cost"]),
        "ods.ods_products": products,
        "ods.ods_suppliers": suppliers,
        "cdm.dim_product": products,
        "ods.ods_inventory": inventory(),
        "cdm.fact_order_items": order_items(),
    }


def inventory() -> pd.DataFrame:
    """Ten pieces of each SKU, but none of every third one."""
    sku = pd.Series(range(1, SKUS_OF_THE_TEST + 1))
    return pd.DataFrame({"sku_id": sku, "warehouse_id": 1, "quantity": (sku % 3 != 0) * 10})


def order_items() -> pd.DataFrame:
    """Order lines of the whole shop; each SKU is a product of its own here, as in the other tables."""
    lines = simulated_shop.order_items("small")
    return lines.assign(
        product_id=lines["sku_id"] % SKUS_OF_THE_TEST + 1,
        order_date=lines["ordered_at"].dt.date,
        is_gmv=lines["order_item_id"] % 50 != 0,
        gross_margin_reporting=lines["margin"].round(2),
    )


@pytest.fixture(scope="module")
def shop(warehouse: RunningWarehouse) -> Iterator[Client]:
    """The pipeline's user of that warehouse; the tables are gone afterwards."""
    client = warehouse.client("writer")
    for name, frame in shop_tables().items():
        columns = TABLES[name]
        client.command(f"create table {name} ({columns}) engine = MergeTree order by tuple()")
        client.insert_df(name, frame[columns_of(name)])
    yield client
    for name in (*TABLES, *(f"ml.{table}" for (table,) in client.query("show tables from ml").result_rows)):
        client.command(f"drop table if exists {name}")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home for the models' files."""
    monkeypatch.setenv("TRADEWIND_HOME", str(tmp_path))
    return tmp_path
