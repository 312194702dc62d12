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
    "ods.ods_orders": (
        "order_id Int64, user_id Nullable(Int64), ordered_at DateTime64(6, 'UTC'), "
        "total_amount Decimal(18, 2), discount_amount Decimal(18, 2), ship_to_city Nullable(String), "
        "device_fingerprint Nullable(String), ip_address Nullable(String), is_test Bool"
    ),
    "ods.ods_users": "user_id Int64, country Nullable(String), registered_at DateTime64(6, 'UTC')",
    "ods.ods_payments": (
        "payment_id Int64, order_id Int64, sequence_number Int32, card_fingerprint Nullable(String), "
        "card_country Nullable(String), attempted_at DateTime64(6, 'UTC'), status String"
    ),
    "ods.ods_order_returns": "return_id Int64, order_id Int64, requested_at DateTime64(6, 'UTC')",
    "ods.ods_fraud_cases": (
        "fraud_case_id Int64, order_id Int64, outcome Nullable(String), "
        "decided_at Nullable(DateTime64(6, 'UTC'))"
    ),
    "cdm.fact_orders": "order_id Int64, total_amount_reporting Nullable(Decimal(18, 2))",
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
        **risk_tables(),
    }


def risk_tables() -> dict[str, pd.DataFrame]:
    """Orders, accounts, payments, returns and cases of the whole shop; the usual amount is 100."""
    found, _ = simulated_shop.order_tables("small")
    orders = found.orders.assign(
        total_amount=(100 * found.orders["amount"]).round(2),
        discount_amount=(100 * found.orders["discount"]).round(2),
        ship_to_city=found.orders["city"],
        device_fingerprint=found.orders["device"],
        ip_address=found.orders["address"],
        is_test=False,
    )
    first = orders[orders["attempted_at"].notna()].assign(
        card_fingerprint=orders["card"], sequence_number=1, status="captured", payment_id=orders["order_id"]
    )
    failed = found.failures.assign(
        card_fingerprint=None, card_country=None, sequence_number=2, status="failed", payment_id=0
    )
    columns = columns_of("ods.ods_payments")
    return {
        "ods.ods_orders": orders,
        "ods.ods_users": orders.drop_duplicates("user_id"),
        "ods.ods_payments": pd.concat([first[columns], failed[columns]], ignore_index=True),
        "ods.ods_order_returns": found.returns.assign(return_id=range(len(found.returns))),
        "ods.ods_fraud_cases": found.cases.assign(fraud_case_id=range(len(found.cases)), outcome="fraud"),
        "cdm.fact_orders": orders.assign(total_amount_reporting=orders["total_amount"]),
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
