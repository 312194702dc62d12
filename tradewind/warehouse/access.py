"""The warehouse's databases, session settings and roles: the one place that states them.

The embedded server gets them as its access file. `profiles.yml` and `deploy/clickhouse/users.d` repeat them
for dbt and for a ClickHouse server, and a test compares.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

DATABASES = {
    "bronze": "Change log of every source table, append only",
    "feeds": "Change log of every feed, append only",
    "ods": "Current state of every source table, typed",
    "cdm": "Facts and dimensions",
    "ads": "Marts: wide tables that a BI tool charts with no join",
    "rt": "Marts that follow the change log within a second",
    "ml": "Forecasts, scores and their inputs",
    "ops": "State of the platform itself",
}

# What makes ClickHouse read and compute as the SQL standard (and Spark) do, and join tables in the order that
# the query gives (docs/lessons/0015-joins-are-reordered-without-statistics.md).
SESSION_SETTINGS = {
    "final": "1",
    "join_use_nulls": "1",
    "cast_keep_nullable": "1",
    "aggregate_functions_null_for_empty": "1",
    "prefer_column_name_to_alias": "1",
    "group_by_use_nulls": "1",
    "union_default_mode": "DISTINCT",
    "except_default_mode": "DISTINCT",
    "intersect_default_mode": "DISTINCT",
    "query_plan_optimize_join_order_limit": "2",
}

# Of rt the marts, not the states behind them, which have rows of single people. Of the facts those that
# metrics are answered from: amounts and keys, without names, addresses or contacts.
METRIC_FACTS = ("cdm.fact_order_items", "cdm.fact_orders", "cdm.fact_payments", "cdm.fact_returns")
STATE = ("ops.alerts", "ops.check_results", "ops.dbt_models")
"""What is wrong now, what the checks found, and when each table was built."""
FORECAST_TABLES = (
    "ml.customer_scores",
    "ml.demand_forecasts",
    "ml.fraud_scores",
    "ml.product_recommendations",
    "ml.purchase_orders",
    "ml.reorder_proposals",
    "ml.user_recommendations",
)
BI_TABLES = ("ads.*", "rt.rt_*", "rt.mv_*", "rt.v_*", "cdm.dim_*", *STATE, *METRIC_FACTS, *FORECAST_TABLES)
BI_SETTINGS = {
    "max_execution_time": "300",
    "max_memory_usage": str(4 << 30),
    "max_result_bytes": str(8 << 30),
}


def prepare_databases(client: Client) -> None:
    """Create the databases that do not exist yet; needs a user that may create databases."""
    for name, comment in DATABASES.items():
        client.command(f"CREATE DATABASE IF NOT EXISTS {name} COMMENT '{comment}'")


def access_file() -> str:
    """The text of the embedded server's access file."""
    roles = {
        "admin": {"level": "admin"},
        "writer": {"level": "writer", "databases": list(DATABASES)},
        "bi": {"level": "reader", "tables": list(BI_TABLES), "settings": BI_SETTINGS},
    }
    return json.dumps({"session_settings": SESSION_SETTINGS, "roles": roles}, indent=2) + "\n"
