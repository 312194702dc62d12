"""Features, training, predictions and reorder proposals as assets; the models are in `tradewind/ml/`.

The models load libraries for seconds, so they are imported only where something is computed.
"""

from collections.abc import Iterator

import dagster as dg

from orchestration.resources import Warehouse

GROUP = "ml"
HISTORY = [dg.AssetKey(["ods", name]) for name in ("ods_inventory_log", "ods_sku_price_history")]
SKUS = [dg.AssetKey(["cdm", "dim_product"]), dg.AssetKey(["ods", "ods_product_skus"])]
FEATURES = dg.AssetKey(["ml", "demand_features"])
VERSIONS = dg.AssetKey(["ml", "model_versions"])
FORECASTS = dg.AssetKey(["ml", "demand_forecasts"])
PROPOSALS = dg.AssetKey(["ml", "reorder_proposals"])
ORDER_ITEMS = dg.AssetKey(["cdm", "fact_order_items"])
STOCK = [dg.AssetKey(["ods", name]) for name in ("ods_inventory", "ods_product_skus", "ods_products")]
CUSTOMER_FEATURES = dg.AssetKey(["ml", "customer_features"])
CUSTOMER_VERSIONS = dg.AssetKey(["ml", "customer_model_versions"])
CUSTOMER_SCORES = dg.AssetKey(["ml", "customer_scores"])
RECOMMENDATION_VERSIONS = dg.AssetKey(["ml", "recommendation_model_versions"])
USER_RECOMMENDATIONS = dg.AssetKey(["ml", "user_recommendations"])
PRODUCT_RECOMMENDATIONS = dg.AssetKey(["ml", "product_recommendations"])
PURCHASES = [
    dg.AssetKey(["ods", f"ods_{name}"])
    for name in ("orders", "users", "payments", "order_returns", "fraud_cases")
]
FRAUD_VERSIONS = dg.AssetKey(["ml", "fraud_model_versions"])
FRAUD_SCORES = dg.AssetKey(["ml", "fraud_scores"])


class TrainingConfig(dg.Config):
    """How to train."""

    seed: int = 1


@dg.asset(
    key=FEATURES,
    deps=[*HISTORY, *SKUS],
    group_name=GROUP,
    kinds={"clickhouse", "python"},
    description="Features of the demand model at the end of the history. One row per SKU and warehouse.",
)
def demand_features(warehouse: Warehouse) -> dg.MaterializeResult[None]:
    """Compute the features of the next day and write them."""
    from application import ml

    rows = ml.write_features(warehouse.client())
    return dg.MaterializeResult(metadata={"dagster/row_count": rows})


@dg.asset(
    key=VERSIONS,
    deps=[FEATURES],
    group_name=GROUP,
    kinds={"clickhouse", "xgboost"},
    description="Versions of the models. A run trains a challenger; one that is better becomes the champion.",
)
def model_versions(
    context: dg.AssetExecutionContext, warehouse: Warehouse, config: TrainingConfig
) -> dg.MaterializeResult[None]:
    """Train a version of the demand model on all of the history, and promote it if it is better."""
    return trained(context, warehouse, config, "demand")


def trained(
    context: dg.AssetExecutionContext, warehouse: Warehouse, config: TrainingConfig, model: str
) -> dg.MaterializeResult[None]:
    """Train a version, promote it if it is better, and say what it reached."""
    from application import ml
    from tradewind.ml.demand.model import TrainingPlan

    plan = TrainingPlan(seed=config.seed)
    version, was_promoted = ml.train_and_compare(warehouse.client(), model, plan)
    context.log.info("%s %s is now %s", version.model, version.version, version.stage)
    metadata = {name: dg.MetadataValue.float(value) for name, value in version.metrics.items()}
    return dg.MaterializeResult(
        metadata={
            "version": version.version,
            "stage": version.stage,
            "was_promoted": was_promoted,
            **metadata,
        }
    )


@dg.asset(
    key=FORECASTS,
    deps=[FEATURES, VERSIONS],
    group_name=GROUP,
    kinds={"clickhouse", "python"},
    description="Daily demand per SKU and warehouse, 30 days ahead, by the champion.",
)
def demand_forecasts(warehouse: Warehouse) -> dg.MaterializeResult[None]:
    """Forecast with the champion."""
    from application import ml

    version, rows = ml.predict(warehouse.client(), "demand")
    return dg.MaterializeResult(metadata={"version": version, "dagster/row_count": rows})


@dg.asset(
    key=PROPOSALS,
    deps=[FORECASTS],
    group_name=GROUP,
    kinds={"clickhouse", "python"},
    description="Run-out dates and what to reorder, per SKU and warehouse; and `ml.purchase_orders`.",
)
def reorder_proposals(warehouse: Warehouse) -> dg.MaterializeResult[None]:
    """Propose reorders by the forecast and the stock on hand."""
    from application import ml

    version, rows = ml.predict(warehouse.client(), "stock")
    return dg.MaterializeResult(metadata={"version": version, "dagster/row_count": rows})


