"""The tables of predictions that readers of the warehouse see: their columns, declared once.

Nothing heavy is imported, so that a process which only reads them starts quickly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

DECISIONS = ("block", "review", "pass")
"""What becomes of an order, by its fraud score."""
SEGMENTS = ("lost", "at risk", "new", "best", "regular")
"""Of customers, by what is expected of them."""
LOW_STOCK = 100
"""Pieces below which a place is watched."""


@dataclass(frozen=True)
class Output:
    """One table."""

    name: str
    """With its database."""
    comment: str
    """What it holds, and its grain."""
    columns: Sequence[tuple[str, str, str]]
    """Name, type in ClickHouse, and meaning."""
    key: Sequence[str]
    """Of rows with the same key the one written last holds."""

    def create(self) -> str:
        """The statement that creates the table if there is none."""
        columns = ",\n    ".join(f"{name} {kind} comment '{text}'" for name, kind, text in self.columns)
        return (
            f"create table if not exists {self.name} (\n    {columns},\n"
            "    made_at DateTime64(6, 'UTC') default now64(6, 'UTC') comment 'When it was written'\n"
            f") engine = ReplacingMergeTree(made_at) order by ({', '.join(self.key)})\n"
            f"comment '{self.comment}'"
        )

    def described(self) -> dict[str, tuple[str, str]]:
        """Column -> its type in ClickHouse, and its meaning."""
        written = {"made_at": ("DateTime64(6, 'UTC')", "When it was written")}
        return {name: (kind, text) for name, kind, text in self.columns} | written


DEMAND_FORECASTS = Output(
    "ml.demand_forecasts",
    "Daily demand per SKU and warehouse, as forecast. One row per forecast_from, SKU, warehouse and day",
    (
        ("model_version", "String", "The version that made it"),
        ("forecast_from", "Date", "First day after the history that it was made from"),
        ("forecast_date", "Date", "The day that is forecast"),
        ("sku_id", "Int64", "The SKU"),
        ("warehouse_id", "Int64", "The warehouse"),
        ("expected_quantity", "Float64", "Expected pieces; additive over days, SKUs and warehouses"),
        ("quantity_p05", "Float64", "Pieces exceeded with 95 % probability; not additive"),
        ("quantity_p50", "Float64", "Median of the pieces; not additive"),
        ("quantity_p95", "Float64", "Pieces exceeded with 5 % probability; not additive"),
    ),
    ("forecast_from", "sku_id", "warehouse_id", "forecast_date"),
)

REORDER_PROPOSALS = Output(
    "ml.reorder_proposals",
    "What to reorder. One row per day, SKU and warehouse",
    (
        ("model_version", "String", "Version of the demand model"),
        ("proposed_on", "Date", "The day at whose beginning the stock was looked at"),
        ("sku_id", "Int64", "The SKU"),
        ("warehouse_id", "Int64", "The warehouse"),
        ("supplier_id", "Nullable(Int64)", "Its supplier; null if not known"),
        ("stock_quantity", "Int64", "Pieces on hand; additive"),
        ("is_low_stock", "Bool", f"Below {LOW_STOCK} pieces, with demand expected"),
        ("expected_demand_30d", "Float64", "Expected pieces in the next 30 days; additive"),
        ("run_out_date", "Nullable(Date)", "By its end stock is likely gone; null: not within 30 days"),
        ("run_out_probability", "Float64", "That stock runs out within 30 days without a delivery, 0-1"),
        ("lead_time_days", "UInt16", "Days from order to delivery that were assumed"),
        ("unit_cost", "Float64", "Cost of a piece in the catalogue currency; 0 if not known"),
        ("reorder_point", "Int64", "Demand until a delivery, not exceeded at the service level"),
        ("classical_reorder_point", "Int64", "Expected demand until a delivery plus normal safety stock"),
        ("economic_quantity", "Int64", "Order quantity of the lowest ordering and holding cost"),
        ("order_quantity", "Int64", "Pieces proposed to order; 0 for none; additive"),
        ("priority", "LowCardinality(String)", "Critical, High, Medium, Low or None"),
    ),
    ("proposed_on", "sku_id", "warehouse_id"),
)

PURCHASE_ORDERS = Output(
    "ml.purchase_orders",
    "Proposed purchase orders. One row per day, supplier and warehouse",
    (
        ("proposed_on", "Date", "The day of the proposals in it"),
        ("supplier_id", "Int64", "The supplier; 0 where none is known"),
        ("warehouse_id", "Int64", "Where to deliver"),
        ("sku_count", "UInt32", "Different SKUs"),
        ("quantity", "Int64", "Pieces; additive"),
        ("amount", "Decimal(18, 2)", "Their cost, in the catalogue currency; additive"),
        ("priority", "LowCardinality(String)", "The most urgent in it"),
        ("status", "LowCardinality(String)", "proposed, or accepted by the setting TRADEWIND_ACCEPT_ORDERS"),
    ),
    ("proposed_on", "supplier_id", "warehouse_id"),
)

CUSTOMER_SCORES = Output(
    "ml.customer_scores",
    "Churn, value and segment of each account with orders. One row per day and account",
    (
        ("model_version", "String", "The version that made it"),
        ("scored_on", "Date", "Last day of the orders that it was made from"),
        ("user_id", "Int64", "The account"),
        ("order_count", "Int64", "Days with an order; additive"),
        ("alive_probability", "Float64", "That the account still orders, 0-1"),
        ("churn_probability", "Float64", "That there is no order in the next 90 days, 0-1"),
        ("expected_orders_90d", "Float64", "Expected days with an order in the next 90 days; additive"),
        ("expected_orders_365d", "Float64", "The same of 365 days; additive"),
        ("expected_margin_365d", "Float64", "Gross margin of 365 days, reporting currency; additive"),
        ("next_order_date", "Nullable(Date)", "The median of the next order; null if not within a year"),
        ("segment", "LowCardinality(String)", ", ".join(SEGMENTS)),
        ("churn_reasons", "Array(LowCardinality(String))", "What raises churn, the strongest first"),
    ),
    ("scored_on", "user_id"),
)

FRAUD_SCORES = Output(
    "ml.fraud_scores",
    "Fraud scores of the orders of the last 30 days of each run. One row per order",
    (
        ("model_version", "String", "The version that made it"),
        ("order_id", "Int64", "The order"),
        ("user_id", "Int64", "The account that ordered"),
        (
            "judged_at",
            "DateTime64(6, 'UTC')",
            "First attempt to pay: the moment whose knowledge it is based on",
        ),
        ("score", "Float64", "Probability that a case about it ends as fraud, 0-1"),
        ("anomaly_score", "Float64", "How far it is above what is usual, in standard deviations"),
        ("rules", "Array(LowCardinality(String))", "Rules that fire"),
        ("reasons", "Array(LowCardinality(String))", "Features that raise the score most, the first most"),
        ("decision", "LowCardinality(String)", f"By cost: {', '.join(DECISIONS)}"),
    ),
    ("order_id",),
)


def _recommendations(name: str, comment: str, key: str, meaning: str) -> Output:
    return Output(
        name,
        comment,
        (
            ("model_version", "String", "The version that made it"),
            ("recommended_on", "Date", "Last day of the orders that it was made from"),
            (key, "Int64", meaning),
            (
                "recommended_product_ids",
                "Array(Int64)",
                "Up to ten products that were in stock, the best first",
            ),
            (
                "scores",
                "Array(Float64)",
                "Their sums of recency x likeness; compare products of one list only",
            ),
        ),
        ("recommended_on", key),
    )


USER_RECOMMENDATIONS = _recommendations(
    "ml.user_recommendations",
    "Products for each account that ordered. One row per day and account",
    "user_id",
    "The account",
)
PRODUCT_RECOMMENDATIONS = _recommendations(
    "ml.product_recommendations",
    "Products wanted after each product. One row per day and product",
    "product_id",
    "The product that is looked at",
)
OUTPUTS = (
    CUSTOMER_SCORES,
    DEMAND_FORECASTS,
    FRAUD_SCORES,
    PRODUCT_RECOMMENDATIONS,
    PURCHASE_ORDERS,
    REORDER_PROPOSALS,
    USER_RECOMMENDATIONS,
)
