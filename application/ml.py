"""Models on this home's data: training, promotion and predictions in the warehouse; evaluation without it."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from tradewind.ml.errors import DataError, RegistryError
from tradewind.ml.evaluation import Score
from tradewind.ml.registry import ModelVersion, Registry
from tradewind.settings import home_folder, load_settings, reorder_settings

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

    from tradewind.ml.demand.evaluate import Period
    from tradewind.ml.demand.model import Forecast, TrainingPlan
    from tradewind.ml.panel import Panel

FORMATS = {"demand": "demand"}
"""Data shape -> the model that it evaluates."""
TRAINED_MODELS = ("demand",)
SIMULATED_UNTIL = dt.date(2026, 1, 1)
"""The simulated shop that models are evaluated on ends before this day: its figures can be repeated."""
SIMULATED_DAYS = 500
PUBLIC_HORIZON = 90


def registry(client: Client) -> Registry:
    """The home's registry, with its table."""
    found = Registry(client, home_folder() / "models")
    found.create()
    return found


def client() -> Client:
    """The warehouse as the pipeline."""
    from tradewind.warehouse.client import connect

    return connect(load_settings().clickhouse_writer_url)


def train(warehouse: Client, model: str, plan: TrainingPlan | None = None) -> ModelVersion:
    """Train a version on the warehouse's history; the first one of a model becomes its champion."""
    from tradewind.ml.demand import training
    from tradewind.ml.demand.model import TrainingPlan
    from tradewind.ml.warehouse import read_panel

    _known(model)
    versions = registry(warehouse)
    version = versions.add(training.train(read_panel(warehouse), plan or TrainingPlan()))
    if versions.champion(model) is None:
        return versions.promote(version, training.METRIC)
    return version


def train_and_compare(
    warehouse: Client, model: str, plan: TrainingPlan | None = None
) -> tuple[ModelVersion, bool]:
    """Train a version and make it the champion if it is not worse: the version, and whether it is."""
    from tradewind.ml.demand.training import METRIC

    version = train(warehouse, model, plan)
    try:
        promoted = registry(warehouse).promote(version, METRIC)
    except RegistryError:
        return version, False
    return promoted, True


def write_features(warehouse: Client) -> int:
    """Write the features of the next day into the warehouse; the number of rows."""
    from tradewind.ml.demand.training import feature_rows
    from tradewind.ml.warehouse import FEATURES, create_features, read_panel

    rows = feature_rows(read_panel(warehouse))
    warehouse.command(create_features())
    warehouse.insert_df(FEATURES, rows)
    return len(rows)


def promote(warehouse: Client, model: str, version: str, *, is_forced: bool = False) -> ModelVersion:
    """Make a version the champion; RegistryError if it is worse than the present one."""
    from tradewind.ml.demand.training import METRIC

    _known(model)
    versions = registry(warehouse)
    return versions.promote(versions.find(model, version), METRIC, is_forced=is_forced)


def predict(warehouse: Client, model: str, version: str | None = None) -> tuple[str, int]:
    """Write a model's predictions into the warehouse: the version of the demand model used, and the rows.

    demand: its forecasts; stock: reorder proposals and purchase orders that follow from them.
    """
    if model not in PREDICTIONS:
        raise DataError(f"{model} has no predictions; known are {', '.join(PREDICTIONS)}")
    from tradewind.ml.demand import training
    from tradewind.ml.warehouse import read_panel

    versions = registry(warehouse)
    chosen = versions.find("demand", version)
    panel = read_panel(warehouse)
    forecast = training.load(versions.files(chosen)).predict(panel)
    return chosen.version, PREDICTIONS[model](warehouse, panel, forecast, chosen.version)


def _write_forecasts(warehouse: Client, panel: Panel, forecast: Forecast, version: str) -> int:
    from tradewind.ml.demand.training import forecast_rows
    from tradewind.ml.warehouse import CREATE_FORECASTS, FORECASTS

    rows = forecast_rows(panel, forecast, version)
    warehouse.command(CREATE_FORECASTS)
    warehouse.insert_df(FORECASTS, rows)
    return len(rows)


def _write_proposals(warehouse: Client, panel: Panel, forecast: Forecast, version: str) -> int:
    from tradewind.ml.demand.history import stock_on_hand
    from tradewind.ml.stock import tables
    from tradewind.ml.stock.policy import Policy
    from tradewind.ml.warehouse import read_coming, read_movements, read_skus

    settings = reorder_settings()
    policy = Policy(settings.tradewind_service_level, minimum_order=settings.tradewind_minimum_order)
    warehouse.command(tables.CREATE_PROPOSALS)
    warehouse.command(tables.CREATE_ORDERS)
    day = panel.future(1)[0].tz_localize("UTC")
    stock = stock_on_hand(read_movements(warehouse), panel.keys, day)
    coming = read_coming(warehouse, panel.keys, day.date())
    rows = tables.proposal_rows(panel, stock, coming, read_skus(warehouse), forecast, version, policy)
    orders = tables.order_rows(rows, settings.tradewind_accept_orders)
    warehouse.insert_df(tables.PROPOSALS, rows)
    if len(orders):
        warehouse.insert_df(tables.ORDERS, orders)
    return len(rows)


