"""Full-ranking evaluations of item neighbours: the last item of each user, or one left out at random."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from tradewind.ml import evaluation
from tradewind.ml.errors import DataError
from tradewind.ml.evaluation import Score
from tradewind.ml.panel import Floats, Ints
from tradewind.ml.recommendations import item_neighbours, ranking
from tradewind.ml.recommendations.histories import Histories, Mask
from tradewind.ml.recommendations.item_neighbours import PLAIN, UNORDERED, Similarities, Weighting

NAME = "recommendations"
LEAST_ITEMS = 3
"""Of a user who is evaluated: something to learn from, the validation item, the test item."""
SEQUENCE_BARS = {(22_363, 12_101, 198_502): 0.069}
"""Users, items and events of public data (Amazon Beauty, 5-core) -> HR@10 of a well-tuned item-kNN."""
SEQUENCE_MEASURES: Sequence[tuple[str, ranking.Measure, int]] = [
    ("HR", ranking.hits, 5),
    ("HR", ranking.hits, 10),
    ("NDCG", ranking.gains, 5),
    ("NDCG", ranking.gains, 10),
    ("MRR", ranking.reciprocals, 10),
]
LEFT_OUT_BAR = 1.3
"""Against the best baseline, where one item of each user is left out."""
TUNED_ON = 2_000
"""At most so many validation items choose the weights."""
POPULARITY, TOGETHER = "popularity", "co-occurrence"
ORDERED_WEIGHTS = ("recency", "target", "backward", "source", "distance", "activity")
UNORDERED_WEIGHTS = ("target", "activity")


@dataclass(frozen=True)
class Task:
    """A ranking to be done: what is known of everyone, the users, and the item that each had next."""

    known: Histories
    users: Ints
    target: Ints

    def some(self, count: int, seed: int = 1) -> Task:
        """The task of at most so many of its users."""
        if len(self.users) <= count:
            return self
        chosen = np.sort(np.random.default_rng(seed).choice(len(self.users), count, replace=False))
        return replace(self, users=self.users[chosen], target=self.target[chosen])


def sequences(histories: Histories, name: str) -> list[Score]:
    """Score the shape `sequences`: leave-one-out, the item before the last one chooses the weights."""
    validation, test = last_item(histories, 1), last_item(histories, 0)
    repeats = _repeats(histories)
    weighting, excludes = tune(validation.some(TUNED_ON), Weighting(), ORDERED_WEIGHTS)
    bar = SEQUENCE_BARS.get((histories.owner_count, histories.item_count, len(histories.item)))
    title = f"{name}, last item of {len(test.users)} users among {histories.item_count}"
    had = "left out" if excludes else "kept"
    note = f"{shown(weighting)}; items had before are {had}, {repeats:.1%} of events have one"
    found, lists = ranks(test, weighting, excludes)
    others = baselines(test, excludes)
    return [
        *measures(title, found, others, SEQUENCE_MEASURES, {"HR@10": bar}, note),
        *breadth(test.known, lists, title),
    ]


def left_out(histories: Histories, name: str, seed: int = 1) -> list[Score]:
    """Score histories without times: a random item of each user is ranked, another chooses the weights."""
    test, weighting, excludes = left_out_task(histories, seed)
    found, lists = ranks(test, weighting, excludes)
    others = baselines(test, excludes)
    best = max(float(ranking.hits(other, 10).mean()) for other in others.values())
    title = f"{name}, an item of {len(test.users)} users left out, among {histories.item_count}"
    bars = {"HR@10": LEFT_OUT_BAR * best}
    wanted = [("HR", ranking.hits, 10), ("NDCG", ranking.gains, 10)]
    return [
        *measures(title, found, others, wanted, bars, shown(weighting)),
        *breadth(test.known, lists, title),
    ]


def left_out_task(histories: Histories, seed: int = 1) -> tuple[Task, Weighting, bool]:
    """Rank a random item of each user; another one chooses weights, and whether items had before are kept."""
    order = np.random.default_rng(seed).permutation(len(histories.item))
    order = order[np.argsort(histories.owner[order], kind="stable")]
    shuffled = replace(histories, owner=histories.owner[order], item=histories.item[order])
    validation, test = last_item(shuffled, 1), last_item(shuffled, 0)
    return test, *tune(validation.some(TUNED_ON), UNORDERED, UNORDERED_WEIGHTS)


def last_item(histories: Histories, back: int) -> Task:
    """Rank the item `back` steps before the last one, by those before it; DataError without users."""
    users = np.flatnonzero(histories.lengths >= LEAST_ITEMS)
    if not len(users):
        raise DataError(
            f"no user has {LEAST_ITEMS} items: one to learn from, one for validation and one for the test"
        )
    evaluated = np.zeros(histories.owner_count, dtype=bool)
    evaluated[users] = True
    is_known: Mask = (histories.steps_back > back) | ~evaluated[histories.owner]
    target = histories.item[(histories.steps_back == back) & evaluated[histories.owner]]
    return Task(histories.where(is_known), users, target)


def tune(task: Task, start: Weighting, names: tuple[str, ...]) -> tuple[Weighting, bool]:
    """The best weighting by NDCG@10, one weight after another, and whether items had before are left out."""
    alike = Similarities(task.known)

    def quality(weighting: Weighting, excludes: bool) -> float:
        found = _item_ranks(task, weighting, excludes, alike)
        return float(ranking.gains(found, 10).mean())

    excludes = quality(start, True) >= quality(start, False)
    best = start
    for name in names:
        values = item_neighbours.CHOICES[name]
        best = max(
            (replace(best, **{name: value}) for value in values), key=lambda each: quality(each, excludes)
        )
    return best, excludes


def ranks(task: Task, weighting: Weighting, excludes: bool) -> tuple[Ints, Ints]:
    """Rank of each target, and the first ten items of each user."""
    found, lists = [], []
    for rows, offered in offers(task, weighting, excludes, Similarities(task.known)):
        found.append(ranking.ranks(offered, task.target[rows]))
        lists.append(ranking.top(offered, 10))
    return np.concatenate(found), np.concatenate(lists)


def breadth(known: Histories, lists: Ints, title: str) -> list[Score]:
    """Coverage: the part of all items in someone's list; novelty: the mean -log2 of their part of events."""
    shown = lists[lists >= 0]
    part = np.maximum(known.popularity, 1) / known.popularity.sum()
    coverage = len(np.unique(shown)) / known.item_count
    novelty, usual = (float(-np.log2(part[items]).mean()) for items in (shown, known.item))
    return [
        Score(NAME, title, "coverage@10", coverage, is_lower_better=False),
        Score(NAME, title, "novelty@10, bits", novelty, "what users have", usual, is_lower_better=False),
    ]


