"""What the checks of the models read from this home's warehouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from application.ml import registry
from tradewind.ml import checks
from tradewind.ml.demand import training
from tradewind.ml.demand.features import check_point_in_time
from tradewind.ml.errors import LeakageError
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
    try:
        check_point_in_time(panel, panel.length - training.HORIZON, training.HORIZON)
    except LeakageError as error:
        return [str(error)]
    return []


def forecasts(warehouse: Client) -> list[Finding]:
    """What is wrong with the latest forecasts."""
    latest = f"select max(forecast_from) from {FORECASTS}"  # noqa: S608 - our own names
    frame = warehouse.query_df(
        f"select * from {FORECASTS} final where forecast_from = ({latest})"  # noqa: S608
    )
    return checks.validate(frame, checks.forecasts(), "forecasts")


def proposals(warehouse: Client) -> list[Finding]:
    """What is wrong with the latest proposals."""
    latest = f"select max(proposed_on) from {PROPOSALS}"  # noqa: S608 - our own names
    frame = warehouse.query_df(
        f"select * from {PROPOSALS} final where proposed_on = ({latest})"  # noqa: S608
    )
    return checks.validate(frame, checks.proposals(), "proposals")
