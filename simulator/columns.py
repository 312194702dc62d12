"""Columns of the shop's tables from NumPy arrays: amounts, instants, words, identifiers.

Amounts are whole hundredths, instants are seconds since 1970 in UTC, identifiers and positions in word lists
are whole numbers. A negative number stands for null in all of them, since none is ever negative.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from simulator.randomness import Bools, Ints

NOTHING = -1
"""Stands for null, or for what has not happened."""

_MIX = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)


def amounts(hundredths: Ints) -> pa.Array:
    """numeric(18,2) from whole hundredths."""
    return _decimals(hundredths, 2)


def rates(units: Ints, digits: int) -> pa.Array:
    """numeric with `digits` decimals, from whole units of the last one."""
    return _decimals(units, digits)


def instants(seconds: Ints) -> pa.Array:
    """timestamptz from seconds since 1970."""
    return pa.array(seconds, pa.timestamp("s", tz="UTC"), mask=seconds < 0)


def dates(days: Ints) -> pa.Array:
    """date from days since 1970."""
    return pa.array(days.astype(np.int32), pa.date32(), mask=days == NOTHING)


def numbers(values: Ints) -> pa.Array:
    """Whole numbers; negative ones are null."""
    return pa.array(values, pa.int64(), mask=values < 0)


def signed(values: Ints) -> pa.Array:
    """Whole numbers that may be negative."""
    return pa.array(values, pa.int64())


def flags(values: Bools) -> pa.Array:
    """boolean."""
    return pa.array(values, pa.bool_())


def words(positions: Ints, vocabulary: Sequence[str | None] | pa.Array) -> pa.Array:
    """text: the word at each position; a negative position is null."""
    known = vocabulary if isinstance(vocabulary, pa.Array) else pa.array(vocabulary, pa.string())
    return known.take(pa.array(positions, pa.int64(), mask=positions < 0))


def same(word: str, count: int) -> pa.Array:
    """text: one word for all rows."""
    return pa.repeat(pa.scalar(word, pa.string()), count)


def labelled(prefix: str, values: Ints, digits: int) -> pa.Array:
    """text: a prefix and a number with leading zeros; a negative number is null."""
    text = np.char.add(prefix, np.char.zfill(values.astype(str), digits))
    return pa.array(text.tolist(), pa.string(), mask=values < 0)


def keys(salt: int, values: Ints) -> pa.Array:
    """text: 16 hexadecimal digits that tell nothing; different for different numbers and equal salts."""
    mixed = _mixed(values.astype(np.uint64) ^ np.uint64(salt))
    digits = np.frombuffer(mixed.astype(">u8").tobytes().hex().encode(), dtype="S16")
    return pa.array(digits, pa.binary(), mask=values < 0).cast(pa.string())


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64: one-to-one, so that different numbers stay different."""
    step, first, second = (np.uint64(number) for number in _MIX)
    mixed = values + step
    mixed = (mixed ^ (mixed >> np.uint64(30))) * first
    mixed = (mixed ^ (mixed >> np.uint64(27))) * second
    return mixed ^ (mixed >> np.uint64(31))


def _decimals(units: Ints, digits: int) -> pa.Array:
    halves = np.empty((len(units), 2), dtype=np.int64)
    halves[:, 0], halves[:, 1] = units, units >> 63
    kind = pa.decimal128(18, digits)
    validity = pa.array(units >= 0, pa.bool_()).buffers()[1] if (units < 0).any() else None
    return pa.Array.from_buffers(kind, len(units), [validity, pa.py_buffer(halves.tobytes())])
