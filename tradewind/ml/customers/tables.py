"""What the customer model reads from the warehouse, and the tables that it writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from tradewind.ml.customers.training import SEGMENTS
from tradewind.ml.errors import DataError

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
FEATURES, SCORES = "ml.customer_features", "ml.customer_scores"
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
CREATE_SCORES = f"""\
create table if not exists {SCORES} (
    model_version String comment 'The version that made it',
    scored_on Date comment 'Last day of the orders that it was made from',
    user_id Int64 comment 'The account',
    order_count Int64 comment 'Days with an order; additive',
    alive_probability Float64 comment 'That the account still orders, 0-1',
    churn_probability Float64 comment 'That there is no order in the next 90 days, 0-1',
    expected_orders_90d Float64 comment 'Expected days with an order in the next 90 days; additive',
    expected_orders_365d Float64 comment 'The same of 365 days; additive',
    expected_margin_365d Float64 comment 'Gross margin of 365 days, reporting currency; additive',
    next_order_date Nullable(Date) comment 'The median of the next order; null if not within a year',
    segment LowCardinality(String) comment '{", ".join(SEGMENTS)}',
    churn_reasons Array(LowCardinality(String)) comment 'What raises churn, the strongest first',
    made_at DateTime64(6, 'UTC') default now64(6, 'UTC') comment 'When it was written'
) engine = ReplacingMergeTree(made_at) order by (scored_on, user_id)
comment 'Churn, value and segment of each account with orders. One row per day and account'
"""


def read_purchases(client: Client) -> pd.DataFrame:
    """Orders per account and day, with their margin; DataError if there are none."""
    table = client.query_df(PURCHASES)
    if table.empty:
        raise DataError(
            "cdm.fact_order_items has no orders of accounts; load a history and run `tradewind build`"
        )
    table["date"] = pd.to_datetime(table["date"])
    return table.astype({"quantity": float, "amount": float})
