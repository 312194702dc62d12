"""Training a version of the customer model, and the rows of its scores."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

import numpy as np
import pandas as pd

from tradewind.ml import checks
from tradewind.ml.customers import bg_nbd, gamma_gamma
from tradewind.ml.customers.bg_nbd import PurchaseModel
from tradewind.ml.customers.evaluate import held_out
from tradewind.ml.customers.gamma_gamma import ValueModel
from tradewind.ml.customers.purchases import WEEK, Records, records
from tradewind.ml.data_checksum import table_checksum
from tradewind.ml.errors import DataError, LeakageError
from tradewind.ml.known import CUSTOMER_SOURCES, check
from tradewind.ml.outputs import SEGMENTS
from tradewind.ml.panel import Floats
from tradewind.ml.registry import Trained

NAME = "customers"
SETTINGS, REFERENCE = "settings.json", "reference.json"
FEATURES = ("order_count", "last_order_weeks", "age_weeks", "silence_weeks", "mean_margin")
METRIC = "churn_brier_ratio"
"""By which a version is better: Brier score of churn on held-out days, as a part of that of the mean rate."""
CHURN_DAYS, VALUE_DAYS = 90, 365
HELD_OUT_DAYS, LEAST_DAYS = 90, 180
LOST, AT_RISK = 0.8, 0.5
BEST_PART = 0.2
REASONS = ("silent for long", "few orders", "first order only")


@dataclass(frozen=True)
class CustomerModel:
    """When customers buy again, and what a purchase brings."""

    purchases: PurchaseModel
    values: ValueModel

    def settings(self) -> bytes:
        """As a file."""
        return json.dumps({"purchases": asdict(self.purchases), "values": asdict(self.values)}).encode()


def load(files: Mapping[str, bytes]) -> CustomerModel:
    """The model of a version's files."""
    found = json.loads(files[SETTINGS])
    return CustomerModel(PurchaseModel(**found["purchases"]), ValueModel(**found["values"]))


def fit(known: Records) -> CustomerModel:
    """The model of these records; their values are margins, which may be negative and then count as none."""
    values = gamma_gamma.fit(known.frequency, np.maximum(known.value, 0))
    return CustomerModel(bg_nbd.fit(known), values)


def train(table: pd.DataFrame, seed: int = 1, captured_since: pd.Timestamp | None = None) -> Trained:
    """A version trained on all purchases, with its error on the last days after training without them."""
    first, last = table["date"].min(), table["date"].max()
    check(CUSTOMER_SOURCES, first, captured_since)
    cutoff = last - pd.Timedelta(days=HELD_OUT_DAYS)
    if (last - first).days < LEAST_DAYS:
        raise DataError(f"{(last - first).days} days of orders are too few; it takes {LEAST_DAYS}")
    check_point_in_time(table, cutoff)
    known = records(table, last)
    return Trained(
        NAME,
        {SETTINGS: fit(known).settings(), REFERENCE: references(known)},
        first.date(),
        last.date(),
        FEATURES,
        backtest(table, cutoff),
        table_checksum(table),
        seed,
    )


def backtest(table: pd.DataFrame, cutoff: pd.Timestamp) -> dict[str, float]:
    """How good a model of the days until the cutoff is on those after it."""
    held = held_out(table, records(table, cutoff), cutoff, table["date"].max())
    happened = (held.purchases == 0).astype(float)
    brier, rate = float(((held.churn - happened) ** 2).mean()), float(happened.mean())
    off = float(held.expected_purchases.sum() / max(held.purchases.sum(), 1) - 1)
    return {METRIC: brier / max(rate * (1 - rate), 1e-9), "churn_brier": brier, "total_off": off}


def check_point_in_time(table: pd.DataFrame, cutoff: pd.Timestamp) -> None:
    """Multiply what was bought after the cutoff; LeakageError names features that it changes."""
    changed = table.copy()
    changed.loc[changed["date"] > cutoff, ["quantity", "amount"]] *= 1_000
    before, after = (feature_frame(records(each, cutoff)) for each in (table, changed))
    differs = [name for name in FEATURES if not np.array_equal(before[name], after[name])]
    if differs:
        raise LeakageError(f"features change with what happened later: {', '.join(differs)}")


