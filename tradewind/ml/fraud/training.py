"""Training a version of the fraud model on the shop's orders, and the rows of its scores."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tradewind.ml import checks
from tradewind.ml.data_checksum import table_checksum
from tradewind.ml.errors import DataError
from tradewind.ml.fraud import model
from tradewind.ml.fraud.features import Features
from tradewind.ml.fraud.model import FraudModel
from tradewind.ml.fraud.orders import OrderTables, build, check_point_in_time
from tradewind.ml.fraud.rules import RULES, Hits, fired
from tradewind.ml.known import FRAUD_SOURCES, check
from tradewind.ml.outputs import DECISIONS
from tradewind.ml.panel import Floats
from tradewind.ml.registry import Trained

NAME = "fraud"
BOOSTER, SETTINGS, REFERENCE = "model.ubj", "settings.json", "reference.json"
METRIC = "missed_precision"
"""By which a version is better: 1 - average precision on the last orders, by the cases decided since."""
TREES = {"max_depth": 4, "min_child_weight": 1}
HELD_OUT_PART = 0.3
LEAST_FRAUDS = 5
OPEN_DAYS = 15
"""A case is usually decided within these days of the order; younger orders without one teach nothing."""
LINK = pd.Timedelta(hours=1)
"""Orders from the device of a decided fraud within this time of it are learned as fraud."""
MARGIN_PART = 0.25
"""Of the amount, what a wrongly blocked order costs; a fraud that passes costs the whole amount."""
BLOCK = MARGIN_PART / (1 + MARGIN_PART)
"""From this probability on, blocking costs less than passing."""
REVIEW_COST = 3.0
"""In the reporting currency: a review is worth it where the expected loss is higher."""
REVIEW_RULES, REVIEW_ANOMALY = 2, 4.0
"""So many rules, or an anomaly score as high as this, ask for a review whatever the model says."""
SCORED_DAYS = 30
UNUSUAL_COLUMNS = (
    "device_orders_1h", "address_orders_1h", "card_amount_1d", "user_amount_1d", "amount_against_mean",
    "user_device_changes_30d", "user_city_changes_30d", "device_user_changes_30d", "user_failures_1d",
)  # fmt: skip


@dataclass(frozen=True)
class OrderModel:
    """Trees over the features, and what is usual."""

    trees: FraudModel
    usual: Mapping[str, tuple[float, float]]
    """Mean and spread of the logarithm of each column of UNUSUAL_COLUMNS in training."""

    def predict(self, features: Features) -> Floats:
        """The probability that a case about the order ends as fraud, 0 to 1."""
        return self.trees.predict(features)

    def reasons(self, features: Features) -> list[list[str]]:
        """The features that raise each score most."""
        return self.trees.reasons(features)


def load(files: Mapping[str, bytes]) -> OrderModel:
    """The model of a version's files."""
    settings = json.loads(files[SETTINGS])
    usual = {name: (mean, spread) for name, (mean, spread) in settings["usual"].items()}
    return OrderModel(FraudModel.of_files(files[BOOSTER], settings["features"]), usual)


def anomaly(features: Features, usual: Mapping[str, tuple[float, float]]) -> Floats:
    """How far columns are above what is usual, in standard deviations, on average: how odd an order is."""
    above = [
        np.maximum((np.log1p(features[name].to_numpy(dtype=float)) - mean) / spread, 0)
        for name, (mean, spread) in usual.items()
    ]
    found: Floats = np.mean(above, axis=0)
    return found


def labels(tables: OrderTables, until: pd.Timestamp) -> tuple[Floats, Floats]:
    """Per order whether it counts as fraud by what was decided until then, and whether it is learned from.

    Orders from the same device within an hour of a decided one count as well: cases are opened about some
    orders of an attack only. Young orders without a decision are not learned from.
    """
    decided = tables.known_fraud(until) > 0
    orders, moment = tables.orders, tables.moment
    frauds = orders.loc[decided, ["device", "ordered_at"]].dropna(subset="device").sort_values("ordered_at")
    mine = orders[["device", "ordered_at"]].assign(row=np.arange(len(orders))).dropna(subset="device")
    near = pd.merge_asof(
        mine.sort_values("ordered_at"),
        frauds.assign(is_fraud=1.0),
        on="ordered_at",
        by="device",
        direction="nearest",
        tolerance=LINK,
    )
    linked = np.zeros(len(orders), dtype=bool)
    linked[near["row"].to_numpy()] = near["is_fraud"].notna().to_numpy()
    is_fraud = (decided | linked) & (moment <= until).to_numpy()
    is_old = (moment <= until - pd.Timedelta(days=OPEN_DAYS)).to_numpy()
    return is_fraud.astype(float), (is_old | is_fraud).astype(float)


