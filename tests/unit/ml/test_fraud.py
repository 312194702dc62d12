"""Fraud on card payments: the data shape, features that see no future, the protocol, and what is reached."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tradewind.ml.errors import DataError, LeakageError
from tradewind.ml.fraud import cards, evaluate, features, model
from tradewind.ml.fraud.evaluate import Protocol

DAYS, DELAY = 70, 7


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    made = cards.generate(customers=250, terminals=500, days=DAYS, seed=1, radius=20)
    return cards.checked(made, "generated")


@pytest.fixture(scope="module")
def built(table: pd.DataFrame) -> features.Features:
    return features.build(table, DELAY)


def test_generated_payments_have_three_kinds_of_fraud(table: pd.DataFrame) -> None:
    assert table.loc[table["amount"] > cards.LARGE_AMOUNT, "is_fraud"].all()
    small = table[(table["is_fraud"] == 1) & (table["amount"] <= cards.LARGE_AMOUNT)]
    per_terminal = small.groupby("terminal_id").size()
    assert per_terminal.max() >= 10 and (per_terminal == 1).sum() >= 10
    assert 0.01 < table["is_fraud"].mean() < 0.2


def test_csv_and_parquet_are_read_alike(tmp_path: Path, table: pd.DataFrame) -> None:
    given = table.sample(frac=1, random_state=1)
    given.to_csv(tmp_path / "cards.csv", index=False)
    given.to_parquet(tmp_path / "cards.parquet", index=False)
    one, other = (cards.read(tmp_path / name) for name in ("cards.csv", "cards.parquet"))
    assert (
        one["transaction_id"].tolist() == other["transaction_id"].tolist() == table["transaction_id"].tolist()
    )
    for column in ("tx_datetime", "amount", "is_fraud"):
        assert (one[column] == other[column]).all()


@pytest.mark.parametrize(
    ("column", "value", "named"),
    [
        ("tx_datetime", "yesterday", "row 3: tx_datetime is 'yesterday'"),
        ("amount", -1, "row 3: amount"),
        ("is_fraud", 2, "row 3: is_fraud"),
        ("transaction_id", 0, "row 3: transaction_id"),
        ("terminal_id", None, "row 3: terminal_id"),
    ],
)
def test_a_row_of_another_shape_is_refused_by_name(
    tmp_path: Path, column: str, value: object, named: str
) -> None:
    given = cards.generate(customers=20, terminals=20, days=5, seed=1, radius=50).head(5).astype(object)
    given.loc[1, column] = value
    given.to_csv(tmp_path / "cards.csv", index=False)
    with pytest.raises(DataError, match=named):
        cards.read(tmp_path / "cards.csv")


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    (tmp_path / "cards.csv").write_text("transaction_id,amount\n1,2\n")
    with pytest.raises(DataError, match="lacks the columns tx_datetime, customer_id, terminal_id, is_fraud"):
        cards.read(tmp_path / "cards.csv")


def test_features_are_those_of_a_slow_computation(table: pd.DataFrame, built: features.Features) -> None:
    day = pd.Timedelta(days=1)
    for at in np.random.default_rng(1).choice(np.arange(len(table) // 2, len(table)), 25, replace=False):
        row, before = table.iloc[at], table[table["tx_datetime"] <= table["tx_datetime"].iloc[at]]
        mine = before[before["customer_id"] == row["customer_id"]]
        week = mine[mine["tx_datetime"] > row["tx_datetime"] - 7 * day]
        assert built["customer_count_7d"].iloc[at] == len(week)
        assert built["customer_mean_7d"].iloc[at] == pytest.approx(week["amount"].mean(), rel=1e-5)
        there = before[before["terminal_id"] == row["terminal_id"]]
        known = there[there["tx_datetime"] <= row["tx_datetime"] - DELAY * day]
        known = known[known["tx_datetime"] > row["tx_datetime"] - (DELAY + 30) * day]
        assert built["terminal_known_count_30d"].iloc[at] == len(known)
        risk = known["is_fraud"].mean() if len(known) else 0
        assert built["terminal_risk_30d"].iloc[at] == pytest.approx(risk, rel=1e-5)


def test_no_feature_sees_the_future(table: pd.DataFrame) -> None:
    features.check_point_in_time(table, pd.Timestamp("2018-05-20 12:00"), DELAY)


@pytest.mark.parametrize(("column", "lag"), [("is_fraud", 0), ("amount", -1)])
def test_a_planted_leak_is_caught_by_its_name(table: pd.DataFrame, column: str, lag: int) -> None:
    def leaking(given: pd.DataFrame, delay: float) -> features.Features:
        seen = given.groupby("terminal_id")[column].transform(
            lambda values: values.shift(lag).rolling(5).sum()
        )
        return features.build(given, delay).assign(terminal_hint=seen)

    with pytest.raises(LeakageError, match=r"terminal_hint$"):
        features.check_point_in_time(table, pd.Timestamp("2018-05-20 12:00"), DELAY, leaking)


def test_cards_are_removed_once_their_fraud_is_known(table: pd.DataFrame) -> None:
    protocol = Protocol(pd.Timestamp("2018-05-01"))
    chosen = evaluate.split(table, evaluate.first_day(table, protocol), protocol)
    day = (table["tx_datetime"] - pd.Timestamp("2018-05-01")).dt.days
    assert set(day.iloc[chosen.train]) == set(range(7))
    for number, rows in enumerate(chosen.test):
        assert set(day.iloc[rows]) == {14 + number}
        known = table[(table["is_fraud"] == 1) & (day >= 0) & (day < 7 + number)]
        assert not set(table["customer_id"].iloc[rows]) & set(known["customer_id"])
        assert len(rows) == ((day == 14 + number) & ~table["customer_id"].isin(known["customer_id"])).sum()


def test_card_precision_looks_at_each_found_card_once() -> None:
    first = pd.DataFrame(
        {"customer_id": [1, 1, 2, 3], "is_fraud": [0, 1, 0, 1], "score": [0.9, 0.1, 0.8, 0.2]}
    )
    second = pd.DataFrame({"customer_id": [1, 2, 3], "is_fraud": [1, 0, 1], "score": [0.9, 0.8, 0.7]})
    assert evaluate.card_precision([first, second], 2).tolist() == [0.5, 0.5]
    assert evaluate.card_precision([first], 3).tolist() == [pytest.approx(2 / 3)]


def test_days_that_are_not_in_the_data_are_refused(table: pd.DataFrame) -> None:
    with pytest.raises(
        DataError, match=r"--train-from 2018-06-01 needs data until 2018-06-21; .* to 2018-06-09"
    ):
        evaluate.first_day(table, Protocol(pd.Timestamp("2018-06-01")))


def test_trees_find_more_than_rules_and_give_reasons(table: pd.DataFrame, built: features.Features) -> None:
    scores = {score.metric: score for score in evaluate.on_data(table, "generated", Protocol())}
    assert list(scores) == ["ROC AUC", "average precision", "card precision@100"]
    precision = scores["average precision"]
    assert precision.value is not None and precision.baseline_value is not None
    assert precision.value > 1.1 * precision.baseline_value > 0
    day = (table["tx_datetime"] - table["tx_datetime"].iloc[0]).dt.days.to_numpy()
    learned = (day >= 40) & (day < 50)
    fitted = model.fit(built[learned], table["is_fraud"].to_numpy(dtype=float)[learned])
    later = built[(day >= 57) & (table["amount"] > cards.LARGE_AMOUNT)]
    assert np.median(fitted.predict(later)) > 0.9
    named = ["amount" in reasons for reasons in fitted.reasons(later)]
    assert np.mean(named) > 0.95