def feature_frame(known: Records) -> pd.DataFrame:
    """What the model reads, a row per customer."""
    return pd.DataFrame(
        {
            "user_id": known.customer.to_numpy(),
            "order_count": known.frequency + 1,
            "last_order_weeks": known.recency,
            "age_weeks": known.age,
            "silence_weeks": known.age - known.recency,
            "mean_margin": known.value,
        }
    )


def references(known: Records) -> bytes:
    """How each feature is spread, as a file."""
    frame = feature_frame(known)
    return json.dumps({name: asdict(checks.reference(frame[name].to_numpy())) for name in FEATURES}).encode()


def score_rows(model: CustomerModel, known: Records, day: pd.Timestamp, version: str) -> pd.DataFrame:
    """Rows of `ml.customer_scores`; day: the last one of the records."""
    churn = model.purchases.churn(known, CHURN_DAYS / WEEK)
    year = model.purchases.purchases(known, VALUE_DAYS / WEEK)
    value = year * model.values.value(known.frequency, np.maximum(known.value, 0))
    weeks = model.purchases.weeks_until_next(known)
    days = np.ceil(np.minimum(weeks * WEEK, VALUE_DAYS + 1)).astype(int)
    alive = model.purchases.alive(known)
    rows = pd.DataFrame(
        {
            "model_version": version,
            "scored_on": day.date(),
            "user_id": known.customer.to_numpy(),
            "order_count": known.frequency.astype(int) + 1,
            "alive_probability": alive,
            "churn_probability": churn,
            "expected_orders_90d": model.purchases.purchases(known, CHURN_DAYS / WEEK),
            "expected_orders_365d": year,
            "expected_margin_365d": value,
            "next_order_date": [
                (day + pd.Timedelta(days=int(wait))).date() if stays >= 0.5 and wait <= VALUE_DAYS else None
                for wait, stays in zip(days, alive, strict=True)
            ],
            "segment": segments(known, churn, value),
            "churn_reasons": reasons(model.purchases, known),
        }
    )
    broken = rows.columns[
        rows.drop(columns="next_order_date").isna().any().reindex(rows.columns, fill_value=False)
    ]
    if len(broken):
        raise DataError(f"the scores have no number in {', '.join(broken)}; nothing is written")
    return rows


def segments(known: Records, churn: Floats, value: Floats) -> list[str]:
    """By what is to be done: win back, hold, welcome, look after, or nothing special."""
    best = value >= np.quantile(value, 1 - BEST_PART)
    chosen = np.select(
        [churn >= LOST, (churn >= AT_RISK) & (known.frequency > 0), known.frequency == 0, best],
        SEGMENTS[:-1],
        SEGMENTS[-1],
    )
    return [str(name) for name in chosen]


def reasons(model: PurchaseModel, known: Records) -> list[list[str]]:
    """Per customer what raises the probability of churn, the strongest first.

    Each reason's strength is how much lower the probability would be without it: with an order today, or with
    twice the orders in the same time.
    """
    weeks = CHURN_DAYS / WEEK
    churn = model.churn(known, weeks)
    today = model.churn(replace(known, recency=np.where(known.frequency > 0, known.age, 0)), weeks)
    twice = model.churn(
        replace(known, frequency=2 * known.frequency + 1, recency=np.maximum(known.recency, 0.1)), weeks
    )
    found = []
    for number, (silence, few) in enumerate(zip(churn - today, churn - twice, strict=True)):
        single = REASONS[2] if known.frequency[number] == 0 else REASONS[1]
        strengths = {REASONS[0]: silence, single: few}
        named = sorted(strengths, key=lambda name: -strengths[name])
        found.append([name for name in named if strengths[name] > 0.01])
    return found
