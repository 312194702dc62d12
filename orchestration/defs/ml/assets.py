"""Features, training, forecasts and reorder proposals as assets; the models are in `tradewind/ml/`.

The models load libraries for seconds, so they are imported only where something is computed.
"""

import dagster as dg

from orchestration.resources import Warehouse

GROUP = "ml"
HISTORY = [dg.AssetKey(["ods", name]) for name in ("ods_inventory_log", "ods_sku_price_history")]
SKUS = [dg.AssetKey(["cdm", "dim_product"]), dg.AssetKey(["ods", "ods_product_skus"])]
FEATURES = dg.AssetKey(["ml", "demand_features"])
VERSIONS = dg.AssetKey(["ml", "model_versions"])
FORECASTS = dg.AssetKey(["ml", "demand_forecasts"])
PROPOSALS = dg.AssetKey(["ml", "reorder_proposals"])


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
    from application import ml
    from tradewind.ml.demand.model import TrainingPlan

    plan = TrainingPlan(seed=config.seed)
    version, was_promoted = ml.train_and_compare(warehouse.client(), "demand", plan)
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
