"""Checks of what models read and write, by Great Expectations; of leaks and of drift."""

from collections.abc import Sequence

import dagster as dg

from orchestration.defs.ml.assets import (
    CUSTOMER_FEATURES,
    CUSTOMER_SCORES,
    CUSTOMER_VERSIONS,
    FEATURES,
    FORECASTS,
    FRAUD_SCORES,
    FRAUD_VERSIONS,
    PRODUCT_RECOMMENDATIONS,
    PROPOSALS,
    RECOMMENDATION_VERSIONS,
    USER_RECOMMENDATIONS,
    VERSIONS,
)
from orchestration.resources import Warehouse


def result(findings: Sequence[object], *, is_warning: bool = False) -> dg.AssetCheckResult:
    """Passed without findings; the first ones are named."""
    return dg.AssetCheckResult(
        passed=not findings,
        severity=dg.AssetCheckSeverity.WARN if is_warning else dg.AssetCheckSeverity.ERROR,
        description="; ".join(map(str, findings[:10])) or None,
        metadata={"findings": len(findings)},
    )


@dg.asset_check(asset=FEATURES, name="inputs_are_valid", blocking=True)
def inputs_are_valid(warehouse: Warehouse) -> dg.AssetCheckResult:
    """The stock ledger has what demand is learned from."""
    from application import ml_checks

    return result(ml_checks.inputs(warehouse.client()))


@dg.asset_check(asset=FEATURES, name="features_are_valid", blocking=True)
def features_are_valid(warehouse: Warehouse) -> dg.AssetCheckResult:
    """Every feature is known for most places, and within its range."""
    from application import ml_checks

    return result(ml_checks.features(warehouse.client()))


@dg.asset_check(asset=FEATURES, name="features_have_not_drifted")
def features_have_not_drifted(warehouse: Warehouse) -> dg.AssetCheckResult:
    """Features are spread as in the training of the champion (population stability index)."""
    from application import ml_checks

    return result(ml_checks.drift(warehouse.client()), is_warning=True)


@dg.asset_check(asset=VERSIONS, name="no_feature_sees_the_future", blocking=True)
def no_feature_sees_the_future(warehouse: Warehouse) -> dg.AssetCheckResult:
    """No feature changes when later days are replaced by absurd values."""
    from application import ml_checks

    return result(ml_checks.leaks(warehouse.client()))


@dg.asset_check(asset=FORECASTS, name="forecasts_are_valid", blocking=True)
def forecasts_are_valid(warehouse: Warehouse) -> dg.AssetCheckResult:
    """Quantities are numbers of 0 or more, and quantiles in order."""
    from application import ml_checks

    return result(ml_checks.forecasts(warehouse.client()))


@dg.asset_check(asset=PROPOSALS, name="proposals_are_valid")
def proposals_are_valid(warehouse: Warehouse) -> dg.AssetCheckResult:
    """One proposal per SKU and warehouse, with a probability and a known priority."""
    from application import ml_checks

    return result(ml_checks.proposals(warehouse.client()))


@dg.asset_check(asset=CUSTOMER_FEATURES, name="customer_features_are_valid", blocking=True)
def customer_features_are_valid(warehouse: Warehouse) -> dg.AssetCheckResult:
    """Counts and times are within their range, one row per account."""
    from application import ml_checks

    return result(ml_checks.customer_features(warehouse.client()))


@dg.asset_check(asset=CUSTOMER_FEATURES, name="customer_features_have_not_drifted")
def customer_features_have_not_drifted(warehouse: Warehouse) -> dg.AssetCheckResult:
    """Features are spread as in the training of the champion (population stability index)."""
    from application import ml_checks

    return result(ml_checks.customer_drift(warehouse.client()), is_warning=True)


@dg.asset_check(asset=CUSTOMER_VERSIONS, name="no_customer_feature_sees_the_future", blocking=True)
def no_customer_feature_sees_the_future(warehouse: Warehouse) -> dg.AssetCheckResult:
    """No feature changes when later orders are replaced by absurd ones."""
    from application import ml_checks

    return result(ml_checks.customer_leaks(warehouse.client()))


@dg.asset_check(asset=CUSTOMER_SCORES, name="customer_scores_are_valid", blocking=True)
def customer_scores_are_valid(warehouse: Warehouse) -> dg.AssetCheckResult:
    """Probabilities are 0 to 1, expectations 0 or more, segments known."""
    from application import ml_checks

    return result(ml_checks.customer_scores(warehouse.client()))


@dg.asset_check(asset=RECOMMENDATION_VERSIONS, name="no_likeness_sees_the_future", blocking=True)
def no_likeness_sees_the_future(warehouse: Warehouse) -> dg.AssetCheckResult:
    """The likeness of products does not change with what was bought later."""
    from application import ml_checks

    return result(ml_checks.recommendation_leaks(warehouse.client()))


@dg.asset_check(asset=USER_RECOMMENDATIONS, name="users_are_offered_what_is_in_stock", blocking=True)
def users_are_offered_what_is_in_stock(warehouse: Warehouse) -> dg.AssetCheckResult:
    """No account is recommended a product that is not on sale or out of stock, or one twice."""
    from application import ml_checks

    return result(ml_checks.recommendations(warehouse.client(), "user"))


@dg.asset_check(asset=PRODUCT_RECOMMENDATIONS, name="products_lead_to_what_is_in_stock", blocking=True)
def products_lead_to_what_is_in_stock(warehouse: Warehouse) -> dg.AssetCheckResult:
    """No product leads to one that is not on sale or out of stock, or to itself."""
    from application import ml_checks

    return result(ml_checks.recommendations(warehouse.client(), "product"))


@dg.asset_check(asset=FRAUD_VERSIONS, name="no_fraud_feature_sees_the_future", blocking=True)
def no_fraud_feature_sees_the_future(warehouse: Warehouse) -> dg.AssetCheckResult:
    """No feature changes with amounts, failures, returns and cases that are planted later."""
    from application import ml_checks

    return result(ml_checks.fraud_leaks(warehouse.client()))


@dg.asset_check(asset=FRAUD_VERSIONS, name="fraud_features_have_not_drifted")
def fraud_features_have_not_drifted(warehouse: Warehouse) -> dg.AssetCheckResult:
    """Features of recent orders are spread as those that were recent when the champion was trained."""
    from application import ml_checks

    return result(ml_checks.fraud_drift(warehouse.client()), is_warning=True)


@dg.asset_check(asset=FRAUD_SCORES, name="fraud_scores_are_valid", blocking=True)
def fraud_scores_are_valid(warehouse: Warehouse) -> dg.AssetCheckResult:
    """One score per order, 0 to 1, with a known decision."""
    from application import ml_checks

    return result(ml_checks.fraud_scores(warehouse.client()))


CHECKS = [
    inputs_are_valid,
    features_are_valid,
    features_have_not_drifted,
    no_feature_sees_the_future,
    forecasts_are_valid,
    proposals_are_valid,
    customer_features_are_valid,
    customer_features_have_not_drifted,
    no_customer_feature_sees_the_future,
    customer_scores_are_valid,
    no_likeness_sees_the_future,
    users_are_offered_what_is_in_stock,
    products_lead_to_what_is_in_stock,
    no_fraud_feature_sees_the_future,
    fraud_features_have_not_drifted,
    fraud_scores_are_valid,
]
