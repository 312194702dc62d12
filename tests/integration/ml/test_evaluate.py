"""`tradewind ml evaluate` without a stack: on a file, on generated problems, and without data."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from application import ml_evaluation
from application.cli import commands
from tests.require import data_folder
from tradewind.ml.customers import purchases
from tradewind.ml.demand import data_format
from tradewind.ml.errors import DataError
from tradewind.ml.fraud import cards
from tradewind.ml.recommendations import sequences, sessions


def evaluate(*arguments: str) -> list[dict[str, Any]]:
    done = CliRunner().invoke(commands, ["ml", "evaluate", *arguments, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_a_file_is_scored_beside_its_baselines(tmp_path: Path) -> None:
    file = tmp_path / "sales.csv"
    data_format.generate(stores=2, items=5, days=300, seed=1).to_csv(file, index=False)
    scores = evaluate("demand", "--data", str(file), "--format", "demand", "--horizon", "14")
    assert {score["metric"] for score in scores} >= {"SMAPE, %", "MAE", "mean RMSSE"}
    for score in scores:
        assert score["value"] is not None and "sales.csv, last 14 days" in score["data"]
    assert "seasonal naive" in scores[0]["note"] and "same-weekday mean" in scores[0]["note"]


def write_sequences(folder: Path) -> Path:
    sequences.write(folder / "users.txt", sequences.generate(users=150, items=100, seed=1))
    return folder / "users.txt"


def write_sessions(folder: Path) -> Path:
    made = sessions.generate(sessions=400, items=200, seed=1)
    sessions.write(folder, made[:350], made[350:])
    return folder


def write_cards(folder: Path) -> Path:
    table = cards.generate(customers=150, terminals=200, days=50, seed=1, radius=20)
    table.to_parquet(folder / "cards.parquet", index=False)
    return folder / "cards.parquet"


def write_purchases(folder: Path) -> Path:
    published = (0.243, 4.414, 0.793, 2.426)
    table = purchases.generate(customers=400, days=546, seed=1, parameters=published, first_day="1997-01-01")
    table.to_csv(folder / "purchases.csv", index=False)
    return folder / "purchases.csv"


@pytest.mark.parametrize(
    ("model", "shape", "make", "options", "metrics"),
    [
        (
            "recommendations", "sequences", write_sequences, [],
            ["HR@5", "HR@10", "NDCG@5", "NDCG@10", "MRR@10", "coverage@10", "novelty@10, bits"],
        ),
        ("recommendations", "sessions", write_sessions, [], ["HR@20", "MRR@20"]),
        (
            "fraud", "cards", write_cards,
            ["--train-from", "2018-05-01", "--train-days", "6", "--delay-days", "5", "--test-days", "4"],
            ["ROC AUC", "average precision", "card precision@100"],
        ),
        (
            "customers", "purchases", write_purchases, ["--cutoff", "1997-09-30"],
            [
                "error of total repeated purchases since the first, %", "error of total purchases, %",
                "error of total value, %", "MAE of purchases per customer", "MAE of value per customer",
                "Brier score of churn",
            ],
        ),
    ],
)  # fmt: skip
def test_each_documented_shape_is_scored_by_path(
    tmp_path: Path,
    model: str,
    shape: str,
    make: Callable[[Path], Path],
    options: list[str],
    metrics: list[str],
) -> None:
    path = make(tmp_path)
    scores = evaluate(model, "--data", str(path), "--format", shape, *options)
    assert [score["metric"] for score in scores] == metrics
    for score in scores:
        assert score["model"] == model and score["value"] is not None and path.name in score["data"]
    if shape == "cards":
        assert "6+5+4 days from 2018-05-01" in scores[0]["data"]


def test_the_transfer_plan_is_cheaper_than_one_city_after_another() -> None:
    (score,) = evaluate("transfer")
    assert score["is_reached"] is True and score["value"] < score["baseline_value"]


def test_what_is_not_at_hand_has_no_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRADEWIND_DATA", raising=False)
    scores = [*ml_evaluation.store_item_scores(), *ml_evaluation.retail_rocket_scores()]
    assert len(scores) == 2
    for score in scores:
        assert score.value is None and score.is_reached is None and "TRADEWIND_DATA" in score.note


@pytest.mark.parametrize(
    ("model", "data_format", "named"),
    [
        ("demand", "novels", "--format novels: known are demand, sequences, sessions, cards, purchases"),
        ("stock", "demand", "not stock"),
        ("demand", "cards", "evaluates fraud, not demand"),
        ("love", None, "--format"),
    ],
)
def test_an_unknown_model_or_shape_is_refused_with_those_that_are_known(
    tmp_path: Path, model: str, data_format: str | None, named: str
) -> None:
    with pytest.raises(DataError, match=named):
        ml_evaluation.evaluate(model, tmp_path, data_format)
    with pytest.raises(DataError, match="known are demand, stock, transfer"):
        ml_evaluation.evaluate("love")


def test_everything_is_evaluated_on_the_simulated_shop_and_the_data_at_hand(tmp_path: Path) -> None:
    """As a user types it, in a home without a stack."""
    places = {
        "TRADEWIND_DATA": str(data_folder("store_item_demand").parent),
        "TRADEWIND_HOME": str(tmp_path / "home"),
    }
    done = subprocess.run(
        [Path(sys.executable).with_name("tradewind"), "ml", "evaluate", "all", "--json"],
        env=os.environ | places,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    scores = json.loads(done.stdout)
    assert {score["model"] for score in scores} == set(ml_evaluation.EVALUATIONS)
    assert all(score["value"] is not None for score in scores)
    by_metric = {score["metric"]: score for score in scores}
    assert by_metric["daily MASE by revenue"]["is_reached"]
    left_out = [score for score in scores if "RetailRocket" in score["data"] and score["metric"] == "HR@10"]
    assert [score["is_reached"] for score in left_out] == [True]
    assert by_metric["precision at recall 89%"]["is_reached"]
    public = by_metric["SMAPE, %"]
    assert public["bar"] == 12.0 and 11.5 < public["value"] < 12.5
