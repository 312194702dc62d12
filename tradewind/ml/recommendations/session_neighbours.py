"""Next items of a session, by what the sessions most like it went on with.

VMIS-kNN (Kersbergen, Sprangers and Schelter, 2022: an index of each item's most recent sessions) with the
distance decay of STAN (Garg et al., 2019: an item near the shared one counts more) and weights for rarity.
All steps are on flat arrays, some hundred sessions at a time, so that memory is bounded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csr_array

from tradewind.ml.panel import Floats, Ints
from tradewind.ml.recommendations.histories import Histories, expand

ROWS = 500
"""Sessions that are scored at once."""


@dataclass(frozen=True)
class SessionWeighting:
    """What counts how much; each is chosen on the latest sessions of the training data."""

    neighbours: int = 500
    """How many sessions that are most like the present one are used."""
    recency: float = 0.8
    """Of an item in the present session against the one after it."""
    distance: float = 0.7
    """Of an item against one that is a step nearer to the shared item."""
    backward: float = 0.5
    """Of what a neighbour had before the shared item against what it had after it."""
    length: float = 0.5
    """Power of a neighbour's length that its similarity is divided by."""
    rarity: float = 0.5
    """Power of the recommended item's popularity that its score is divided by: 0 to 1."""
    again: float = 1.0
    """Of items that the session has had already."""
    recent: int = 2_000
    """How many of an item's most recent sessions are looked at."""


@dataclass(frozen=True)
class SessionIndex:
    """Each item's sessions, the most recent first, with the position of the item in them."""

    sessions: Histories
    start: Ints
    count: Ints
    session: Ints
    position: Ints


@dataclass(frozen=True)
class Matches:
    """Sessions like those of the rows, with the shared item that the row had most recently."""

    row: Ints
    session: Ints
    likeness: Floats
    position: Ints
    """Of the shared item, in the neighbour."""


def index(sessions: Histories) -> SessionIndex:
    """The index of sessions whose order is that of time; of an item had twice, the later position."""
    order = np.lexsort((-sessions.position, -sessions.owner, sessions.item))
    item, session = sessions.item[order], sessions.owner[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (item[1:] != item[:-1]) | (session[1:] != session[:-1])
    chosen = order[first]
    count = np.bincount(sessions.item[chosen], minlength=sessions.item_count)
    start = np.cumsum(count) - count
    return SessionIndex(sessions, start, count, sessions.owner[chosen], sessions.position[chosen])


def matches(known: SessionIndex, prefixes: Histories, weighting: SessionWeighting) -> Matches:
    """The nearest neighbours of each prefix, by recency and rarity of what they share."""
    count = np.minimum(known.count[prefixes.item], weighting.recent)
    at = expand(known.start[prefixes.item], count)
    steps = np.repeat(prefixes.steps_back, count)
    key = np.repeat(prefixes.owner, count) * known.sessions.owner_count + known.session[at]
    order = np.lexsort((steps, key))
    key, at, steps = key[order], at[order], steps[order]
    first = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]])) if len(key) else np.zeros(0, int)
    weights = weighting.recency ** steps.astype(float)
    likeness = np.add.reduceat(weights, first) if len(first) else np.zeros(0)
    row, session = np.divmod(key[first], known.sessions.owner_count)
    likeness = likeness / known.sessions.lengths[session] ** weighting.length
    return _nearest(Matches(row, session, likeness, known.position[at[first]]), weighting.neighbours)


def _nearest(found: Matches, count: int) -> Matches:
    """The most alike of each row; of equally alike ones, the most recent."""
    order = np.lexsort((-found.session, -found.likeness, found.row))
    row = found.row[order]
    begins = np.searchsorted(row, row, side="left")
    used = order[np.arange(len(row)) - begins < count]
    return Matches(found.row[used], found.session[used], found.likeness[used], found.position[used])


def scores(
    known: SessionIndex, prefixes: Histories, weighting: SessionWeighting
) -> Iterator[tuple[slice, csr_array]]:
    """Scores of the next item for some prefixes at a time: rows x items, 0 where no neighbour had it."""
    for first in range(0, prefixes.owner_count, ROWS):
        rows = np.arange(first, min(first + ROWS, prefixes.owner_count))
        some = prefixes.of(rows)
        found = _votes(known, matches(known, some, weighting), len(rows), weighting)
        yield slice(first, first + len(rows)), _had_already(found, some, weighting.again)


def _votes(known: SessionIndex, near: Matches, rows: int, weighting: SessionWeighting) -> csr_array:
    """What neighbours had, by their likeness and the distance to the shared item."""
    sessions = known.sessions
    count = sessions.lengths[near.session]
    at = expand(sessions.starts[near.session], count)
    away = sessions.position[at] - np.repeat(near.position, count)
    weights = np.repeat(near.likeness, count) * weighting.distance ** np.abs(away).astype(float)
    weights *= np.where(away < 0, weighting.backward, 1.0) * (away != 0)
    weights /= sessions.popularity[sessions.item[at]] ** weighting.rarity
    voted = coo_array(
        (weights, (np.repeat(near.row, count), sessions.item[at])), shape=(rows, sessions.item_count)
    )
    return csr_array(voted.tocsr())


def _had_already(found: csr_array, prefixes: Histories, again: float) -> csr_array:
    """Scores with those of the row's own items multiplied by `again`."""
    if again == 1:
        return found
    own = prefixes.matrix()
    own.data[:] = again - 1
    changed = csr_array(found + found.multiply(own))
    changed.eliminate_zeros()
    return changed