@dg.asset(
    key=CUSTOMER_FEATURES,
    deps=[ORDER_ITEMS],
    group_name=GROUP,
    kinds={"clickhouse", "python"},
    description="How often, when and for what margin each account ordered. One row per account.",
)
def customer_features(warehouse: Warehouse) -> dg.MaterializeResult[None]:
    """Compute what is known of each account at the end of the history."""
    from application import ml

    return dg.MaterializeResult(
        metadata={"dagster/row_count": ml.write_customer_features(warehouse.client())}
    )


@dg.asset(
    key=CUSTOMER_VERSIONS,
    deps=[CUSTOMER_FEATURES],
    group_name=GROUP,
    kinds={"clickhouse", "python"},
    description="Versions of the customer model (BG/NBD, Gamma-Gamma) in ml.model_versions.",
)
def customer_model_versions(
    context: dg.AssetExecutionContext, warehouse: Warehouse, config: TrainingConfig
) -> dg.MaterializeResult[None]:
    """Train a version of the customer model, and promote it if it is better."""
    return trained(context, warehouse, config, "customers")


@dg.asset(
    key=CUSTOMER_SCORES,
    deps=[CUSTOMER_FEATURES, CUSTOMER_VERSIONS],
    group_name=GROUP,
    kinds={"clickhouse", "python"},
    description="Churn, expected orders and margin, next order date and segment of each account.",
)
def customer_scores(warehouse: Warehouse) -> dg.MaterializeResult[None]:
    """Score every account with the champion."""
    from application import ml

    version, rows = ml.predict(warehouse.client(), "customers")
    return dg.MaterializeResult(metadata={"version": version, "dagster/row_count": rows})


@dg.asset(
    key=RECOMMENDATION_VERSIONS,
    deps=[ORDER_ITEMS],
    group_name=GROUP,
    kinds={"clickhouse", "python"},
    description="Versions of the recommendations (weights of item neighbours) in ml.model_versions.",
)
def recommendation_model_versions(
    context: dg.AssetExecutionContext, warehouse: Warehouse, config: TrainingConfig
) -> dg.MaterializeResult[None]:
    """Choose weights, and promote them if they are better."""
    return trained(context, warehouse, config, "recommendations")


@dg.multi_asset(
    specs=[
        dg.AssetSpec(
            key,
            deps=[RECOMMENDATION_VERSIONS, ORDER_ITEMS, *STOCK],
            group_name=GROUP,
            kinds={"clickhouse", "python"},
            description=description,
        )
        for key, description in (
            (USER_RECOMMENDATIONS, "Up to ten products in stock for each account that ordered."),
            (PRODUCT_RECOMMENDATIONS, "Up to ten products in stock that are wanted after each product."),
        )
    ]
)
def recommendations(warehouse: Warehouse) -> Iterator[dg.MaterializeResult[None]]:
    """Recommend with the champion."""
    from application import ml

    version, _ = ml.predict(warehouse.client(), "recommendations")
    for key in (USER_RECOMMENDATIONS, PRODUCT_RECOMMENDATIONS):
        yield dg.MaterializeResult(asset_key=key, metadata={"version": version})


@dg.asset(
    key=FRAUD_VERSIONS,
    deps=[*PURCHASES, dg.AssetKey(["cdm", "fact_orders"])],
    group_name=GROUP,
    kinds={"clickhouse", "xgboost"},
    description="Versions of the fraud model in ml.model_versions, trained on decided cases.",
)
def fraud_model_versions(
    context: dg.AssetExecutionContext, warehouse: Warehouse, config: TrainingConfig
) -> dg.MaterializeResult[None]:
    """Train a version of the fraud model, and promote it if it is better."""
    return trained(context, warehouse, config, "fraud")


@dg.asset(
    key=FRAUD_SCORES,
    deps=[FRAUD_VERSIONS, *PURCHASES],
    group_name=GROUP,
    kinds={"clickhouse", "python"},
    description="Score, rules, reasons and decision of each order of the last 30 days.",
)
def fraud_scores(warehouse: Warehouse) -> dg.MaterializeResult[None]:
    """Score recent orders with the champion."""
    from application import ml

    version, rows = ml.predict(warehouse.client(), "fraud")
    return dg.MaterializeResult(metadata={"version": version, "dagster/row_count": rows})


ASSETS = [
    demand_features,
    model_versions,
    demand_forecasts,
    reorder_proposals,
    customer_features,
    customer_model_versions,
    customer_scores,
    recommendation_model_versions,
    recommendations,
    fraud_model_versions,
    fraud_scores,
]
