"""From the stock ledger in a real warehouse to forecasts and purchase orders, with what the checks catch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from clickhouse_connect.driver.client import Client

from application import ml, ml_checks
from tests.integration.ml.conftest import TABLES, columns_of
from tradewind.ml import checks
from tradewind.ml.demand import training
from tradewind.ml.demand.features import NAMES, Features
from tradewind.ml.demand.model import TrainingPlan
from tradewind.ml.errors import LeakageError
from tradewind.ml.warehouse import read_features, read_movements, read_panel
from tradewind.settings import PROJECT_ROOT

SMALL = TrainingPlan(origins=3, most_rows=6_000, rounds=20)


@pytest.fixture(scope="module")
def built(shop: Client, tmp_path_factory: pytest.TempPathFactory) -> Client:
    """Features, a champion, forecasts and proposals."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRADEWIND_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("TRADEWIND_ACCEPT_ORDERS", "critical")
        ml.write_features(shop)
        ml.train_and_compare(shop, "demand", SMALL)
        ml.predict(shop, "demand")
        ml.predict(shop, "stock")
        assert ml_checks.drift(shop) == []
    return shop


def rows(client: Client, query: str) -> list[Any]:
    return list(client.query(query).result_rows)


@pytest.mark.parametrize("table", TABLES)
def test_what_is_read_here_are_columns_of_the_models(table: str) -> None:
    layer, name = table.split(".")
    (file,) = (PROJECT_ROOT / "dbt_project" / "models" / layer).rglob(f"{name}.yml")
    (model,) = yaml.safe_load(file.read_text())["models"]
    assert set(columns_of(table)) <= {column["name"] for column in model["columns"]}


def test_demand_is_what_the_ledger_says_was_sold(shop: Client) -> None:
    panel = read_panel(shop)
    first, last = panel.days[0].date(), panel.days[-1].date()
    sold = rows(
        shop,
        "select sku_id, warehouse_id, -sum(quantity_change) from ods.ods_inventory_log "
        f"where movement_type = 'sale' and toDate(moved_at) between '{first}' and '{last}' "
        "group by sku_id, warehouse_id",
    )
    found = panel.keys.assign(pieces=pd.DataFrame(panel.values).sum(axis=1))
    expected = {(sku, place): pieces for sku, place, pieces in sold}
    for sku, place, pieces in found[["item", "place", "pieces"]].itertuples(index=False):
        assert pieces == expected.get((sku, place), 0)


def test_the_first_version_is_the_champion_and_says_what_it_was_trained_on(built: Client) -> None:
    ((stage, features, checksum),) = rows(
        built, "select stage, features, data_checksum from ml.model_versions final"
    )
    assert stage == "champion" and tuple(features) == NAMES and len(checksum) == 64


def test_every_place_has_thirty_days_of_forecasts_in_order(built: Client) -> None:
    assert ml_checks.forecasts(built) == []
    panel = read_panel(built)
    ((count, places, first, last),) = rows(
        built,
        "select count(), uniq(sku_id, warehouse_id), min(forecast_date), max(forecast_date) "
        "from ml.demand_forecasts final",
    )
    assert (count, places) == (panel.count * 30, panel.count)
    assert (first, last) == (panel.future(1)[0].date(), panel.future(30)[-1].date())


def test_forecasting_again_changes_nothing(built: Client, home: Path) -> None:
    before = rows(built, "select count(), sum(expected_quantity) from ml.demand_forecasts final")
    frame = built.query_df("select * except made_at from ml.demand_forecasts final")
    built.insert_df("ml.demand_forecasts", frame)
    assert rows(built, "select count(), sum(expected_quantity) from ml.demand_forecasts final") == before


def test_proposals_have_the_stock_of_the_ledger_and_orders_their_sums(built: Client) -> None:
    assert ml_checks.proposals(built) == []
    wrong = rows(
        built,
        "select sku_id, warehouse_id, stock_quantity, pieces from ml.reorder_proposals final "
        "inner join (select sku_id, warehouse_id, sum(quantity_change) as pieces from ods.ods_inventory_log "
        "where moved_at < (select max(proposed_on) from ml.reorder_proposals) group by sku_id, warehouse_id) "
        "as ledger using (sku_id, warehouse_id) where stock_quantity != pieces",
    )
    assert wrong == []
    ((quantity, ordered),) = rows(
        built,
        "select (select sum(order_quantity) from ml.reorder_proposals final), "
        "(select sum(quantity) from ml.purchase_orders final)",
    )
    assert quantity == ordered > 0


def test_only_critical_orders_are_accepted_by_that_setting(built: Client) -> None:
    ((critical,),) = rows(built, "select count() from ml.purchase_orders final where priority = 'Critical'")
    assert critical > 0
    statuses = rows(built, "select distinct priority = 'Critical', status from ml.purchase_orders final")
    assert {(bool(critical), status) for critical, status in statuses} <= {
        (True, "accepted"),
        (False, "proposed"),
    }


def test_valid_inputs_and_features_pass(built: Client) -> None:
    assert ml_checks.inputs(built) == []
    assert ml_checks.features(built) == []
    assert ml_checks.leaks(built) == []


def test_a_broken_input_is_named(built: Client) -> None:
    frame = read_movements(built)
    frame.loc[0, "movement_type"] = "stolen"
    (finding,) = checks.validate(frame, checks.movements(), "broken")
    assert (finding.column, finding.failed) == ("movement_type", 1) and "stolen" in str(finding)


def test_a_broken_feature_is_named(built: Client) -> None:
    frame = read_features(built)
    frame["mean_7"] = None
    frame.loc[0, "lag_1"] = -5.0
    findings = checks.validate(frame, checks.features(NAMES), "broken")
    assert {finding.column for finding in findings} == {"mean_7", "lag_1"}


def test_a_broken_forecast_is_named(built: Client) -> None:
    frame = built.query_df("select * from ml.demand_forecasts final")
    frame.loc[0, "quantity_p95"] = -1.0
    findings = {finding.column for finding in checks.validate(frame, checks.forecasts(), "broken")}
    assert "quantity_p95" in findings


def test_a_shifted_distribution_is_named(built: Client) -> None:
    frame = read_features(built)
    references = training.references(frame)
    assert checks.drifted(references, frame) == {}
    frame["level"] += 2.0
    assert set(checks.drifted(references, frame)) == {"level"}


def test_a_planted_leak_stops_the_training(
    built: Client, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tradewind.ml.demand import features

    honest = features.build

    def leaking(panel: Any, origin: int, horizon: int, chosen: Any = None) -> Features:
        seen = honest(panel, origin, horizon, chosen)
        if origin < panel.length and chosen is None:
            seen.values[:, NAMES.index("mean_7")] = panel.values[:, origin].repeat(horizon)
        return seen

    monkeypatch.setattr(features, "build", leaking)
    with pytest.raises(LeakageError, match="mean_7"):
        ml.train(built, "demand")
    assert any("mean_7" in found for found in ml_checks.leaks(built))
    ((versions,),) = rows(built, "select count() from ml.model_versions final")
    assert versions == 1
