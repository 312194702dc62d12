"""What recommendations read from the warehouse, and the tables that they write."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

ORDERS = """\
select user_id, product_id, ordered_at
from cdm.fact_order_items
where is_gmv and user_id is not null and product_id is not null
order by user_id, ordered_at, order_item_id"""
OFFERED = """\
select distinct skus.product_id as product_id
from ods.ods_product_skus as skus
inner join ods.ods_products as products on skus.product_id = products.product_id
inner join (
    select sku_id, sum(quantity) as quantity from ods.ods_inventory group by sku_id
) as stock on skus.sku_id = stock.sku_id
where stock.quantity > 0 and skus.status = 'active' and products.status = 'active'
order by product_id"""
"""Products of which something is on sale and in stock."""
USERS, PRODUCTS = "ml.user_recommendations", "ml.product_recommendations"
_COLUMNS = """\
    model_version String comment 'The version that made it',
    recommended_on Date comment 'Last day of the orders that it was made from',
    {key} Int64 comment '{meaning}',
    recommended_product_ids Array(Int64) comment 'Up to ten products that were in stock, the best first',
    scores Array(Float64) comment 'Their sums of recency x likeness; compare products of one list only',
    made_at DateTime64(6, 'UTC') default now64(6, 'UTC') comment 'When it was written'"""
_ENGINE = "engine = ReplacingMergeTree(made_at) order by (recommended_on, {key})"
CREATE_USERS = f"""\
create table if not exists {USERS} (
{_COLUMNS.format(key="user_id", meaning="The account")}
) {_ENGINE.format(key="user_id")}
comment 'Products for each account that ordered. One row per day and account'
"""
CREATE_PRODUCTS = f"""\
create table if not exists {PRODUCTS} (
{_COLUMNS.format(key="product_id", meaning="The product that is looked at")}
) {_ENGINE.format(key="product_id")}
comment 'Products wanted after each product. One row per day and product'
"""


def read_orders(client: Client) -> pd.DataFrame:
    """Products that accounts ordered, by account and time."""
    table = client.query_df(ORDERS)
    if not table.empty:
        table["ordered_at"] = pd.to_datetime(table["ordered_at"], utc=True)
    return table


def read_offered(client: Client) -> pd.DataFrame:
    """Products in stock."""
    found = client.query_df(OFFERED)
    return found if not found.empty else pd.DataFrame({"product_id": []})
