"""The Fraud Detection Handbook's protocol: train on some days, wait for labels, test on the days after."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tradewind.ml import evaluation
from tradewind.ml.errors import DataError
from tradewind.ml.evaluation import Score
from tradewind.ml.fraud import features, model
from tradewind.ml.panel import Floats, Ints

NAME = "fraud"
BARS = (0.66, 0.29)
"""Average precision and card precision@100 on data of the Handbook's size: 5,000 cards, 183 days."""
CARDS = 100
HISTORY_DAYS = 75
"""Days before the training that features look back on."""


@dataclass(frozen=True)
class Protocol:
    """Which days are trained and tested on."""

    train_from: pd.Timestamp | None = None
    """None: so that the test ends with the last whole day of the data."""
    train_days: int = 7
    delay_days: int = 7
    """Days until a transaction's label is known."""
    test_days: int = 7

    @property
    def days(self) -> int:
        """From the first day of training to the last one of the test."""
        return self.train_days + self.delay_days + self.test_days


@dataclass(frozen=True)
class Split:
    """Rows to train on, and rows of each test day, without cards that were known to be compromised."""

    train: Ints
    test: list[Ints]


def on_data(
    table: pd.DataFrame, name: str, protocol: Protocol, bars: tuple[float, float] | None = None
) -> list[Score]:
    """Score transactions (by time, of `cards.checked`): ROC AUC, average precision, card precision@100.

    bars: of average precision and card precision@100.
    """
    start = first_day(table, protocol)
    used = _used(table, start, protocol)
    built = features.build(used, protocol.delay_days)
    chosen = split(used, start, protocol)
    labels = used["is_fraud"].to_numpy(dtype=float)
    tested = np.concatenate(chosen.test)
    if not labels[chosen.train].any() or not labels[tested].any():
        raise DataError(
            f"{name}: no fraud in the training or the test days from {start.date()} on; choose others"
        )
    fitted = model.fit(built.iloc[chosen.train], labels[chosen.train])
    title = (
        f"{name}, {protocol.train_days}+{protocol.delay_days}+{protocol.test_days} days from {start.date()}"
    )
    return _scores(
        used, chosen, fitted.predict(built.iloc[tested]), model.rules(built.iloc[tested]), title, bars
    )


def first_day(table: pd.DataFrame, protocol: Protocol) -> pd.Timestamp:
    """The first day of training; DataError if the data does not have all days of the protocol."""
    first, last = (moment.floor("D") for moment in (table["tx_datetime"].min(), table["tx_datetime"].max()))
    start = protocol.train_from
    if start is None:
        start = last - pd.Timedelta(days=protocol.days - 1)
    end = start + pd.Timedelta(days=protocol.days - 1)
    if start < first or end > last:
        raise DataError(
            f"--train-from {start.date()} needs data until {end.date()}; there is data from {first.date()} "
            f"to {last.date()}"
        )
    return start


def split(table: pd.DataFrame, start: pd.Timestamp, protocol: Protocol) -> Split:
    """The rows of each part.

    A card is known to be compromised once a fraud's label is known: on the first test day those of the
    training days, on each later one those of a day more.
    """
    day = ((table["tx_datetime"] - start) // pd.Timedelta(days=1)).to_numpy()
    customer, is_fraud = table["customer_id"].to_numpy(), table["is_fraud"].to_numpy() == 1
    tests = []
    for number in range(protocol.test_days):
        today = protocol.train_days + protocol.delay_days + number
        known = customer[is_fraud & (day >= 0) & (day < protocol.train_days + number)]
        tests.append(np.flatnonzero((day == today) & ~np.isin(customer, known)))
    return Split(np.flatnonzero((day >= 0) & (day < protocol.train_days)), tests)


def card_precision(days: list[pd.DataFrame], count: int = CARDS) -> Floats:
    """Per test day, the part of the `count` cards with the highest scores that were compromised.

    days: customer_id, is_fraud and score of a day's transactions. A card that was found on one day is not
    looked at again on later ones.
    """
    found: set[int] = set()
    precisions = []
    for table in days:
        left = table[~table["customer_id"].isin(list(found))]
        cards = left.groupby("customer_id")[["score", "is_fraud"]].max()
        first = cards.sort_values("score", ascending=False, kind="stable").head(count)
        caught = first.index[first["is_fraud"] == 1]
        precisions.append(len(caught) / count)
        found.update(caught)
    return np.array(precisions)


def _used(table: pd.DataFrame, start: pd.Timestamp, protocol: Protocol) -> pd.DataFrame:
    """The days of the protocol and those that features look back on."""
    moments = table["tx_datetime"]
    since, until = start - pd.Timedelta(days=HISTORY_DAYS), start + pd.Timedelta(days=protocol.days)
    return table[(moments >= since) & (moments < until)].reset_index(drop=True)


def _scores(
    table: pd.DataFrame,
    chosen: Split,
    predicted: Floats,
    by_rules: Floats,
    title: str,
    bars: tuple[float, float] | None,
) -> list[Score]:
    from sklearn.metrics import average_precision_score, roc_auc_score

    tested = np.concatenate(chosen.test)
    labels = table["is_fraud"].to_numpy()[tested]
    precision_bar, card_bar = bars or (None, None)
    cards, rule_cards = (_by_day(table, chosen, scores) for scores in (predicted, by_rules))
    most = float(np.mean([day.loc[day["is_fraud"] == 1, "customer_id"].nunique() / CARDS for day in cards]))
    per_day = card_precision(cards)
    note = f"{int(labels.sum())} frauds among {len(labels)} test transactions"
    baseline = "rules: terminal's known risk, unusual amount"
    return [
        Score(
            NAME, title, "ROC AUC", float(roc_auc_score(labels, predicted)), baseline,
            float(roc_auc_score(labels, by_rules)), None, False, None, note,
        ),
        Score(
            NAME, title, "average precision", float(average_precision_score(labels, predicted)), baseline,
            float(average_precision_score(labels, by_rules)), precision_bar, False, None, note,
        ),
        Score(
            NAME, title, f"card precision@{CARDS}", float(per_day.mean()), baseline,
            float(card_precision(rule_cards).mean()), card_bar, False,
            evaluation.interval_of_mean(per_day), f"at most {most:.3f}, by the number of compromised cards",
        ),
    ]  # fmt: skip


def _by_day(table: pd.DataFrame, chosen: Split, scores: Floats) -> list[pd.DataFrame]:
    ends = np.cumsum([len(rows) for rows in chosen.test])[:-1]
    return [
        table.iloc[rows][["customer_id", "is_fraud"]].assign(score=part)
        for rows, part in zip(chosen.test, np.split(scores, ends), strict=True)
    ]
