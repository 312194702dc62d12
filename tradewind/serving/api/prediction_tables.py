"""Addresses of what the models predict."""

from __future__ import annotations

from tradewind.ml import outputs
from tradewind.serving.api.table import Names, Order, Prediction, Table

STOCK_NAMES = Names(
    "ads.ads_inventory_health",
    ("sku_id", "warehouse_id"),
    ("sku_code", "product_name", "warehouse_name"),
)

PREDICTIONS = (
    Table(
        "/fraud/scores",
        outputs.FRAUD_SCORES.name,
        "How likely each of the last orders ends as fraud, and why; the most likely first.",
        Order(("score", "order_id"), is_descending=True),
        filters=("decision", "order_id", "user_id"),
        period="judged_at",
        has_people=True,
        prediction=Prediction(outputs.FRAUD_SCORES, "fraud", "fraud"),
    ),
    Table(
        "/forecasts/demand",
        outputs.DEMAND_FORECASTS.name,
        "Expected pieces per day, SKU and warehouse with their interval, by the last run.",
        Order(("forecast_date", "sku_id", "warehouse_id")),
        filters=("sku_id", "warehouse_id"),
        period="forecast_date",
        prediction=Prediction(outputs.DEMAND_FORECASTS, "demand", "demand", run="forecast_from"),
        names=(STOCK_NAMES,),
    ),
    Table(
        "/stock/reorder-proposals",
        outputs.REORDER_PROPOSALS.name,
        "When each SKU runs out in a warehouse and what to order, by the last run; the most urgent first.",
        Order(("run_out_probability", "sku_id", "warehouse_id"), is_descending=True),
        filters=("sku_id", "warehouse_id", "supplier_id", "priority", "is_low_stock"),
        prediction=Prediction(outputs.REORDER_PROPOSALS, "demand", "stock", run="proposed_on"),
        names=(STOCK_NAMES,),
    ),
    Table(
        "/stock/purchase-orders",
        outputs.PURCHASE_ORDERS.name,
        "Proposed purchase orders per supplier and warehouse, by the last run.",
        Order(("supplier_id", "warehouse_id")),
        filters=("supplier_id", "warehouse_id", "priority", "status"),
        prediction=Prediction(outputs.PURCHASE_ORDERS, "demand", "stock", run="proposed_on"),
    ),
    Table(
        "/customers/scores",
        outputs.CUSTOMER_SCORES.name,
        "Each account's churn, expected orders and margin, by the last run.",
        Order(("user_id",)),
        filters=("user_id", "segment"),
        has_people=True,
        prediction=Prediction(outputs.CUSTOMER_SCORES, "customers", "customers", run="scored_on"),
    ),
)
