"""Arrow columns of the shop's tables, made from NumPy integer arrays.

Amounts are in hundredths, timestamps are seconds since 1970 in UTC, identifiers and codes are integers. A
negative number stands for null, since none of these values is negative.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from simulator.randomness import Bools, Ints

NULL = -1
"""Stands for null: no value, or an event that has not happened."""

_MIX = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)


def amounts(hundredths: Ints) -> pa.Array:
    """numeric(18,2) from hundredths."""
    return _decimals(hundredths, 2)


def signed_amounts(hundredths: Ints) -> pa.Array:
    """numeric(18,2) that may be negative; never null."""
    return _decimals(hundredths, 2, has_nulls=False)


def decimals(units: Ints, digits: int) -> pa.Array:
    """numeric with `digits` decimal places, from units of the last place."""
    return _decimals(units, digits)


def timestamps(seconds: Ints) -> pa.Array:
    """timestamptz from seconds since 1970."""
    return pa.array(seconds, pa.timestamp("s", tz="UTC"), mask=seconds < 0)


def dates(days: Ints) -> pa.Array:
    """date from days since 1970."""
    return pa.array(days.astype(np.int32), pa.date32(), mask=days == NULL)


def integers(values: Ints) -> pa.Array:
    """bigint; negative values are null."""
    return pa.array(values, pa.int64(), mask=values < 0)


def signed_integers(values: Ints) -> pa.Array:
    """bigint that may be negative; never null."""
    return pa.array(values, pa.int64())


def booleans(values: Bools) -> pa.Array:
    """boolean."""
    return pa.array(values, pa.bool_())


def texts(codes: Ints, values: Sequence[str | None] | pa.Array) -> pa.Array:
    """text: the value at each code; a negative code is null."""
    array = values if isinstance(values, pa.Array) else pa.array(values, pa.string())
    return array.take(pa.array(codes, pa.int64(), mask=codes < 0))


def constant(value: str, count: int) -> pa.Array:
    """text: the same value in all rows."""
    return pa.repeat(pa.scalar(value, pa.string()), count)


def numbered(prefix: str, values: Ints, digits: int) -> pa.Array:
    """text: a prefix and a zero-padded number; a negative number is null."""
    text = np.char.add(prefix, np.char.zfill(values.astype(str), digits))
    return pa.array(text.tolist(), pa.string(), mask=values < 0)


def opaque_ids(salt: int, values: Ints) -> pa.Array:
    """text: 16 hexadecimal digits that reveal nothing of the number; unique per number for one salt."""
    mixed = _mixed(values.astype(np.uint64) ^ np.uint64(salt))
    digits = np.frombuffer(mixed.astype(">u8").tobytes().hex().encode(), dtype="S16")
    return pa.array(digits, pa.binary(), mask=values < 0).cast(pa.string())


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64, a bijection: different numbers stay different."""
    step, first, second = (np.uint64(number) for number in _MIX)
    mixed = values + step
    mixed = (mixed ^ (mixed >> np.uint64(30))) * first
    mixed = (mixed ^ (mixed >> np.uint64(27))) * second
    return mixed ^ (mixed >> np.uint64(31))


def _decimals(units: Ints, digits: int, has_nulls: bool = True) -> pa.Array:
    halves = np.empty((len(units), 2), dtype=np.int64)
    halves[:, 0], halves[:, 1] = units, units >> 63
    kind = pa.decimal128(18, digits)
    has_nulls = has_nulls and bool((units < 0).any())
    validity = pa.array(units >= 0, pa.bool_()).buffers()[1] if has_nulls else None
    return pa.Array.from_buffers(kind, len(units), [validity, pa.py_buffer(halves.tobytes())])
