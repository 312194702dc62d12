"""Reproducible random numbers: named streams of integers, the same on any machine and Python version.

A stream is named by the seed and a path of names, so parts can be drawn in any order and in any process, and
adding a stream never changes another. Only the raw bits of NumPy's Philox generator, which NumPy guarantees
to be stable, and integer arithmetic are used: NumPy's distributions and floating-point functions may differ
between versions and processors.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

MILLION = 1_000_000
_LARGEST = 2**31
_BLOCK = 512


def per_million(rate: float) -> int:
    """A rate from 0 to 1 in millionths."""
    return round(rate * MILLION)


class Choice:
    """A weighted choice among 0, 1, 2, ...; weights are integers, not all 0."""

    def __init__(self, weights: Sequence[int] | Ints) -> None:
        total, running = 0, []
        for weight in weights:
            total += int(weight)
            running.append(total)
        if total <= 0:
            raise ValueError("a choice needs at least one weight above 0")
        self._bounds = np.array([(sum_so_far << 63) // total for sum_so_far in running], dtype=np.uint64)

    def from_bits(self, bits: NDArray[np.uint64]) -> Ints:
        """The choice for each 64-bit random number."""
        found = np.searchsorted(self._bounds, bits >> np.uint64(1), side="right")
        return found.astype(np.int64)


class Quantiles:
    """A distribution given by its quantiles at equally spaced probabilities, interpolated linearly."""

    def __init__(self, values: Sequence[int]) -> None:
        self.values: Ints = np.array(values, dtype=np.int64)

    @property
    def mean(self) -> float:
        """The exact mean of the values drawn, before rounding."""
        return float((self.values[:-1] + self.values[1:]).sum()) / (2 * (len(self.values) - 1))

    def from_bits(self, bits: NDArray[np.uint64]) -> Ints:
        """The value for each 64-bit random number."""
        place = (bits >> np.uint64(44)).astype(np.int64) * (len(self.values) - 1)
        lower, fraction = place >> 20, place & 0xFFFFF
        low = self.values[lower]
        step: Ints = low + ((self.values[lower + 1] - low) * fraction >> 20)
        return step


class Stream:
    """A random stream that is drawn as arrays."""

    def __init__(self, seed: int, *path: str | int) -> None:
        self._seed, self._path = seed, path
        text = "/".join(str(part) for part in (seed, *path))
        key = int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "little")
        self._source = np.random.Philox(key=key)

    def split(self, *path: str | int) -> Stream:
        """An independent stream below this one, whatever was drawn from this one."""
        return Stream(self._seed, *self._path, *path)

    def bits(self, count: int) -> NDArray[np.uint64]:
        """`count` 64-bit random numbers."""
        return np.atleast_1d(self._source.random_raw(count)).astype(np.uint64, copy=False)

    def below(self, limit: int | Ints, count: int) -> Ints:
        """Integers from 0 to `limit` - 1; `limit` (at most 2^31) is one for all, or one per draw."""
        if np.any(np.asarray(limit) > _LARGEST) or np.any(np.asarray(limit) < 1):
            raise ValueError(f"a limit is 1 to {_LARGEST}, not {limit}")
        scaled = (self.bits(count) >> np.uint64(32)) * np.asarray(limit, dtype=np.uint64)
        return (scaled >> np.uint64(32)).astype(np.int64)

    def between(self, lowest: int, highest: int, count: int) -> Ints:
        """Integers from `lowest` to `highest`, both included."""
        return self.below(highest - lowest + 1, count) + lowest

    def happens(self, rate: float, count: int) -> Bools:
        """`count` independent events of this probability."""
        return self.below(MILLION, count) < per_million(rate)

    def happens_exactly(self, rate: float, count: int) -> Bools:
        """Exactly the expected number of events, at random positions; for counts that are promised."""
        happens = np.zeros(count, dtype=np.bool_)
        happens[np.argsort(self.bits(count), kind="stable")[: count * per_million(rate) // MILLION]] = True
        return happens

    def happens_each(self, rates_per_million: Ints) -> Bools:
        """One event for each probability, in millionths."""
        return self.below(MILLION, len(rates_per_million)) < rates_per_million

    def choose(self, choice: Choice, count: int) -> Ints:
        """`count` weighted choices."""
        return choice.from_bits(self.bits(count))

    def draw(self, quantiles: Quantiles, count: int) -> Ints:
        """`count` values of a distribution."""
        return quantiles.from_bits(self.bits(count))


class ScalarStream:
    """A random stream that is drawn one number at a time."""

    def __init__(self, seed: int, *path: str | int) -> None:
        self._stream = Stream(seed, *path)
        self._buffer: list[int] = []

    def bits(self) -> int:
        """64 random bits."""
        if not self._buffer:
            self._buffer = self._stream.bits(_BLOCK).tolist()
            self._buffer.reverse()
        return self._buffer.pop()

    def below(self, limit: int) -> int:
        """An integer from 0 to `limit` - 1; `limit` is at most 2^31."""
        if not 1 <= limit <= _LARGEST:
            raise ValueError(f"a limit is 1 to {_LARGEST}, not {limit}")
        return (self.bits() >> 32) * limit >> 32

    def between(self, lowest: int, highest: int) -> int:
        """An integer from `lowest` to `highest`, both included."""
        return lowest + self.below(highest - lowest + 1)

    def happens(self, rate: float) -> bool:
        """Whether an event of this probability happens."""
        return self.below(MILLION) < per_million(rate)

    def choose(self, choice: Choice) -> int:
        """One weighted choice."""
        return int(choice.from_bits(np.array([self.bits()], dtype=np.uint64))[0])

    def draw(self, quantiles: Quantiles) -> int:
        """One value of a distribution."""
        return int(quantiles.from_bits(np.array([self.bits()], dtype=np.uint64))[0])
