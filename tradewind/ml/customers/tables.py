"""What the customer model reads from the warehouse, and the tables that it writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from tradewind.ml.errors import DataError
from tradewind.ml.outputs import CUSTOMER_SCORES

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

PURCHASES = """\
select
    user_id as customer_id, order_date as date, sum(quantity) as quantity,
    toFloat64(coalesce(sum(gross_margin_reporting), 0)) as amount
from cdm.fact_order_items
where is_gmv and user_id is not null
group by user_id, order_date
order by user_id, order_date"""
"""Per account and day; the amount is the gross margin in the reporting currency."""
FEATURES, SCORES = "ml.customer_features", CUSTOMER_SCORES.name
CREATE_FEATURES = f"""\
create table if not exists {FEATURES} (
    feature_date Date comment 'Last day of the orders that it was computed from',
    user_id Int64 comment 'The account',
    order_count Float64 comment 'Days with an order; additive',
    last_order_weeks Float64 comment 'Weeks from the first to the last of them',
    age_weeks Float64 comment 'Weeks since the first of them',
    silence_weeks Float64 comment 'Weeks since the last of them',
    mean_margin Float64 comment 'Mean gross margin of those after the first; 0 without',
    made_at DateTime64(6, 'UTC') default now64(6, 'UTC') comment 'When it was written'
) engine = ReplacingMergeTree(made_at) order by (feature_date, user_id)
comment 'What is known of each account with orders. One row per day and account'
"""
CREATE_SCORES = CUSTOMER_SCORES.create()


def read_purchases(client: Client) -> pd.DataFrame:
    """Orders per account and day, with their margin; DataError if there are none."""
    table = client.query_df(PURCHASES)
    if table.empty:
        raise DataError(
            "cdm.fact_order_items has no orders of accounts; load a history and run `tradewind build`"
        )
    table["date"] = pd.to_datetime(table["date"])
    return table.astype({"quantity": float, "amount": float})
