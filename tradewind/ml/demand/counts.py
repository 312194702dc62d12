"""How far counts stray from their forecast mean: the distribution behind quantiles and run-out dates.

A negative binomial distribution with variance `phi x mean + alpha x mean^2`, fitted to days held out of
training, for single days and for sums over several. Its levels are then corrected by what was observed there,
with the probability of each count spread evenly over it (the randomised transform of Czado et al., 2009).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradewind.ml.panel import Floats

QUANTILES = (0.05, 0.5, 0.95)
POISSON = 1 + 1e-6
_LEVELS = np.linspace(0, 1, 41)


@dataclass(frozen=True)
class Spread:
    """The distribution of a sum over a number of days."""

    days: int
    phi: float
    alpha: float
    levels: tuple[float, ...]
    """Observed quantiles of the transform at 0, 0.025 ... 1; equal to those numbers for a perfect fit."""

    def size(self, mean: Floats) -> Floats:
        """The parameter n of the negative binomial distribution."""
        excess = (self.phi - 1) * mean + self.alpha * mean**2
        return np.divide(mean**2, excess, out=np.full_like(mean, 1e9), where=excess > 1e-12)

    def quantile(self, mean: Floats, probability: float) -> Floats:
        """The count that is not exceeded with this probability."""
        from scipy.stats import nbinom

        size = self.size(mean)
        level = float(np.interp(probability, _LEVELS, self.levels))
        found: Floats = np.maximum(nbinom.ppf(level, size, size / (size + mean)), 0.0)
        return found

    def probability_below(self, mean: Floats, count: Floats) -> Floats:
        """The probability of fewer pieces than `count`."""
        from scipy.stats import nbinom

        size = self.size(mean)
        raw = nbinom.cdf(np.ceil(count) - 1, size, size / (size + mean))
        found: Floats = np.interp(raw, self.levels, _LEVELS)
        return found


@dataclass(frozen=True)
class Counts:
    """The spreads for several numbers of days."""

    spreads: tuple[Spread, ...]

    @classmethod
    def fit(cls, held_out: Sequence[tuple[Floats, Floats]], seed: int) -> Counts:
        """From the demand and the forecast means of held-out periods, each (series, days).

        Several periods, since all series of one may have come out above or below their forecasts together.
        NaN where the demand is not known.
        """
        horizon = held_out[0][0].shape[1]
        spreads = []
        for days in sorted({days for days in (1, 7, 14, horizon) if days <= horizon}):
            sums = [_sums(actual, mean, days) for actual, mean in held_out]
            counts, means = (np.concatenate(parts) for parts in zip(*sums, strict=True))
            spreads.append(_fit(counts, means, days, seed))
        return cls(tuple(spreads))

    def over(self, days: int) -> Spread:
        """The spread of a sum over this many days, between those that were fitted."""
        known = [spread.days for spread in self.spreads]
        nearest = self.spreads[int(np.argmin(np.abs(np.log(np.array(known) / days))))]
        return Spread(
            days,
            float(np.interp(days, known, [spread.phi for spread in self.spreads])),
            float(np.interp(days, known, [spread.alpha for spread in self.spreads])),
            nearest.levels,
        )

    def as_json(self) -> list[dict[str, Any]]:
        """For the model's file."""
        return [
            {"days": each.days, "phi": each.phi, "alpha": each.alpha, "levels": list(each.levels)}
            for each in self.spreads
        ]

    @classmethod
    def of_json(cls, items: list[dict[str, Any]]) -> Counts:
        """From the model's file."""
        return cls(
            tuple(Spread(item["days"], item["phi"], item["alpha"], tuple(item["levels"])) for item in items)
        )


def transform(counts: Floats, mean: Floats, spread: Spread, seed: int) -> Floats:
    """Uniform on 0-1 if the distribution fits: the probability below a count plus random part of its own."""
    from scipy.stats import nbinom

    size = spread.size(mean)
    chance = size / (size + mean)
    below, own = nbinom.cdf(counts - 1, size, chance), nbinom.pmf(counts, size, chance)
    return np.asarray(below + np.random.default_rng(seed).random(len(counts)) * own)


def coverage_of(counts: Floats, mean: Floats, spread: Spread, seed: int) -> float:
    """The part of counts between the corrected 5 % and 95 % levels; a count on a level counts in part.

    For counts, whole intervals cannot have exactly 90 %: where most days have no sale, {0} alone has more.
    """
    low, high = np.interp([QUANTILES[0], QUANTILES[-1]], _LEVELS, spread.levels)
    placed = transform(counts, mean, spread, seed)
    return float(((placed >= low) & (placed <= high)).mean())


def _sums(actual: Floats, mean: Floats, days: int) -> tuple[Floats, Floats]:
    """Counts and means: every single day, or sums over the first days of series known on all of them."""
    if days == 1:
        known = ~np.isnan(actual)
        return actual[known], mean[known]
    summed = actual[:, :days].sum(axis=1)
    known_all: NDArray[np.bool_] = ~np.isnan(summed)
    return summed[known_all], mean[:, :days].sum(axis=1)[known_all]


def _fit(counts: Floats, mean: Floats, days: int, seed: int) -> Spread:
    phi, alpha = _moments(counts, mean)
    plain = Spread(days, phi, alpha, tuple(_LEVELS.tolist()))
    if len(counts) < 200:
        return plain
    levels = np.quantile(transform(counts, mean, plain, seed), _LEVELS)
    levels[0], levels[-1] = 0.0, 1.0
    return Spread(days, phi, alpha, tuple(np.maximum.accumulate(levels).tolist()))


def _moments(counts: Floats, mean: Floats) -> tuple[float, float]:
    """`phi` and `alpha` by weighted least squares of the squared errors, neither below that of Poisson."""
    if not len(counts):
        return POISSON, 0.0
    mean = np.maximum(mean, 1e-9)
    weight = 1 / (mean + mean**2)
    squared = (counts - mean) ** 2
    design = np.stack([mean, mean**2], axis=1) * weight[:, None]
    (phi, alpha), *_ = np.linalg.lstsq(design, squared * weight, rcond=None)
    if alpha < 0 or phi < POISSON:
        ratio = float(squared.sum() / mean.sum())
        phi, alpha = max(ratio, POISSON), 0.0
    return float(phi), float(alpha)
