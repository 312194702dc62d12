"""What inputs and outputs of the models must fulfil, as suites of Great Expectations; and drift.

Great Expectations takes seconds to import, so it is imported only where something is to be validated.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tradewind.ml.panel import Floats

DRIFT = 0.25
"""A population stability index above this is called a shift by the usual rule."""
BINS = 10
RATIOS = ("lag_", "mean_", "std_", "max_")
MOST_UNKNOWN = 0.5
"""Part of places for which a feature may be unknown: new ones, and those without stock."""


@dataclass(frozen=True)
class Reference:
    """How a feature was spread in training: the inner edges of bins, and the part of values in each bin."""

    edges: Sequence[float]
    shares: Sequence[float]


@dataclass(frozen=True)
class Finding:
    """An expectation that was not met."""

    column: str
    rule: str
    failed: int
    examples: Sequence[Any]

    def __str__(self) -> str:
        """`quantity_p50: values are between 0 and None, 3 rows such as -1.0`."""
        shown = f" such as {', '.join(map(str, self.examples[:3]))}" if self.examples else ""
        return f"{self.column}: {self.rule}, {self.failed} rows{shown}"


def movements() -> list[Any]:
    """The stock ledger that demand is learned from."""
    gx = _expectations()
    known = ["receipt", "return", "transfer_in", "sale", "transfer_out", "write_off", "adjustment"]
    return [
        *(
            gx.ExpectColumnValuesToNotBeNull(column=column)
            for column in ("sku_id", "warehouse_id", "quantity_change", "moved_at")
        ),
        gx.ExpectColumnValuesToBeInSet(column="movement_type", value_set=known),
        gx.ExpectTableRowCountToBeBetween(min_value=1),
    ]


def features(names: Sequence[str]) -> list[Any]:
    """Features of the model, a column each."""
    gx = _expectations()
    found = []
    for name in names:
        if name.startswith(RATIOS):
            found.append(gx.ExpectColumnValuesToNotBeNull(column=name, mostly=1 - MOST_UNKNOWN))
            found.append(gx.ExpectColumnValuesToBeBetween(column=name, min_value=0, max_value=1e5))
    found.append(gx.ExpectColumnValuesToBeBetween(column="level", min_value=-20, max_value=20))
    found.append(gx.ExpectColumnValuesToNotBeNull(column="level"))
    return found


def forecasts() -> list[Any]:
    """Rows of `ml.demand_forecasts`."""
    gx = _expectations()
    quantities = ("expected_quantity", "quantity_p05", "quantity_p50", "quantity_p95")
    return [
        gx.ExpectTableRowCountToBeBetween(min_value=1),
        *(gx.ExpectColumnValuesToNotBeNull(column=column) for column in quantities),
        *(gx.ExpectColumnValuesToBeBetween(column=column, min_value=0) for column in quantities),
        *(
            gx.ExpectColumnPairValuesAToBeGreaterThanB(column_A=high, column_B=low, or_equal=True)
            for low, high in (("quantity_p05", "quantity_p50"), ("quantity_p50", "quantity_p95"))
        ),
        gx.ExpectCompoundColumnsToBeUnique(column_list=["sku_id", "warehouse_id", "forecast_date"]),
    ]


def proposals() -> list[Any]:
    """Rows of `ml.reorder_proposals`."""
    gx = _expectations()
    return [
        gx.ExpectColumnValuesToBeBetween(column="order_quantity", min_value=0),
        gx.ExpectColumnValuesToBeBetween(column="run_out_probability", min_value=0, max_value=1),
        gx.ExpectColumnValuesToBeInSet(
            column="priority", value_set=["Critical", "High", "Medium", "Low", "None"]
        ),
        gx.ExpectCompoundColumnsToBeUnique(column_list=["sku_id", "warehouse_id"]),
    ]


def customer_features() -> list[Any]:
    """Rows of `ml.customer_features`."""
    gx = _expectations()
    times = ("last_order_weeks", "age_weeks", "silence_weeks")
    return [
        gx.ExpectTableRowCountToBeBetween(min_value=1),
        gx.ExpectColumnValuesToBeUnique(column="user_id"),
        gx.ExpectColumnValuesToBeBetween(column="order_count", min_value=1),
        *(gx.ExpectColumnValuesToBeBetween(column=column, min_value=0, max_value=5_000) for column in times),
        *(gx.ExpectColumnValuesToNotBeNull(column=column) for column in ("user_id", "mean_margin", *times)),
    ]


def customer_scores(segments: Sequence[str]) -> list[Any]:
    """Rows of `ml.customer_scores`."""
    gx = _expectations()
    probabilities = ("alive_probability", "churn_probability")
    expected = ("expected_orders_90d", "expected_orders_365d", "expected_margin_365d")
    return [
        gx.ExpectTableRowCountToBeBetween(min_value=1),
        gx.ExpectColumnValuesToBeUnique(column="user_id"),
        *(gx.ExpectColumnValuesToBeBetween(column=name, min_value=0, max_value=1) for name in probabilities),
        *(gx.ExpectColumnValuesToBeBetween(column=name, min_value=0) for name in expected),
        *(gx.ExpectColumnValuesToNotBeNull(column=name) for name in (*probabilities, *expected)),
        gx.ExpectColumnValuesToBeInSet(column="segment", value_set=list(segments)),
    ]


def fraud_scores(decisions: Sequence[str]) -> list[Any]:
    """Rows of `ml.fraud_scores`."""
    gx = _expectations()
    return [
        gx.ExpectTableRowCountToBeBetween(min_value=1),
        gx.ExpectColumnValuesToBeUnique(column="order_id"),
        gx.ExpectColumnValuesToNotBeNull(column="score"),
        gx.ExpectColumnValuesToBeBetween(column="score", min_value=0, max_value=1),
        gx.ExpectColumnValuesToBeBetween(column="anomaly_score", min_value=0),
        gx.ExpectColumnValuesToBeInSet(column="decision", value_set=list(decisions)),
    ]


def validate(frame: pd.DataFrame, expectations: Sequence[Any], name: str) -> list[Finding]:
    """What of the expectations the frame does not meet; one that could not be computed is an error."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = ProgressBarsConfig(globally=False)
        asset = context.data_sources.add_pandas("frames").add_dataframe_asset(name)
        batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})
        suite = gx.ExpectationSuite(name, expectations=list(expectations))
        result = batch.validate(suite, result_format={"result_format": "SUMMARY"})
    return [_finding(each) for each in result.results if not each.success]


