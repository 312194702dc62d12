"""Checks of what models read and write, by Great Expectations; of leaks and of drift."""

from collections.abc import Sequence

import dagster as dg

from orchestration.defs.ml.assets import FEATURES, FORECASTS, PROPOSALS, VERSIONS
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


CHECKS = [
    inputs_are_valid,
    features_are_valid,
    features_have_not_drifted,
    no_feature_sees_the_future,
    forecasts_are_valid,
    proposals_are_valid,
]