PREDICTIONS: dict[str, Callable[[Client, Panel, Forecast, str], int]] = {
    "demand": _write_forecasts,
    "stock": _write_proposals,
}


def evaluate(
    model: str,
    data: Path | None = None,
    data_format: str | None = None,
    horizon: int | None = None,
    size: str = "small",
    *,
    with_challengers: bool = False,
) -> list[Score]:
    """Back-tests of a model, or of all: on `data`, or on the simulated shop and public data at hand."""
    if data is not None:
        return _on_data(model, data, data_format, horizon, with_challengers)
    if data_format is not None:
        raise DataError("--format says how --data is to be read; give --data as well")
    chosen = EVALUATIONS if model == "all" else {model: _evaluation(model)}
    return [score for each in chosen.values() for score in each(size, with_challengers)]


def _on_data(
    model: str, data: Path, data_format: str | None, horizon: int | None, with_challengers: bool
) -> list[Score]:
    if data_format not in FORMATS:
        raise DataError(f"--format {data_format}: known are {', '.join(FORMATS)}")
    if model not in (FORMATS[data_format], "all"):
        raise DataError(f"data of the shape {data_format} evaluates {FORMATS[data_format]}, not {model}")
    from tradewind.ml.demand import data_format as demand_format
    from tradewind.ml.demand import evaluate as demand

    return demand.on_data(demand_format.read(data), data.name, horizon or 28, _challengers(with_challengers))


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

    tables = simulated_tables(size)
    panel = shop_panel(*tables, pd.Timestamp(SIMULATED_UNTIL, tz="UTC"))
    return shop_periods(panel, methods=_challengers(with_challengers)), tables[0]


def _shop_name(size: str) -> str:
    return f"simulated shop, {size}"


def _transfer(size: str, with_challengers: bool) -> list[Score]:
    from tradewind.ml.transfer.evaluate import on_generated

    return on_generated()


EVALUATIONS: dict[str, Callable[[str, bool], list[Score]]] = {
    "demand": _demand,
    "stock": _stock,
    "transfer": _transfer,
}


def public_data(name: str) -> Path | None:
    """The folder of a public data set under TRADEWIND_DATA; None if it is not at hand."""
    root = os.environ.get("TRADEWIND_DATA")
    folder = Path(root) / name if root else None
    return folder if folder is not None and folder.is_dir() else None


def simulated_panel(size: str, seed: int = 1) -> Panel:
    """Demand in a simulated shop, made in memory."""
    from tradewind.ml.demand.history import shop_panel

    tables = simulated_tables(size, seed)
    return shop_panel(*tables, pd.Timestamp(SIMULATED_UNTIL, tz="UTC"))


def simulated_tables(size: str, seed: int = 1) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Stock ledger, prices and SKUs of a simulated shop, as the warehouse has them of a captured one."""
    from simulator.history.change_history import sku_price_history
    from simulator.history.generate import generate_history
    from simulator.history.inventory_tables import inventory_log
    from simulator.plan import make_plan
    from simulator.world.catalogue_tables import categories

    plan = make_plan(size, seed, SIMULATED_DAYS, SIMULATED_UNTIL, dt.datetime.now(dt.UTC).date())
    history = generate_history(plan)
    catalogue = history.world.catalogue
    tree = categories(plan).to_pandas().set_index("category_id")
    product = catalogue.product
    skus = pd.DataFrame(
        {
            "sku_id": range(1, catalogue.count + 1),
            "department": _departments(tree, catalogue.product_category[product] + 1),
            "supplier_id": catalogue.product_supplier[product] + 1,
            "lead_time_days": history.world.suppliers.lead_days[catalogue.product_supplier[product]],
            "unit_cost": catalogue.cost / 100,
        }
    )
    ledger = inventory_log(history.allocation.ledger, catalogue).to_pandas()
    return ledger, sku_price_history(history).to_pandas(), skus


def _departments(tree: pd.DataFrame, categories: Any) -> list[str]:
    """The name of each category's root."""
    found = []
    for category in categories:
        while not pd.isna(tree.loc[category, "parent_id"]):
            category = int(tree.loc[category, "parent_id"])
        found.append(str(tree.loc[category, "category_name"]))
    return found


def _challengers(wanted: bool) -> dict[str, Any]:
    if not wanted:
        return {}
    from tradewind.ml.demand import statistical

    return {"statistical (Croston, exponential smoothing)": statistical.forecast}


def _known(model: str) -> None:
    if model not in TRAINED_MODELS:
        raise DataError(f"{model} is not a model that is trained; known are {', '.join(TRAINED_MODELS)}")


def _evaluation(model: str) -> Callable[[str, bool], list[Score]]:
    if model not in EVALUATIONS:
        raise DataError(f"{model} is not a model; known are {', '.join(EVALUATIONS)}, or all")
    return EVALUATIONS[model]
