"""How good each model is: on a data set by path, or on the simulated shop and public data at hand."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from application import ml_data, simulated_shop
from application.ml_data import Split
from tradewind.ml.errors import DataError
from tradewind.ml.evaluation import Score

if TYPE_CHECKING:
    from tradewind.ml.demand.evaluate import Period

PUBLIC_HORIZON = 90
GENERATED_CARDS: dict[str, Any] = {"customers": 600, "terminals": 1_200, "days": 90, "radius": 15, "seed": 1}
"""About a tenth of the size that is usual for generated card payments."""


def evaluate(
    model: str,
    data: Path | None = None,
    data_format: str | None = None,
    split: Split | None = None,
    size: str = "small",
    *,
    with_challengers: bool = False,
) -> list[Score]:
    """Back-tests of a model, or of all: on `data`, or on the simulated shop and public data at hand."""
    if data is not None:
        methods = _challengers(with_challengers)
        return ml_data.evaluate(model, data, data_format, split or Split(), methods)
    if data_format is not None:
        raise DataError("--format says how --data is to be read; give --data as well")
    chosen = EVALUATIONS if model == "all" else {model: _evaluation(model)}
    return [score for each in chosen.values() for score in each(size, with_challengers)]


def _demand(size: str, with_challengers: bool) -> list[Score]:
    from tradewind.ml.demand.evaluate import on_shop

    periods, _ = _simulated_periods(size, with_challengers)
    return [*on_shop(periods, _shop_name(size)), *store_item_scores(with_challengers)]


def store_item_scores(with_challengers: bool = False) -> list[Score]:
    """Scores on the public store-item data; a row without a figure if it is not at hand."""
    from tradewind.ml.demand import data_format as demand_format
    from tradewind.ml.demand.evaluate import on_data

    name, folder = "store-item demand", public_data("store_item_demand")
    if folder is None:
        return [Score("demand", name, "SMAPE, %", None, note="set TRADEWIND_DATA")]
    return on_data(demand_format.read(folder), name, PUBLIC_HORIZON, _challengers(with_challengers))


def _stock(size: str, with_challengers: bool) -> list[Score]:
    from tradewind.ml.stock.evaluate import on_shop

    periods, movements = _simulated_periods(size, with_challengers)
    return on_shop(periods, movements, _shop_name(size))


@cache
def _simulated_periods(size: str, with_challengers: bool) -> tuple[list[Period], pd.DataFrame]:
    """Held-out periods of a simulated shop, and its stock ledger; demand and stock are judged by the same."""
    from tradewind.ml.demand.evaluate import shop_periods
    from tradewind.ml.demand.history import shop_panel

    tables = simulated_shop.tables(size)
    panel = shop_panel(*tables, pd.Timestamp(simulated_shop.UNTIL, tz="UTC"))
    return shop_periods(panel, methods=_challengers(with_challengers)), tables[0]


def _shop_name(size: str) -> str:
    return f"simulated shop, {size}"


def _transfer(size: str, with_challengers: bool) -> list[Score]:
    from tradewind.ml.transfer.evaluate import on_generated

    return on_generated()


def _recommendations(size: str, with_challengers: bool) -> list[Score]:
    from tradewind.ml.recommendations.evaluate import sequences

    return [*sequences(simulated_shop.histories(size), _shop_name(size)), *retail_rocket_scores()]


def retail_rocket_scores() -> list[Score]:
    """Scores on the public RetailRocket sample; a row without a figure if it is not at hand."""
    from tradewind.ml.recommendations import retail_rocket
    from tradewind.ml.recommendations.evaluate import left_out

    name, folder = "RetailRocket sample", public_data("retailrocket_sample")
    if folder is None:
        return [
            Score("recommendations", name, "HR@10", None, is_lower_better=False, note="set TRADEWIND_DATA")
        ]
    return left_out(retail_rocket.read(folder), name)


def _fraud(size: str, with_challengers: bool) -> list[Score]:
    """A small shop has five attacks, too few to learn from, so a medium one is looked at instead."""
    from tradewind.ml.fraud import cards
    from tradewind.ml.fraud.evaluate import Protocol, on_data
    from tradewind.ml.fraud.evaluate_orders import on_shop

    table = cards.checked(cards.generate(**GENERATED_CARDS), "generated")
    larger = "medium" if size == "small" else size
    return [
        *on_shop(*simulated_shop.order_tables(larger), _shop_name(larger)),
        *on_data(table, "generated card payments", Protocol()),
    ]


def _customers(size: str, with_challengers: bool) -> list[Score]:
    from tradewind.ml.customers.evaluate import on_data

    return on_data(simulated_shop.purchases(size), _shop_name(size))


EVALUATIONS: dict[str, Callable[[str, bool], list[Score]]] = {
    "demand": _demand,
    "stock": _stock,
    "transfer": _transfer,
    "recommendations": _recommendations,
    "fraud": _fraud,
    "customers": _customers,
}


def public_data(name: str) -> Path | None:
    """The folder of a public data set under TRADEWIND_DATA; None if it is not at hand."""
    root = os.environ.get("TRADEWIND_DATA")
    folder = Path(root) / name if root else None
    return folder if folder is not None and folder.is_dir() else None


def _challengers(wanted: bool) -> dict[str, Any]:
    if not wanted:
        return {}
    from tradewind.ml.demand import statistical

    return {"statistical (Croston, exponential smoothing)": statistical.forecast}


def _evaluation(model: str) -> Callable[[str, bool], list[Score]]:
    if model not in EVALUATIONS:
        raise DataError(f"{model} is not a model; known are {', '.join(EVALUATIONS)}, or all")
    return EVALUATIONS[model]
