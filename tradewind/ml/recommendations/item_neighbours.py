"""Item-based collaborative filtering with the order of events: items that are had near each other are alike.

An item's score for a user is the sum over the user's history of recency x similarity. The similarity is the
co-occurrence in histories, weighted by distance and direction, over powers of both items' popularity: the
cosine of Sarwar et al., 2001, with the asymmetric popularity exponents of Aiolli, 2013, and the distance and
direction weights of sequential rules (Ludewig and Jannach, 2018).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array, diags_array

from tradewind.ml.recommendations.histories import Histories

REACH = 50
"""Events farther apart than this in a history do not count as near each other."""
ROWS = 512
"""Users that are scored at once: the memory is this x items x 4 bytes."""
Scores = NDArray[np.float32]
Codes = NDArray[np.int32]


@dataclass(frozen=True)
class Weighting:
    """What counts how much; each is chosen on the validation items of a data set."""

    recency: float = 0.6
    """Of an event in the history against the one after it."""
    target: float = 0.1
    """Power of the recommended item's popularity that its similarity is divided by."""
    source: float = 0.5
    """The same of the item in the history."""
    distance: float = 0.8
    """Of two events against two that are one step nearer to each other."""
    backward: float = 0.3
    """Of what came before an item against what came after it."""
    activity: float = 0.25
    """Power of the number of a user's events that each of them is divided by."""

    @property
    def is_unordered(self) -> bool:
        """Whether the order of events has no weight."""
        return self.distance == 1 and self.backward == 1


UNORDERED = Weighting(recency=1.0, distance=1.0, backward=1.0)
"""For histories without times."""
PLAIN = Weighting(1.0, 0.0, 0.0, 1.0, 1.0, 0.0)
"""How often items are had by the same user, and nothing else: a baseline."""
CHOICES: dict[str, tuple[float, ...]] = {
    "recency": (0.4, 0.5, 0.6, 0.7, 0.8, 1.0),
    "target": (0.0, 0.1, 0.2, 0.35, 0.5),
    "source": (0.0, 0.5, 0.75, 1.0),
    "distance": (0.6, 0.8, 1.0),
    "backward": (0.1, 0.3, 0.6, 1.0),
    "activity": (0.0, 0.25, 0.5, 1.0),
}
assert set(CHOICES) == {each.name for each in fields(Weighting)}


@dataclass(frozen=True)
class Pairs:
    """Two events of the same user: the earlier item, the later one, their distance, the user's events."""

    earlier: Codes
    later: Codes
    distance: Codes
    activity: Codes


def pairs(histories: Histories, reach: int = REACH) -> Pairs:
    """All pairs of events of the same owner at most `reach` steps apart."""
    owner, lengths = histories.owner, histories.lengths
    found = []
    for step in range(1, min(reach, int(lengths.max(initial=1)) - 1) + 1):
        at = np.flatnonzero(owner[:-step] == owner[step:])
        found.append(
            (histories.item[at], histories.item[at + step], np.full(len(at), step), lengths[owner[at]])
        )
    if not found:
        nothing = np.zeros(0, dtype=np.int32)
        return Pairs(nothing, nothing, nothing, nothing)
    return Pairs(*(np.concatenate(each).astype(np.int32) for each in zip(*found, strict=True)))


class Similarities:
    """Similarities in the same histories under one weighting after another, sharing what they can."""

    def __init__(self, histories: Histories) -> None:
        """Nothing is computed yet."""
        self._histories = histories
        self._pairs: Pairs | None = None
        self._together: tuple[tuple[float, float, float], csr_array] | None = None

    def under(self, weighting: Weighting) -> csr_array:
        """Items x items: how much having the row's item says for the column's; 0 for an item and itself."""
        together = self._events(weighting)
        popularity = np.maximum(self._histories.popularity, 1).astype(np.float32)
        rows, columns = (diags_array(popularity**-power) for power in (weighting.source, weighting.target))
        return csr_array(rows @ together @ columns)

    def _events(self, weighting: Weighting) -> csr_array:
        """The weighted co-occurrence, which does not depend on powers of popularity."""
        key = weighting.distance, weighting.backward, weighting.activity
        if self._together is None or self._together[0] != key:
            found = (
                self._ordered(weighting)
                if not weighting.is_unordered
                else _together(self._histories, weighting)
            )
            found.setdiag(0)
            found.eliminate_zeros()
            self._together = key, found
        return self._together[1]

    def _ordered(self, weighting: Weighting) -> csr_array:
        if self._pairs is None:
            self._pairs = pairs(self._histories)
        return _near(self._pairs, weighting, self._histories.item_count)


def _together(histories: Histories, weighting: Weighting) -> csr_array:
    owned = histories.matrix()
    owned.data[:] = 1
    activity = np.maximum(histories.lengths, 1).astype(np.float32) ** -weighting.activity
    return csr_array(owned.T @ diags_array(activity) @ owned)


def _near(near: Pairs, weighting: Weighting, items: int) -> csr_array:
    weights = weighting.distance ** (near.distance - 1.0) * near.activity.astype(float) ** -weighting.activity
    forward = coo_array(
        (weights.astype(np.float32), (near.earlier, near.later)), shape=(items, items)
    ).tocsr()
    return csr_array(forward + weighting.backward * forward.T)


def profiles(histories: Histories, weighting: Weighting) -> csr_array:
    """Users x items: the recency of each item in the history; of an item had twice, of both times."""
    return histories.matrix(weighting.recency ** histories.steps_back.astype(float))


def scores(profile: csr_array, alike: csr_array, owned: csr_array | None) -> Iterator[tuple[slice, Scores]]:
    """Scores of all items for some users at a time; -inf for what is in `owned`, if that is given."""
    for first in range(0, profile.shape[0], ROWS):
        rows = slice(first, min(first + ROWS, profile.shape[0]))
        found: Scores = (profile[rows] @ alike).toarray()
        if owned is not None:
            own = owned[rows].tocoo()
            found[own.row, own.col] = -np.inf
        yield rows, found


def dense(alike: csr_array) -> Iterator[tuple[slice, Scores]]:
    """Likeness of all items to some items at a time."""
    for first in range(0, alike.shape[0], ROWS):
        rows = slice(first, min(first + ROWS, alike.shape[0]))
        yield rows, alike[rows].toarray()
