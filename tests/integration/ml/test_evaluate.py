"""`tradewind ml evaluate` without a stack: on a file, on generated problems, and without data."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from application import ml
from application.cli import commands
from tests.require import data_folder
from tradewind.ml.demand import data_format
from tradewind.ml.errors import DataError


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


def test_the_transfer_plan_is_cheaper_than_one_city_after_another() -> None:
    (score,) = evaluate("transfer")
    assert score["is_reached"] is True and score["value"] < score["baseline_value"]


def test_what_is_not_at_hand_has_no_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRADEWIND_DATA", raising=False)
    (score,) = ml.store_item_scores()
    assert score.value is None and score.is_reached is None and "TRADEWIND_DATA" in score.note


@pytest.mark.parametrize(
    ("model", "data_format", "named"),
    [
        ("demand", "sessions", "--format sessions"),
        ("stock", "demand", "not stock"),
        ("love", None, "--format"),
    ],
)
def test_an_unknown_model_or_shape_is_refused_with_those_that_are_known(
    tmp_path: Path, model: str, data_format: str | None, named: str
) -> None:
    with pytest.raises(DataError, match=named):
        ml.evaluate(model, tmp_path, data_format)
    with pytest.raises(DataError, match="known are demand, stock, transfer"):
        ml.evaluate("love")


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
    assert {score["model"] for score in scores} == {"demand", "stock", "transfer"}
    assert all(score["value"] is not None for score in scores)
    by_metric = {score["metric"]: score for score in scores}
    assert by_metric["daily MASE by revenue"]["is_reached"]
    public = by_metric["SMAPE, %"]
    assert public["bar"] == 12.0 and 11.5 < public["value"] < 12.5
