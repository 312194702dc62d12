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


def reference(values: Floats) -> list[float]:
    """The bounds of ten bins with equal parts of the known values, to compare later values with."""
    known = values[np.isfinite(values)]
    return [float(bound) for bound in np.quantile(known, np.linspace(0, 1, BINS + 1))] if len(known) else []


def shift(bounds: Sequence[float], values: Floats) -> float:
    """Population stability index of values against a reference: 0 if equally spread, above 0.25 a shift."""
    known = values[np.isfinite(values)]
    inner = np.unique(np.asarray(bounds[1:-1]))
    if not len(known) or not len(inner):
        return 0.0 if not len(bounds) and not len(known) else float("inf") if not len(known) else 0.0
    edges = np.searchsorted(np.asarray(bounds[1:-1]), inner, side="right") / BINS
    expected = np.diff(np.concatenate([[0.0], edges, [1.0]]))
    found = np.bincount(np.searchsorted(inner, known, side="right"), minlength=len(inner) + 1) / len(known)
    expected, found = np.maximum(expected, 1e-4), np.maximum(found, 1e-4)
    return float(((found - expected) * np.log(found / expected)).sum())


def drifted(references: Mapping[str, Sequence[float]], frame: pd.DataFrame) -> dict[str, float]:
    """Feature -> index, of those that are spread otherwise than in training."""
    found = {
        name: shift(bounds, frame[name].to_numpy(dtype=float))
        for name, bounds in references.items()
        if bounds
    }
    return {name: index for name, index in found.items() if index > DRIFT}


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
