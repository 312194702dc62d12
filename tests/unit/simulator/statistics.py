"""Whether what was drawn agrees with its parameter; how far it may be off follows from how much was drawn.

Seeds are fixed, so a test passes always or never; the limits let a right generator fail once in a million.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats

UNLIKELY = 1e-6
_SIGMAS = 5.0


def has_shares(counts: Sequence[int], weights: Sequence[float]) -> bool:
    """Whether counts are a sample of these weights (chi-square)."""
    observed, share = np.asarray(counts, dtype=float), np.asarray(weights, dtype=float)
    expected = share / share.sum() * observed.sum()
    assert expected.min() > 4, "too few for a chi-square test"
    return bool(stats.chisquare(observed, expected).pvalue > UNLIKELY)


def has_rate(happened: int, tries: int, rate: float) -> bool:
    """Whether something that happens with this probability may happen so often."""
    assert tries * rate > 4, "too few to tell"
    return bool(stats.binomtest(happened, tries, rate).pvalue > UNLIKELY)


def has_mean(values: Sequence[float], mean: float) -> bool:
    """Whether the mean of a sample is within five standard errors of this."""
    sample = np.asarray(values, dtype=float)
    error = sample.std(ddof=1) / np.sqrt(len(sample))
    return bool(abs(sample.mean() - mean) < _SIGMAS * error)