def offers(
    task: Task, weighting: Weighting, excludes: bool, alike: Similarities
) -> Iterator[tuple[slice, item_neighbours.Scores]]:
    """Scores of all items for some users at a time; of items with no score the popular ones are first."""
    similarity = alike.under(weighting)
    mine = task.known.of(task.users)
    profile = item_neighbours.profiles(mine, weighting)
    popular = (task.known.popularity / max(task.known.popularity.max(initial=0), 1) * 1e-9).astype(np.float32)
    owned = mine.matrix() if excludes else None
    for rows, found in item_neighbours.scores(profile, similarity, owned):
        yield rows, found + popular


def _item_ranks(task: Task, weighting: Weighting, excludes: bool, alike: Similarities) -> Ints:
    found = offers(task, weighting, excludes, alike)
    return np.concatenate([ranking.ranks(offered, task.target[rows]) for rows, offered in found])


def baselines(task: Task, excludes: bool) -> dict[str, Ints]:
    """Ranks by popularity and by plain co-occurrence."""
    return {
        POPULARITY: popularity_ranks(task.known.popularity, task.target, _owned(task) if excludes else None),
        TOGETHER: _item_ranks(task, PLAIN, excludes, Similarities(task.known)),
    }


def _owned(task: Task) -> csr_array:
    return task.known.of(task.users).matrix()


def popularity_ranks(popularity: Floats, target: Ints, owned: csr_array | None = None) -> Ints:
    """Ranks by popularity; ties count against the target, items had before are left out if given."""
    ascending = np.sort(popularity)
    found: Ints = len(popularity) - np.searchsorted(ascending, popularity[target], side="left")
    if owned is not None:
        row = np.repeat(np.arange(owned.shape[0]), np.diff(owned.indptr))
        is_before = popularity[owned.indices] >= popularity[target[row]]
        pairs = pd.DataFrame({"row": row[is_before], "item": owned.indices[is_before]}).drop_duplicates()
        found = found - np.bincount(pairs["row"], minlength=len(target))
        has_target = np.bincount(row, owned.indices == target[row], minlength=len(target)) > 0
        found = np.where(has_target, len(popularity), found)
    return found


def measures(
    title: str,
    found: Ints,
    others: Mapping[str, Ints],
    wanted: Sequence[tuple[str, ranking.Measure, int]],
    bars: Mapping[str, float | None],
    note: str,
) -> list[Score]:
    """A row per measure, beside the best baseline."""
    rows = []
    for name, measure, count in wanted:
        values = measure(found, count)
        named = {other: float(measure(each, count).mean()) for other, each in others.items()}
        best = max(named, key=lambda other: named[other])
        metric = f"{name}@{count}"
        told = "; ".join(f"{other} {value:.4g}" for other, value in named.items())
        interval = evaluation.interval_of_mean(values, rounds=100)
        rows.append(
            Score(
                NAME, title, metric, float(values.mean()), best, named[best], bars.get(metric), False,
                interval, f"{told}; {note}",
            )
        )  # fmt: skip
    return rows


def _repeats(histories: Histories) -> float:
    """The part of events whose item the user had before."""
    events = pd.DataFrame({"owner": histories.owner, "item": histories.item})
    return float(events.duplicated().mean())


def shown(weighting: object) -> str:
    """The weights by name."""
    return ", ".join(f"{name} {value:g}" for name, value in vars(weighting).items())
