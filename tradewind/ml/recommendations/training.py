"""Training a version of the recommendations, and the rows of what is recommended."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace

import numpy as np
import pandas as pd

from tradewind.ml.data_checksum import table_checksum
from tradewind.ml.errors import DataError, LeakageError
from tradewind.ml.known import RECOMMENDATION_SOURCES, check
from tradewind.ml.panel import Ints
from tradewind.ml.recommendations import evaluate, item_neighbours, ranking
from tradewind.ml.recommendations.histories import Histories, Mask, from_lists
from tradewind.ml.recommendations.item_neighbours import Scores, Similarities, Weighting
from tradewind.ml.registry import Trained

NAME = "recommendations"
SETTINGS = "weights.json"
METRIC = "missed_ndcg"
"""By which a version is better: 1 - NDCG@10 of each user's last product."""
FEATURES = tuple(vars(Weighting()))
COUNT = 10


@dataclass(frozen=True)
class Recommender:
    """The weights, and whether products that a user had before are left out."""

    weighting: Weighting
    excludes: bool


@dataclass(frozen=True)
class Shop:
    """Who bought what, by time, and what is there to be sold."""

    users: Ints
    """The account of each owner of the histories."""
    histories: Histories
    """Of products, by their ids as text."""
    is_offered: Mask
    """Per product: on sale and in stock."""


def shop(orders: pd.DataFrame, offered: pd.DataFrame) -> Shop:
    """orders: user_id, product_id, ordered_at, by user and time; offered: product_id of what is in stock."""
    if orders.empty:
        raise DataError(
            "cdm.fact_order_items has no orders of accounts; load a history and run `tradewind build`"
        )
    groups = orders.groupby("user_id", sort=True)["product_id"].agg(lambda products: list(map(str, products)))
    histories = from_lists(groups)
    there = set(offered["product_id"].astype(str))
    is_offered = np.array([name in there for name in histories.names])
    return Shop(groups.index.to_numpy(dtype=np.int64), histories, is_offered)


def train(
    orders: pd.DataFrame, found: Shop, seed: int = 1, captured_since: pd.Timestamp | None = None
) -> Trained:
    """A version with weights chosen on the products before the last ones, judged by the last ones."""
    check(RECOMMENDATION_SOURCES, orders["ordered_at"].min(), captured_since)
    check_point_in_time(found.histories)
    validation, test = (evaluate.last_item(found.histories, back) for back in (1, 0))
    weighting, excludes = evaluate.tune(
        validation.some(evaluate.TUNED_ON, seed), Weighting(), evaluate.ORDERED_WEIGHTS
    )
    ranks, _ = evaluate.ranks(test, weighting, excludes)
    missed = 1 - float(ranking.gains(ranks, COUNT).mean())
    days = pd.to_datetime(orders["ordered_at"]).dt.date
    return Trained(
        NAME,
        {SETTINGS: json.dumps({"weighting": asdict(weighting), "excludes": excludes}).encode()},
        days.min(),
        days.max(),
        FEATURES,
        {METRIC: missed, "hit_rate": float(ranking.hits(ranks, COUNT).mean())},
        table_checksum(orders[["user_id", "product_id"]]),
        seed,
    )


def load(files: Mapping[str, bytes]) -> Recommender:
    """What a version's files say."""
    found = json.loads(files[SETTINGS])
    return Recommender(Weighting(**found["weighting"]), bool(found["excludes"]))


def check_point_in_time(histories: Histories) -> None:
    """Replace each user's last product by another one; LeakageError if anything known before it changes."""
    is_held_out = (histories.steps_back == 0) & (histories.lengths[histories.owner] >= evaluate.LEAST_ITEMS)
    other = (histories.item + 1) % histories.item_count
    changed = replace(histories, item=np.where(is_held_out, other, histories.item))
    before, after = (evaluate.last_item(each, 0).known for each in (histories, changed))
    likeness = [Similarities(known).under(Weighting()) for known in (before, after)]
    if not np.array_equal(before.item, after.item) or (likeness[0] != likeness[1]).nnz:
        raise LeakageError("likeness of products changes with what was bought later")


def user_rows(model: Recommender, found: Shop, day: pd.Timestamp, version: str) -> pd.DataFrame:
    """Rows of `ml.user_recommendations`: the first ten products of every account that ever ordered."""
    histories = found.histories
    task = evaluate.Task(histories, np.arange(histories.owner_count), np.zeros(0, dtype=np.int64))
    offers = evaluate.offers(task, model.weighting, model.excludes, Similarities(histories))
    return _rows("user_id", found.users, offers, found, day, version)


def product_rows(model: Recommender, found: Shop, day: pd.Timestamp, version: str) -> pd.DataFrame:
    """Rows of `ml.product_recommendations`: the ten products most wanted after each one."""
    alike = item_neighbours.dense(Similarities(found.histories).under(model.weighting))
    return _rows("product_id", product_ids(found.histories), alike, found, day, version)


def _rows(
    key: str, keys: Ints, offers: Iterator[tuple[slice, Scores]], found: Shop, day: pd.Timestamp, version: str
) -> pd.DataFrame:
    """A row per key, with the best that is offered; of products without a score nothing."""
    products: list[list[int]] = []
    values: list[list[float]] = []
    ids = product_ids(found.histories)
    for _, scores in offers:
        scores[:, ~found.is_offered] = -np.inf
        for best, own in zip(ranking.top(scores, COUNT), scores, strict=True):
            given = best[(best >= 0) & (own[best] > 0)]
            products.append(ids[given].tolist())
            values.append(own[given].astype(float).tolist())
    return pd.DataFrame(
        {
            "model_version": version,
            "recommended_on": day.date(),
            key: keys,
            "recommended_product_ids": products,
            "scores": values,
        }
    )


def product_ids(histories: Histories) -> Ints:
    """The id of each item."""
    return np.array([int(name) for name in histories.names], dtype=np.int64)


def findings(rows: pd.DataFrame, key: str, offered: set[int]) -> list[str]:
    """What is wrong with recommendations: by key, what is not offered, given twice, or the key itself."""
    if rows.empty:
        return ["there are no recommendations"]
    found = []
    for owner, products in zip(rows[key], rows["recommended_product_ids"], strict=True):
        given = list(products)
        if missing := [product for product in given if product not in offered]:
            found.append(f"{key} {owner}: {missing[0]} is not on sale or out of stock")
        if len(set(given)) < len(given) or len(given) > COUNT:
            found.append(f"{key} {owner}: {len(given)} products, {len(set(given))} different ones")
        if key == "product_id" and owner in given:
            found.append(f"{key} {owner}: leads to itself")
    return found
