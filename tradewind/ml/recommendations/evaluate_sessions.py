"""Full-ranking evaluation of session neighbours: the next item of each session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from tradewind.ml.evaluation import Score
from tradewind.ml.panel import Ints
from tradewind.ml.recommendations import item_neighbours, ranking, session_neighbours
from tradewind.ml.recommendations.evaluate import (
    POPULARITY,
    TOGETHER,
    TUNED_ON,
    measures,
    popularity_ranks,
    shown,
)
from tradewind.ml.recommendations.histories import Histories, expand
from tradewind.ml.recommendations.item_neighbours import PLAIN
from tradewind.ml.recommendations.session_neighbours import SessionWeighting
from tradewind.ml.recommendations.sessions import Sessions

SESSION_BARS = {60_858: 0.40}
"""Test lines of public data (Diginetica) -> P@20, which is HR@20."""
MEASURES: Sequence[tuple[str, ranking.Measure, int]] = [
    ("HR", ranking.hits, 20),
    ("MRR", ranking.reciprocals, 20),
]
CHOICES: Mapping[str, tuple[float, ...]] = {
    "recency": (0.3, 0.5, 0.7),
    "backward": (0.5, 0.75, 1.0),
    "distance": (0.7, 0.9, 1.0),
    "rarity": (0.0, 0.25, 0.5),
    "again": (0.0, 1.0, 1.5),
}


def on_data(data: Sessions, name: str) -> list[Score]:
    """Score the shape `sessions`: the next item of each prefix; the latest sessions choose the weights."""
    weighting = tune(data.train)
    found = _session_ranks(data.train, data.prefixes, data.target, weighting)
    others = {
        POPULARITY: popularity_ranks(data.train.popularity, data.target),
        TOGETHER: _together_ranks(data),
    }
    title = f"{name}, next item of {len(data.target)} sessions among {data.train.item_count}"
    bars = {"HR@20": SESSION_BARS.get(len(data.target))}
    return measures(title, found, others, MEASURES, bars, f"HR@20 is P@20; {shown(weighting)}")


def tune(train: Histories) -> SessionWeighting:
    """The weighting with the best HR@20 on the latest twentieth of sessions, by those before."""
    cut = train.owner_count - max(train.owner_count // 20, 1)
    late = train.of(np.arange(cut, train.owner_count))
    prefixes, target = beginnings(late, TUNED_ON)
    best = SessionWeighting()
    if not len(target) or not cut:
        return best
    known = session_neighbours.index(train.of(np.arange(cut)))

    def quality(weighting: SessionWeighting) -> float:
        found = _ranks_by(known, prefixes, target, weighting)
        return float(ranking.hits(found, 20).mean())

    for name, values in CHOICES.items():
        best = max((_with(best, name, value) for value in values), key=quality)
    return best


def _with(weighting: SessionWeighting, name: str, value: Any) -> SessionWeighting:
    return replace(weighting, **{name: value})


def beginnings(whole: Histories, most: int, seed: int = 1) -> tuple[Histories, Ints]:
    """Beginnings of sessions and the items that came next; at most so many of them."""
    at = np.flatnonzero(whole.position > 0)
    if len(at) > most:
        at = np.sort(np.random.default_rng(seed).choice(at, most, replace=False))
    lengths = whole.position[at]
    items = whole.item[expand(at - lengths, lengths)]
    prefixes = replace(whole, owner=np.repeat(np.arange(len(at)), lengths), item=items, owner_count=len(at))
    return prefixes, whole.item[at]


def _session_ranks(train: Histories, prefixes: Histories, target: Ints, weighting: SessionWeighting) -> Ints:
    return _ranks_by(session_neighbours.index(train), prefixes, target, weighting)


def _ranks_by(
    known: session_neighbours.SessionIndex, prefixes: Histories, target: Ints, weighting: SessionWeighting
) -> Ints:
    found = session_neighbours.scores(known, prefixes, weighting)
    return np.concatenate([ranking.sparse_ranks(offered, target[rows]) for rows, offered in found])


def _together_ranks(data: Sessions) -> Ints:
    """Ranks by how many training sessions have the item together with the last one."""
    alike = item_neighbours.Similarities(data.train).under(PLAIN)
    last = data.prefixes.item[data.prefixes.steps_back == 0]
    found = []
    for first in range(0, len(last), session_neighbours.ROWS):
        rows = slice(first, first + session_neighbours.ROWS)
        found.append(ranking.sparse_ranks(csr_array(alike[last[rows]]), data.target[rows]))
    return np.concatenate(found)
