"""Gamma-Gamma: the mean value of a customer's purchases (Fader and Hardie, 2013), by those seen so far."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln

from tradewind.ml.errors import DataError
from tradewind.ml.panel import Floats


@dataclass(frozen=True)
class ValueModel:
    """Amounts: gamma(p, scale of the customer's own); the inverse scales: gamma(q, gamma)."""

    p: float
    q: float
    gamma: float

    @property
    def mean(self) -> float:
        """Over all customers."""
        return self.p * self.gamma / (self.q - 1)

    def value(self, count: Floats, mean: Floats) -> Floats:
        """Expected amount of a customer's next purchase, by the number and mean amount of those seen."""
        found: Floats = self.p * (self.gamma + mean * count) / (self.p * count + self.q - 1)
        return found


def fit(count: Floats, mean: Floats) -> ValueModel:
    """The parameters of the highest likelihood; DataError if no customer has an amount above 0."""
    used = (count > 0) & (mean > 0)
    if not used.any():
        raise DataError("no purchase has an amount above 0; values cannot be learned")
    x, unit = count[used], float(mean[used].mean())
    m = mean[used] / unit

    def loss(logarithms: Floats) -> float:
        p, above_one, gamma = np.exp(logarithms)
        q = 1 + above_one
        likelihood = gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(gamma)
        likelihood += (p * x - 1) * np.log(m) + p * x * np.log(x) - (p * x + q) * np.log(gamma + m * x)
        return float(-likelihood.mean())

    found = minimize(loss, np.log([4.0, 2.0, 0.5]), method="L-BFGS-B", bounds=[(-6, 8)] * 3)
    p, above_one, gamma = np.exp(found.x)
    return ValueModel(float(p), float(1 + above_one), float(gamma * unit))
