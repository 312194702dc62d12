"""What the models read from the warehouse, and the tables in `ml` that they write."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tradewind.ml.demand.features import NAMES
from tradewind.ml.demand.history import shop_panel
from tradewind.ml.errors import DataError
from tradewind.ml.outputs import DEMAND_FORECASTS
from tradewind.ml.panel import Floats, Panel
from tradewind.ml.stock.tables import COMING

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

MOVEMENTS = """\
select sku_id, warehouse_id, movement_type, quantity_change, moved_at
from ods.ods_inventory_log
order by log_id"""
PRICES = "select sku_id, price, valid_from from ods.ods_sku_price_history order by sku_id, valid_from"
SKUS = """\
select
    skus.sku_id as sku_id, products.department as department, source.supplier_id as supplier_id,
    suppliers.lead_time_days as lead_time_days, toFloat64(skus.cost) as unit_cost
from ods.ods_product_skus as skus
left join ods.ods_products as source on skus.product_id = source.product_id
left join cdm.dim_product as products on skus.product_id = products.product_id
left join ods.ods_suppliers as suppliers on source.supplier_id = suppliers.supplier_id
order by skus.sku_id"""

FORECASTS, CREATE_FORECASTS = DEMAND_FORECASTS.name, DEMAND_FORECASTS.create()


FEATURES = "ml.demand_features"


def create_features() -> str:
    """The statement that makes the table of features."""
    columns = ", ".join(f"{name} Nullable(Float64)" for name in NAMES)
    return (
        f"create table if not exists {FEATURES} ("
        "feature_date Date comment 'The day that is forecast; features are of the days before it', "
        "sku_id Int64 comment 'The SKU', warehouse_id Int64 comment 'The warehouse', "
        "expected_quantity Float64 comment 'Pieces by level x weekday x month x growth', "
        f"{columns}, made_at DateTime64(6, 'UTC') default now64(6, 'UTC') comment 'When it was written') "
        "engine = ReplacingMergeTree(made_at) order by (feature_date, sku_id, warehouse_id) "
        "comment 'Features of the demand model. One row per day, SKU and warehouse'"
    )


def read_features(client: Client) -> pd.DataFrame:
    """The latest features."""
    latest = f"select max(feature_date) from {FEATURES}"  # noqa: S608 - our own names
    return client.query_df(f"select * from {FEATURES} final where feature_date = ({latest})")  # noqa: S608


def read_skus(client: Client) -> pd.DataFrame:
    """Every SKU with its department, supplier, lead time and cost."""
    return client.query_df(SKUS)


def read_movements(client: Client) -> pd.DataFrame:
    """The stock ledger."""
    return _utc(client.query_df(MOVEMENTS), "moved_at")


def read_panel(client: Client, until: pd.Timestamp | None = None) -> Panel:
    """Demand per SKU and warehouse on the days before `until`; without it, before the last movement's day."""
    movements = read_movements(client)
    if movements.empty:
        raise DataError("ods.ods_inventory_log has no rows; load a history and run `tradewind build` first")
    end = until or movements["moved_at"].max().floor("D")
    prices = _utc(client.query_df(PRICES), "valid_from")
    return shop_panel(movements, prices, read_skus(client), end)


def read_coming(client: Client, keys: pd.DataFrame, day: date) -> Floats:
    """Pieces of accepted orders that are not due yet, per series of `keys`."""
    found = client.query_df(COMING, parameters={"day": day})
    index = pd.MultiIndex.from_frame(keys[["item", "place"]])
    if found.empty:
        return np.zeros(len(index))
    quantity = found.set_index(["sku_id", "warehouse_id"])["quantity"]
    coming: Floats = quantity.reindex(index, fill_value=0).to_numpy(dtype=float)
    return coming


def _utc(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """The table with this column as moments in UTC."""
    if not table.empty:
        table[column] = pd.to_datetime(table[column], utc=True)
    return table
