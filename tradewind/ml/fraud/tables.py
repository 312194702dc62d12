"""What the fraud model reads from the warehouse, and the table that it writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from tradewind.ml.fraud.orders import OrderTables
from tradewind.ml.outputs import FRAUD_SCORES

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

ORDERS = """\
select
    orders.order_id as order_id, orders.user_id as user_id, orders.ordered_at as ordered_at,
    toFloat64(coalesce(facts.total_amount_reporting, orders.total_amount)) as amount,
    toFloat64(orders.discount_amount)
        * if(orders.total_amount = 0, 0, amount / toFloat64(orders.total_amount)) as discount,
    nullIf(orders.ship_to_city, '') as city, nullIf(orders.device_fingerprint, '') as device,
    nullIf(orders.ip_address, '') as address,
    nullIf(payments.card_fingerprint, '') as card, nullIf(payments.card_country, '') as card_country,
    nullIf(users.country, '') as country, users.registered_at as registered_at,
    payments.attempted_at as attempted_at
from ods.ods_orders as orders
inner join ods.ods_users as users on orders.user_id = users.user_id
left join cdm.fact_orders as facts on orders.order_id = facts.order_id
left join (
    select order_id, card_fingerprint, card_country, attempted_at
    from ods.ods_payments
    where sequence_number = 1
) as payments on orders.order_id = payments.order_id
where not orders.is_test and device is not null
order by orders.order_id"""
FAILURES = "select order_id, attempted_at from ods.ods_payments where status = 'failed' order by payment_id"
RETURNS = "select order_id, requested_at from ods.ods_order_returns order by return_id"
CASES = """\
select order_id, decided_at from ods.ods_fraud_cases
where outcome = 'fraud' and decided_at is not null
order by fraud_case_id"""
SCORES, CREATE_SCORES = FRAUD_SCORES.name, FRAUD_SCORES.create()
MOMENTS = ("ordered_at", "registered_at", "attempted_at", "requested_at", "decided_at")


def read_orders(client: Client) -> OrderTables:
    """Orders of accounts, and what happened to them."""
    return OrderTables(*(_read(client, query) for query in (ORDERS, FAILURES, RETURNS, CASES)))


def _read(client: Client, query: str) -> pd.DataFrame:
    table = client.query_df(query)
    if table.empty:
        names = query.split("from")[0].replace("select", "").split(",")
        table = pd.DataFrame({name.split(" as ")[-1].strip(): [] for name in names})
    for column in table.columns.intersection(list(MOMENTS)):
        table[column] = pd.to_datetime(table[column], utc=True)
    return table
