"""Items that users or sessions had, in the order in which they had them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from tradewind.ml.panel import Floats, Ints

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Histories:
    """Owners (users or sessions) and their items, flat: owners ascending, each one's items by time."""

    owner: Ints
    item: Ints
    owner_count: int
    names: Sequence[str]
    """The name of each item, by its code."""

    @property
    def item_count(self) -> int:
        """Number of different items, also those that nobody here had."""
        return len(self.names)

    @cached_property
    def lengths(self) -> Ints:
        """Items per owner."""
        return np.bincount(self.owner, minlength=self.owner_count)

    @cached_property
    def starts(self) -> Ints:
        """Where each owner's items begin."""
        return np.concatenate([[0], np.cumsum(self.lengths)[:-1]])

    @cached_property
    def position(self) -> Ints:
        """0 for the first item of its owner."""
        found: Ints = np.arange(len(self.owner)) - self.starts[self.owner]
        return found

    @cached_property
    def steps_back(self) -> Ints:
        """0 for the last item of its owner."""
        found: Ints = self.lengths[self.owner] - 1 - self.position
        return found

    @cached_property
    def popularity(self) -> Floats:
        """How often each item was had."""
        return np.bincount(self.item, minlength=self.item_count).astype(float)

    def where(self, chosen: Mask) -> Histories:
        """Only these entries; owners and items keep their codes."""
        return replace(self, owner=self.owner[chosen], item=self.item[chosen])

    def of(self, owners: Ints) -> Histories:
        """The histories of these owners, in this order; owners get new codes from 0."""
        at = expand(self.starts[owners], self.lengths[owners])
        return replace(
            self,
            owner=np.repeat(np.arange(len(owners)), self.lengths[owners]),
            item=self.item[at],
            owner_count=len(owners),
        )

    def matrix(self, weights: Floats | None = None) -> csr_array:
        """Owners x items; entries of the same owner and item are added up."""
        given = np.ones(len(self.item)) if weights is None else weights
        shape = (self.owner_count, self.item_count)
        return csr_array((given.astype(np.float32), (self.owner, self.item)), shape=shape)


def from_lists(lists: Iterable[Sequence[str]]) -> Histories:
    """Histories of lists of item names, one list per owner; codes by first appearance."""
    lengths: list[int] = []
    flat: list[str] = []
    for items in lists:
        lengths.append(len(items))
        flat.extend(items)
    codes, names = pd.factorize(pd.Series(flat, dtype=object))
    owner = np.repeat(np.arange(len(lengths)), lengths)
    return Histories(owner, codes.astype(np.int64), len(lengths), [str(name) for name in names])


def expand(starts: Ints, counts: Ints) -> Ints:
    """The indices start, start + 1, ... of each run, one run after another."""
    before = np.cumsum(counts) - counts
    found: Ints = np.repeat(starts - before, counts) + np.arange(int(counts.sum()))
    return found
