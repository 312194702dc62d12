"""Where the item that came next stands among all items, and measures of that."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from tradewind.ml.panel import Floats, Ints

Measure = Callable[[Ints, int], Floats]
"""Per rank, what it counts within the first so many; the mean is the measure."""


def ranks(scores: NDArray[np.floating], target: Ints) -> Ints:
    """Rank of each row's target from 1: the items that score at least as much, so ties count against it.

    scores: rows x items, -inf for an item that is not offered.
    """
    own = scores[np.arange(len(target)), target]
    found: Ints = (scores >= own[:, None]).sum(axis=1)
    return np.where(np.isneginf(own), scores.shape[1], found)


def sparse_ranks(scores: csr_array, target: Ints) -> Ints:
    """The same for rows of positive scores; an item that is not in its row is ranked last."""
    row = np.repeat(np.arange(scores.shape[0]), np.diff(scores.indptr))
    own = np.zeros(scores.shape[0])
    is_target = scores.indices == target[row]
    own[row[is_target]] = scores.data[is_target]
    at_least = scores.data >= own[row]
    found: Ints = np.bincount(row[at_least], minlength=len(target))
    return np.where(own > 0, found, scores.shape[1])


def hits(found: Ints, count: int) -> Floats:
    """1 where the target is among the first `count`; the mean is HR@count, which is also P@count."""
    return (found <= count).astype(float)


def gains(found: Ints, count: int) -> Floats:
    """1 / log2(rank + 1) among the first `count`, else 0; the mean is NDCG@count with a single target."""
    return np.where(found <= count, 1 / np.log2(found + 1), 0.0)


def reciprocals(found: Ints, count: int) -> Floats:
    """1 / rank among the first `count`, else 0; the mean is MRR@count."""
    return np.where(found <= count, 1 / found, 0.0)


def top(scores: NDArray[np.floating], count: int) -> Ints:
    """The items of each row with the highest scores, the best first; -1 where fewer are offered."""
    width = min(count, scores.shape[1])
    best = np.argpartition(-scores, width - 1, axis=1)[:, :width]
    own = np.take_along_axis(scores, best, axis=1)
    order = np.argsort(-own, axis=1, kind="stable")
    best, own = np.take_along_axis(best, order, axis=1), np.take_along_axis(own, order, axis=1)
    return np.where(np.isneginf(own), -1, best)
