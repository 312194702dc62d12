"""Models on this home's data: training, promotion and predictions in the warehouse."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tradewind.ml.errors import DataError, RegistryError
from tradewind.ml.registry import ModelVersion, Registry
from tradewind.settings import home_folder, load_settings, reorder_settings

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

    from tradewind.ml.demand.model import Forecast, TrainingPlan
    from tradewind.ml.panel import Panel

TRAINED_MODELS = ("demand",)


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


def _known(model: str) -> None:
    if model not in TRAINED_MODELS:
        raise DataError(f"{model} is not a model that is trained; known are {', '.join(TRAINED_MODELS)}")
