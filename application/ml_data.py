"""Evaluations of models on data sets of the documented shapes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from tradewind.ml.errors import DataError
from tradewind.ml.evaluation import Score


@dataclass(frozen=True)
class Split:
    """What of a data set is learned from and what is held out; each shape reads its own."""

    horizon: int = 28
    """demand: days at the end that are held out."""
    cutoff: dt.datetime | None = None
    """purchases: the last day that is learned from; the middle of the data unless given."""
    train_from: dt.datetime | None = None
    """cards: the first day of training; as late as possible unless given."""
    train_days: int = 7
    delay_days: int = 7
    test_days: int = 7


@dataclass(frozen=True)
class Shape:
    """A data shape, and what evaluates it."""

    model: str
    text: str
    score: Callable[[Path, Split, dict[str, Any]], list[Score]]
    """Of a path, by a split and further methods."""


def evaluate(
    model: str, data: Path, data_format: str | None, split: Split, methods: dict[str, Any]
) -> list[Score]:
    """Scores of a model on the data at a path; DataError if the shape is not known or is another model's."""
    if data_format not in SHAPES:
        raise DataError(f"--format {data_format}: known are {', '.join(SHAPES)}")
    shape = SHAPES[data_format]
    if model not in (shape.model, "all"):
        raise DataError(f"data of the shape {data_format} evaluates {shape.model}, not {model}")
    return shape.score(data, split, methods)


def _demand(data: Path, split: Split, methods: dict[str, Any]) -> list[Score]:
    from tradewind.ml.demand import data_format, evaluate

    return evaluate.on_data(data_format.read(data), data.name, split.horizon, methods)


def _sequences(data: Path, split: Split, methods: dict[str, Any]) -> list[Score]:
    from tradewind.ml.recommendations import evaluate, sequences

    return evaluate.sequences(sequences.read(data), data.name)


def _sessions(data: Path, split: Split, methods: dict[str, Any]) -> list[Score]:
    from tradewind.ml.recommendations import evaluate_sessions, sessions

    return evaluate_sessions.on_data(sessions.read(data), data.name)


def _cards(data: Path, split: Split, methods: dict[str, Any]) -> list[Score]:
    from tradewind.ml.fraud import cards, evaluate

    start = pd.Timestamp(split.train_from) if split.train_from else None
    protocol = evaluate.Protocol(start, split.train_days, split.delay_days, split.test_days)
    return evaluate.on_data(cards.read(data), data.name, protocol, evaluate.BARS)


def _purchases(data: Path, split: Split, methods: dict[str, Any]) -> list[Score]:
    from tradewind.ml.customers import evaluate, purchases

    cutoff = pd.Timestamp(split.cutoff) if split.cutoff else None
    return evaluate.on_data(purchases.read(data), data.name, cutoff)


SHAPES = {
    "demand": Shape("demand", "csv of date,store,item,sales", _demand),
    "sequences": Shape(
        "recommendations", "text, a user per line: user id, then item ids in time order", _sequences
    ),
    "sessions": Shape(
        "recommendations", "folder with train.tsv and test.tsv, lines `item item<TAB>next_item`", _sessions
    ),
    "cards": Shape(
        "fraud",
        "csv or parquet of transaction_id,tx_datetime,customer_id,terminal_id,amount,is_fraud",
        _cards,
    ),
    "purchases": Shape("customers", "csv of customer_id,date,quantity,amount", _purchases),
}
"""Each documented shape by its name."""