def reference(values: Floats) -> Reference:
    """How known values are spread over bins that ten equal parts of them make; fewer where values repeat."""
    known = values[np.isfinite(values)]
    if not len(known):
        return Reference([], [])
    edges = np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1))[1:-1])
    return Reference(edges.tolist(), _shares(edges, known).tolist())


def shift(expected: Reference, values: Floats) -> float:
    """Population stability index of values: 0 if spread as the reference, infinite if none is known."""
    known = values[np.isfinite(values)]
    if not len(expected.edges):
        return 0.0
    if not len(known):
        return float("inf")
    told, found = (
        np.maximum(shares, 1e-4)
        for shares in (np.asarray(expected.shares), _shares(np.asarray(expected.edges), known))
    )
    return float(((found - told) * np.log(found / told)).sum())


def drifted(references: Mapping[str, Reference], frame: pd.DataFrame) -> dict[str, float]:
    """Feature -> index, of those that are spread otherwise than in training."""
    found = {
        name: shift(expected, frame[name].to_numpy(dtype=float)) for name, expected in references.items()
    }
    return {name: index for name, index in found.items() if index > DRIFT}


def _shares(edges: Floats, values: Floats) -> Floats:
    """The part of values in each bin; a value on an edge is in the bin above."""
    bins = np.searchsorted(edges, values, side="right")
    shares: Floats = np.bincount(bins, minlength=len(edges) + 1) / len(values)
    return shares


def _expectations() -> Any:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import great_expectations.expectations as expectations
    return expectations


def _finding(result: Any) -> Finding:
    if result.exception_info and result.exception_info.get("raised_exception", True):
        raise RuntimeError(f"Great Expectations could not validate: {result.exception_info}")
    settings = result.expectation_config.kwargs
    column = settings.get("column") or settings.get("column_A") or ", ".join(settings.get("column_list", ()))
    rule = result.expectation_config.type.removeprefix("expect_").replace("_", " ")
    counts = result.result
    return Finding(
        column or "rows",
        rule,
        int(counts.get("unexpected_count") or 0),
        list(counts.get("partial_unexpected_list") or ()),
    )