def fit(tables: OrderTables, features: Features, until: pd.Timestamp, seed: int = 1) -> OrderModel:
    """The model of orders until a moment, by what was known then; DataError if too few frauds were."""
    is_fraud, is_used = labels(tables, until)
    used = is_used > 0
    if is_fraud.sum() < LEAST_FRAUDS:
        raise DataError(
            f"{int(is_fraud.sum())} orders are known to be fraud on {until.date()}; it takes {LEAST_FRAUDS}: "
            "decide cases in fraud_cases, or train later"
        )
    usual = {name: _spread(features.loc[used, name]) for name in UNUSUAL_COLUMNS}
    return OrderModel(model.fit(features[used], is_fraud[used], seed, TREES), usual)


def train(tables: OrderTables, seed: int = 1, captured_since: pd.Timestamp | None = None) -> Trained:
    """A version trained on all orders, with its precision on the last ones after training without them."""
    first, last = tables.orders["ordered_at"].min(), tables.moment.max()
    check(FRAUD_SOURCES, first, captured_since)
    cutoff = cutoff_of(tables)
    check_point_in_time(tables, cutoff)
    features = build(tables)
    metrics = backtest(tables, features, cutoff, seed)
    fitted = fit(tables, features, last, seed)
    settings = {"usual": fitted.usual, "features": fitted.trees.names}
    return Trained(
        NAME,
        {
            BOOSTER: fitted.trees.content(),
            SETTINGS: json.dumps(settings).encode(),
            REFERENCE: references(features[is_recent(tables)]),
        },
        first.date(),
        last.date(),
        fitted.trees.names,
        metrics,
        table_checksum(tables.orders[["order_id", "user_id", "amount"]]),
        seed,
    )


def cutoff_of(tables: OrderTables) -> pd.Timestamp:
    """The moment after which the last part of the time is held out."""
    first, last = tables.orders["ordered_at"].min(), tables.moment.max()
    return pd.Timestamp(first + (last - first) * (1 - HELD_OUT_PART))


def is_recent(tables: OrderTables) -> Hits:
    """Per order, whether it is of the last 30 days."""
    since = tables.moment.max() - pd.Timedelta(days=SCORED_DAYS)
    found: Hits = (tables.moment > since).to_numpy()
    return found


def backtest(
    tables: OrderTables, features: Features, cutoff: pd.Timestamp, seed: int = 1
) -> dict[str, float]:
    """How well orders after the cutoff are ranked, by the cases decided until the end."""
    from sklearn.metrics import average_precision_score

    known = tables.known_fraud(tables.cases["decided_at"].max())
    later = (tables.moment > cutoff).to_numpy()
    if not known[later].any():
        return {METRIC: 1.0, "frauds": 0.0}
    scores = fit(tables, features, cutoff, seed).predict(features[later])
    precision = float(average_precision_score(known[later], scores))
    return {METRIC: 1 - precision, "frauds": float(known[later].sum())}


def references(features: Features) -> bytes:
    """How each feature of recent orders is spread, as a file."""
    found = {
        name: asdict(checks.reference(values.to_numpy(dtype=float))) for name, values in features.items()
    }
    return json.dumps(found).encode()


def decide(scores: Floats, amounts: Floats, rules: Floats, anomalies: Floats) -> list[str]:
    """By cost: block where that is cheaper than to pass, review where more than its cost is to be lost.

    rules: how many fire. Several rules or a high anomaly score ask for a review of what the model passes.
    """
    is_odd = (rules >= REVIEW_RULES) | (anomalies >= REVIEW_ANOMALY)
    is_dear = scores * amounts > REVIEW_COST
    chosen = np.select([scores >= BLOCK, is_dear | is_odd], DECISIONS[:2], DECISIONS[2])
    return [str(each) for each in chosen]


def score_rows(fitted: OrderModel, tables: OrderTables, version: str) -> pd.DataFrame:
    """Rows of `ml.fraud_scores`: of the orders of the last 30 days."""
    recent = is_recent(tables)
    orders = tables.orders[recent]
    facts = {
        "order_id": orders["order_id"].to_numpy(),
        "user_id": orders["user_id"].to_numpy(),
        "judged_at": tables.moment[recent].to_numpy(),
        "amount": orders["amount"].to_numpy(dtype=float),
    }
    return scored(fitted, build(tables)[recent], facts, version)


def scored(
    fitted: OrderModel, features: Features, facts: Mapping[str, NDArray[Any]], version: str
) -> pd.DataFrame:
    """Rows of `ml.fraud_scores`, one per row of the features.

    facts: order_id, user_id, judged_at and amount (in the reporting currency) of each.
    """
    scores, unusual, rules = fitted.predict(features), anomaly(features, fitted.usual), fired(features)
    names = list(RULES)
    return pd.DataFrame(
        {
            "model_version": version,
            "order_id": facts["order_id"],
            "user_id": facts["user_id"],
            "judged_at": facts["judged_at"],
            "score": scores,
            "anomaly_score": unusual,
            "rules": [[name for name, hit in zip(names, row, strict=True) if hit] for row in rules],
            "reasons": fitted.reasons(features),
            "decision": decide(scores, facts["amount"], rules.sum(axis=1).astype(float), unusual),
        }
    )


def _spread(column: pd.Series) -> tuple[float, float]:
    values = np.log1p(column.to_numpy(dtype=float))
    return float(values.mean()), max(float(values.std()), 0.1)
