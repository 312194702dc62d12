"""Models on this home's data: training, promotion and predictions in the warehouse."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from tradewind.ml.errors import DataError, RegistryError
from tradewind.ml.registry import ModelVersion, Registry, Trained
from tradewind.settings import home_folder, load_settings, reorder_settings

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

    from tradewind.ml.demand.model import Forecast, TrainingPlan
    from tradewind.ml.panel import Panel

Files = Mapping[str, bytes]


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
    if model not in TRAINERS:
        raise DataError(f"{model} is not a model that is trained; known are {', '.join(TRAINERS)}")
    versions = registry(warehouse)
    version = versions.add(TRAINERS[model](warehouse, plan))
    if versions.champion(model) is None:
        return versions.promote(version, _metric(model))
    return version


def train_and_compare(
    warehouse: Client, model: str, plan: TrainingPlan | None = None
) -> tuple[ModelVersion, bool]:
    """Train a version and make it the champion if it is not worse: the version, and whether it is."""
    version = train(warehouse, model, plan)
    try:
        promoted = registry(warehouse).promote(version, _metric(model))
    except RegistryError:
        return version, False
    return promoted, True


def _train_demand(warehouse: Client, plan: TrainingPlan | None) -> Trained:
    from tradewind.ml.demand.model import TrainingPlan
    from tradewind.ml.demand.training import train
    from tradewind.ml.warehouse import read_panel

    return train(read_panel(warehouse), plan or TrainingPlan())


def _train_customers(warehouse: Client, plan: TrainingPlan | None) -> Trained:
    from tradewind.ml.customers.tables import read_purchases
    from tradewind.ml.customers.training import train

    return train(read_purchases(warehouse), plan.seed if plan else 1)


def _train_recommendations(warehouse: Client, plan: TrainingPlan | None) -> Trained:
    from tradewind.ml.recommendations.tables import read_offered, read_orders
    from tradewind.ml.recommendations.training import shop, train

    orders = read_orders(warehouse)
    return train(orders, shop(orders, read_offered(warehouse)), plan.seed if plan else 1)


def _train_fraud(warehouse: Client, plan: TrainingPlan | None) -> Trained:
    from tradewind.ml.fraud.tables import read_orders
    from tradewind.ml.fraud.training import train

    return train(read_orders(warehouse), plan.seed if plan else 1)


TRAINERS: dict[str, Callable[[Client, TrainingPlan | None], Trained]] = {
    "demand": _train_demand,
    "customers": _train_customers,
    "recommendations": _train_recommendations,
    "fraud": _train_fraud,
}


def _metric(model: str) -> str:
    """By what the model's versions are compared; less is better."""
    return str(import_module(f"tradewind.ml.{model}.training").METRIC)


def write_features(warehouse: Client) -> int:
    """Write the features of the next day into the warehouse; the number of rows."""
    from tradewind.ml.demand.training import feature_rows
    from tradewind.ml.warehouse import FEATURES, create_features, read_panel

    rows = feature_rows(read_panel(warehouse))
    warehouse.command(create_features())
    warehouse.insert_df(FEATURES, rows)
    return len(rows)


def write_customer_features(warehouse: Client) -> int:
    """Write what is known of each customer at the end of the history; the number of rows."""
    from tradewind.ml.customers import tables, training
    from tradewind.ml.customers.purchases import records

    table = tables.read_purchases(warehouse)
    last = table["date"].max()
    rows = training.feature_frame(records(table, last))
    rows.insert(0, "feature_date", last.date())
    warehouse.command(tables.CREATE_FEATURES)
    warehouse.insert_df(tables.FEATURES, rows)
    return len(rows)


def promote(warehouse: Client, model: str, version: str, *, is_forced: bool = False) -> ModelVersion:
    """Make a version the champion; RegistryError if it is worse than the present one."""
    if model not in TRAINERS:
        raise DataError(f"{model} is not a model that is trained; known are {', '.join(TRAINERS)}")
    versions = registry(warehouse)
    return versions.promote(versions.find(model, version), _metric(model), is_forced=is_forced)


def predict(warehouse: Client, model: str, version: str | None = None) -> tuple[str, int]:
    """Write a model's predictions into the warehouse: the version that was used, and the rows.

    demand: its forecasts; stock: reorder proposals and purchase orders that follow from them; customers:
    their scores; recommendations: of accounts and of products; fraud: scores of the last orders.
    """
    if model not in PREDICTIONS:
        raise DataError(f"{model} has no predictions; known are {', '.join(PREDICTIONS)}")
    trained, write = PREDICTIONS[model]
    versions = registry(warehouse)
    chosen = versions.find(trained, version)
    return chosen.version, write(warehouse, versions.files(chosen), chosen.version)


def _demand_forecast(warehouse: Client, files: Files) -> tuple[Panel, Forecast]:
    from tradewind.ml.demand import training
    from tradewind.ml.warehouse import read_panel

    panel = read_panel(warehouse)
    return panel, training.load(files).predict(panel)


def _write_forecasts(warehouse: Client, files: Files, version: str) -> int:
    from tradewind.ml.demand.training import forecast_rows
    from tradewind.ml.warehouse import CREATE_FORECASTS, FORECASTS

    panel, forecast = _demand_forecast(warehouse, files)
    rows = forecast_rows(panel, forecast, version)
    warehouse.command(CREATE_FORECASTS)
    warehouse.insert_df(FORECASTS, rows)
    return len(rows)


def _write_proposals(warehouse: Client, files: Files, version: str) -> int:
    from tradewind.ml.demand.history import stock_on_hand
    from tradewind.ml.stock import tables
    from tradewind.ml.stock.policy import Policy
    from tradewind.ml.warehouse import read_coming, read_movements, read_skus

    panel, forecast = _demand_forecast(warehouse, files)
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


def _write_scores(warehouse: Client, files: Files, version: str) -> int:
    from tradewind.ml.customers import tables, training
    from tradewind.ml.customers.purchases import records

    table = tables.read_purchases(warehouse)
    last = table["date"].max()
    rows = training.score_rows(training.load(files), records(table, last), last, version)
    warehouse.command(tables.CREATE_SCORES)
    warehouse.insert_df(tables.SCORES, rows)
    return len(rows)


def _write_recommendations(warehouse: Client, files: Files, version: str) -> int:
    from tradewind.ml.recommendations import tables, training

    orders = tables.read_orders(warehouse)
    found = training.shop(orders, tables.read_offered(warehouse))
    day = orders["ordered_at"].max()
    model, count = training.load(files), 0
    for table, create, make in (
        (tables.USERS, tables.CREATE_USERS, training.user_rows),
        (tables.PRODUCTS, tables.CREATE_PRODUCTS, training.product_rows),
    ):
        rows = make(model, found, day, version)
        warehouse.command(create)
        warehouse.insert_df(table, rows)
        count += len(rows)
    return count


def _write_fraud_scores(warehouse: Client, files: Files, version: str) -> int:
    from tradewind.ml.fraud import tables, training

    rows = training.score_rows(training.load(files), tables.read_orders(warehouse), version)
    warehouse.command(tables.CREATE_SCORES)
    warehouse.insert_df(tables.SCORES, rows)
    return len(rows)


PREDICTIONS: dict[str, tuple[str, Callable[[Client, Files, str], int]]] = {
    "demand": ("demand", _write_forecasts),
    "stock": ("demand", _write_proposals),
    "customers": ("customers", _write_scores),
    "recommendations": ("recommendations", _write_recommendations),
    "fraud": ("fraud", _write_fraud_scores),
}
"""What is predicted -> the model whose version is used, and what writes it."""
