"""What recommendations read from the warehouse, and the tables that they write."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from tradewind.ml.outputs import PRODUCT_RECOMMENDATIONS, USER_RECOMMENDATIONS

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
USERS, PRODUCTS = USER_RECOMMENDATIONS.name, PRODUCT_RECOMMENDATIONS.name
CREATE_USERS, CREATE_PRODUCTS = USER_RECOMMENDATIONS.create(), PRODUCT_RECOMMENDATIONS.create()


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
