"""From order lines in a real warehouse to scores and recommendations of accounts; what the checks catch."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from clickhouse_connect.driver.client import Client

from application import ml, ml_checks
from tradewind.ml.customers import tables, training
from tradewind.ml.errors import LeakageError
from tradewind.ml.fraud import orders as fraud_orders
from tradewind.ml.fraud.features import Features
from tradewind.ml.fraud.orders import OrderTables
from tradewind.ml.outputs import SEGMENTS
from tradewind.ml.recommendations import evaluate


@pytest.fixture(scope="module")
def built(shop: Client, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Features, champions, scores and recommendations."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRADEWIND_HOME", str(tmp_path_factory.mktemp("home")))
        ml.write_customer_features(shop)
        for model in ("customers", "recommendations", "fraud"):
            ml.train_and_compare(shop, model)
            ml.predict(shop, model)
        yield shop


def rows(client: Client, query: str) -> list[Any]:
    return list(client.query(query).result_rows)


def test_models_have_a_champion_that_says_what_it_reached(built: Client) -> None:
    found = {model: (stage, json.loads(text)) for model, stage, text in rows(
        built, "select model, stage, metrics from ml.model_versions final"
    )}  # fmt: skip
    assert {model: stage for model, (stage, _) in found.items()} == {
        "customers": "champion",
        "recommendations": "champion",
        "fraud": "champion",
    }
    assert 0 < found["customers"][1][training.METRIC] < 1
    assert 0 < found["recommendations"][1]["hit_rate"] < 1


def test_features_and_scores_are_of_every_account_that_ordered(built: Client) -> None:
    ((ordered,),) = rows(built, "select uniq(user_id) from cdm.fact_order_items where is_gmv")
    for table in (tables.FEATURES, tables.SCORES):
        assert rows(built, f"select count(), uniq(user_id) from {table} final") == [(ordered, ordered)]
    assert ml_checks.customer_features(built) == []
    assert ml_checks.customer_drift(built) == []
    assert ml_checks.customer_leaks(built) == []
    assert ml_checks.customer_scores(built) == []


def test_those_who_order_more_are_expected_to_order_more(built: Client) -> None:
    frame = built.query_df(f"select * from {tables.SCORES} final")
    assert np.corrcoef(frame["order_count"], frame["expected_orders_365d"])[0, 1] > 0.8
    assert np.corrcoef(frame["order_count"], frame["churn_probability"])[0, 1] < -0.4
    assert set(frame["segment"]) <= set(SEGMENTS) and frame["segment"].nunique() >= 4
    gone = frame[frame["order_count"] == 1]
    assert all("first order only" in reasons for reasons in gone["churn_reasons"])
    assert frame["next_order_date"].notna().any()


def test_nothing_out_of_stock_is_recommended(built: Client) -> None:
    for of in ("user", "product"):
        assert ml_checks.recommendations(built, of) == []
    given = rows(
        built, "select distinct arrayJoin(recommended_product_ids) from ml.user_recommendations final"
    )
    products = {product for (product,) in given}
    assert products and not any(product % 3 == 0 for product in products)
    ((accounts, most),) = rows(
        built,
        "select uniq(user_id), max(length(recommended_product_ids)) from ml.user_recommendations final",
    )
    ((ordered,),) = rows(built, "select uniq(user_id) from cdm.fact_order_items where is_gmv")
    assert (accounts, most) == (ordered, 10)


def test_what_goes_out_of_stock_is_caught_and_gone_with_the_next_run(built: Client) -> None:
    ((product, _),) = rows(
        built,
        "select arrayJoin(recommended_product_ids) as p, count() as n from ml.user_recommendations final "
        "group by p order by n desc, p limit 1",
    )
    inventory = built.query_df("select * from ods.ods_inventory")
    sold_out = inventory.assign(quantity=inventory["quantity"].where(inventory["sku_id"] != product, 0))
    built.command("truncate table ods.ods_inventory")
    built.insert_df("ods.ods_inventory", sold_out)
    try:
        found = ml_checks.recommendations(built, "user")
        assert found and f"{product} is not on sale or out of stock" in found[0]
        ml.predict(built, "recommendations")
        assert ml_checks.recommendations(built, "user") == []
    finally:
        built.command("truncate table ods.ods_inventory")
        built.insert_df("ods.ods_inventory", inventory)


def test_a_broken_feature_a_shifted_distribution_and_a_broken_score_are_caught(built: Client) -> None:
    features = built.query_df(f"select * except made_at from {tables.FEATURES} final")
    scores = built.query_df(f"select * except made_at from {tables.SCORES} final")
    built.insert_df(tables.FEATURES, features.assign(silence_weeks=features["silence_weeks"] * 3 + 60))
    assert any("silence_weeks" in found for found in ml_checks.customer_drift(built))
    built.insert_df(tables.FEATURES, features.assign(order_count=0.0))
    assert [finding.column for finding in ml_checks.customer_features(built)] == ["order_count"]
    built.insert_df(tables.SCORES, scores.assign(churn_probability=1.5))
    assert [finding.column for finding in ml_checks.customer_scores(built)] == ["churn_probability"]
    built.insert_df(tables.FEATURES, features)
    built.insert_df(tables.SCORES, scores)


def test_the_orders_of_the_last_days_are_scored_with_reasons(built: Client) -> None:
    assert ml_checks.fraud_leaks(built) == [] and ml_checks.fraud_drift(built) == []
    assert ml_checks.fraud_scores(built) == []
    ((scored, recent),) = rows(
        built,
        "select (select count() from ml.fraud_scores final), "
        "(select count() from ods.ods_orders where ordered_at > (select max(judged_at) from ml.fraud_scores) "
        "- interval 30 day)",
    )
    assert 0 < scored <= recent + 5
    frame = built.query_df("select * from ml.fraud_scores final order by score desc")
    cases = {order for (order,) in rows(built, "select order_id from ods.ods_fraud_cases")}
    assert frame["order_id"].head(3).isin(cases).any()
    worst = frame.iloc[0]
    assert worst["decision"] == "block" and worst["reasons"] and worst["rules"]
    assert (frame["decision"] == "pass").mean() > 0.5
    built.insert_df("ml.fraud_scores", frame.assign(score=2.0).drop(columns="made_at"))
    assert [finding.column for finding in ml_checks.fraud_scores(built)] == ["score"]
    ml.predict(built, "fraud")
    assert ml_checks.fraud_scores(built) == []


def test_planted_leaks_stop_the_training(built: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    honest_records, honest_last = training.records, evaluate.last_item
    monkeypatch.setattr(training, "records", lambda table, until: honest_records(table, table["date"].max()))
    with pytest.raises(LeakageError, match="mean_margin"):
        ml.train(built, "customers")
    assert ml_checks.customer_leaks(built)

    def leaking(histories: Any, back: int) -> Any:
        task = honest_last(histories, back)
        return evaluate.Task(histories, task.users, task.target)

    monkeypatch.setattr(evaluate, "last_item", leaking)
    with pytest.raises(LeakageError, match="likeness"):
        ml.train(built, "recommendations")
    assert ml_checks.recommendation_leaks(built)

    honest_build = fraud_orders.build

    def with_future(given: OrderTables) -> Features:
        later = given.orders["amount"].shift(-1)
        return honest_build(given).assign(user_orders_1h=later.to_numpy())

    monkeypatch.setattr(fraud_orders, "build", with_future)
    with pytest.raises(LeakageError, match="user_orders_1h"):
        ml.train(built, "fraud")
    assert ml_checks.fraud_leaks(built)
    assert rows(built, "select count() from ml.model_versions final") == [(3,)]
