"""What the checks of the models read from this home's warehouse."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pandas as pd

from application.ml import registry
from tradewind.ml import checks
from tradewind.ml.customers import tables as customer_tables
from tradewind.ml.customers import training as customers
from tradewind.ml.demand import training
from tradewind.ml.demand.features import check_point_in_time
from tradewind.ml.errors import LeakageError
from tradewind.ml.fraud import orders as fraud_orders
from tradewind.ml.fraud import tables as fraud_tables
from tradewind.ml.fraud import training as fraud
from tradewind.ml.outputs import DECISIONS, SEGMENTS
from tradewind.ml.recommendations import tables as recommendation_tables
from tradewind.ml.recommendations import training as recommendations_training
from tradewind.ml.stock.tables import PROPOSALS
from tradewind.ml.warehouse import FORECASTS, read_features, read_movements, read_panel

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

    from tradewind.ml.checks import Finding


def inputs(warehouse: Client) -> list[Finding]:
    """What is wrong with the stock ledger."""
    return checks.validate(read_movements(warehouse), checks.movements(), "stock ledger")


def features(warehouse: Client) -> list[Finding]:
    """What is wrong with the latest features."""
    frame = read_features(warehouse)
    return checks.validate(frame, checks.features(training.FEATURES), "features")


def drift(warehouse: Client) -> list[str]:
    """Features that are spread otherwise than in the champion's training; nothing without a champion."""
    versions = registry(warehouse)
    champion = versions.champion("demand")
    if champion is None:
        return []
    references = training.read_references(versions.files(champion)[training.REFERENCE])
    found = checks.drifted(references, read_features(warehouse))
    return [f"{name}: index {index:.2f}, above {checks.DRIFT}" for name, index in found.items()]


def leaks(warehouse: Client) -> list[str]:
    """Features that see the future."""
    panel = read_panel(warehouse)
    return _leaks(lambda: check_point_in_time(panel, panel.length - training.HORIZON, training.HORIZON))


def forecasts(warehouse: Client) -> list[Finding]:
    """What is wrong with the latest forecasts."""
    return checks.validate(_latest(warehouse, FORECASTS, "forecast_from"), checks.forecasts(), "forecasts")


def proposals(warehouse: Client) -> list[Finding]:
    """What is wrong with the latest proposals."""
    return checks.validate(_latest(warehouse, PROPOSALS, "proposed_on"), checks.proposals(), "proposals")


def customer_features(warehouse: Client) -> list[Finding]:
    """What is wrong with the latest features of customers."""
    frame = _latest(warehouse, customer_tables.FEATURES, "feature_date")
    return checks.validate(frame, checks.customer_features(), "features of customers")


def customer_drift(warehouse: Client) -> list[str]:
    """Features of customers that are spread otherwise than in the champion's training."""
    versions = registry(warehouse)
    champion = versions.champion("customers")
    if champion is None:
        return []
    references = training.read_references(versions.files(champion)[customers.REFERENCE])
    found = checks.drifted(references, _latest(warehouse, customer_tables.FEATURES, "feature_date"))
    return [f"{name}: index {index:.2f}, above {checks.DRIFT}" for name, index in found.items()]


def customer_leaks(warehouse: Client) -> list[str]:
    """Features of customers that see the future."""
    table = customer_tables.read_purchases(warehouse)
    cutoff = table["date"].max() - pd.Timedelta(days=customers.HELD_OUT_DAYS)
    return _leaks(lambda: customers.check_point_in_time(table, cutoff))


def customer_scores(warehouse: Client) -> list[Finding]:
    """What is wrong with the latest scores of customers."""
    frame = _latest(warehouse, customer_tables.SCORES, "scored_on")
    return checks.validate(frame, checks.customer_scores(SEGMENTS), "scores of customers")


def recommendation_leaks(warehouse: Client) -> list[str]:
    """Whether the likeness of products sees the future."""
    shop = recommendations_training.shop(
        recommendation_tables.read_orders(warehouse), recommendation_tables.read_offered(warehouse)
    )
    return _leaks(lambda: recommendations_training.check_point_in_time(shop.histories))


def recommendations(warehouse: Client, of: str) -> list[str]:
    """What is wrong with the latest recommendations of each `user` or `product`."""
    table = {"user": recommendation_tables.USERS, "product": recommendation_tables.PRODUCTS}[of]
    frame = _latest(warehouse, table, "recommended_on")
    offered = set(recommendation_tables.read_offered(warehouse)["product_id"])
    return recommendations_training.findings(frame, f"{of}_id", offered)


def fraud_leaks(warehouse: Client) -> list[str]:
    """Features of orders that see the future."""
    orders = fraud_tables.read_orders(warehouse)
    return _leaks(lambda: fraud_orders.check_point_in_time(orders, fraud.cutoff_of(orders)))


def fraud_drift(warehouse: Client) -> list[str]:
    """Features of orders that are spread otherwise than in the champion's training."""
    versions = registry(warehouse)
    champion = versions.champion("fraud")
    if champion is None:
        return []
    references = training.read_references(versions.files(champion)[fraud.REFERENCE])
    orders = fraud_tables.read_orders(warehouse)
    recent = fraud.is_recent(orders)
    found = checks.drifted(references, fraud_orders.build(orders)[recent])
    return [f"{name}: index {index:.2f}, above {checks.DRIFT}" for name, index in found.items()]


def fraud_scores(warehouse: Client) -> list[Finding]:
    """What is wrong with the scores of orders."""
    frame = warehouse.query_df(f"select * from {fraud_tables.SCORES} final")  # noqa: S608 - our own names
    return checks.validate(frame, checks.fraud_scores(DECISIONS), "fraud scores")


def _leaks(check: Callable[[], None]) -> list[str]:
    try:
        check()
    except LeakageError as error:
        return [str(error)]
    return []


def _latest(warehouse: Client, table: str, day: str) -> pd.DataFrame:
    """The rows of the last day."""
    latest = f"select max({day}) from {table}"  # noqa: S608 - our own names
    return warehouse.query_df(f"select * from {table} final where {day} = ({latest})")  # noqa: S608
