"""A warehouse with the history of a small simulated shop, in the tables that the models read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from clickhouse_connect.driver.client import Client

from application import ml
from tests.fixtures.warehouse import RunningWarehouse

TABLES = {
    "ods.ods_inventory_log": (
        "log_id Int64, sku_id Int64, warehouse_id Int64, movement_type String, quantity_change Int32, "
        "moved_at DateTime64(6, 'UTC')"
    ),
    "ods.ods_sku_price_history": "sku_id Int64, price Decimal(18, 2), valid_from DateTime64(6, 'UTC')",
    "ods.ods_product_skus": "sku_id Int64, product_id Int64, cost Nullable(Decimal(18, 2))",
    "ods.ods_products": "product_id Int64, supplier_id Nullable(Int64)",
    "ods.ods_suppliers": "supplier_id Int64, lead_time_days Int32",
    "cdm.dim_product": "product_id Int64, department String",
}
SKUS_OF_THE_TEST = 30


def shop_tables() -> dict[str, pd.DataFrame]:
    """Rows of a part of the simulated shop's SKUs."""
    movements, prices, skus = ml.simulated_tables("small")
    few = skus[skus["sku_id"] <= SKUS_OF_THE_TEST]
    chosen = movements["sku_id"].isin(few["sku_id"])
    suppliers = few[["supplier_id", "lead_time_days"]].drop_duplicates("supplier_id")
    products = few.assign(product_id=few["sku_id"])
    return {
        "ods.ods_inventory_log": movements[chosen],
        "ods.ods_sku_price_history": prices[prices["sku_id"].isin(few["sku_id"])],
        "ods.ods_product_skus": products.assign(cost=few["unit_cost"]),
        "ods.ods_products": products,
        "ods.ods_suppliers": suppliers,
        "cdm.dim_product": products,
    }


@pytest.fixture(scope="module")
def shop(warehouse: RunningWarehouse) -> Iterator[Client]:
    """The pipeline's user of that warehouse; the tables are gone afterwards."""
    client = warehouse.client("writer")
    for name, frame in shop_tables().items():
        columns = TABLES[name]
        client.command(f"create table {name} ({columns}) engine = MergeTree order by tuple()")
        names = [column.split()[0] for column in columns.split(", ") if column.split()[0].islower()]
        client.insert_df(name, frame[names])
    yield client
    for name in (*TABLES, *(f"ml.{table}" for (table,) in client.query("show tables from ml").result_rows)):
        client.command(f"drop table if exists {name}")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home for the models' files."""
    monkeypatch.setenv("TRADEWIND_HOME", str(tmp_path))
    return tmp_path
