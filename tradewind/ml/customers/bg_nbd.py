"""BG/NBD: when customers buy again, and whether they still do (Fader, Hardie and Lee, 2005).

A customer buys at a constant rate until leaving, which may happen after each purchase but the first. Rates
are gamma distributed over customers, probabilities of leaving beta distributed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln, hyp2f1

from tradewind.ml.customers.purchases import Records
from tradewind.ml.errors import DataError
from tradewind.ml.panel import Floats

LEAST_CUSTOMERS = 20
SHRINKAGE = 1e-4
"""Weight of the squared logarithms of the parameters: those that the data does not tell stay finite."""


@dataclass(frozen=True)
class PurchaseModel:
    """Rates: gamma(r, alpha in weeks); probabilities of leaving: beta(a, b)."""

    r: float
    alpha: float
    a: float
    b: float

    def alive(self, known: Records) -> Floats:
        """The probability that the customer still buys."""
        found: Floats = 1 / (1 + self._left(known))
        return found

    def since_first(self, weeks: Floats) -> Floats:
        """Expected purchases after the first one within weeks of it, of a customer with no other record.

        Equation 9 of the paper, which tracks totals by it.
        """
        a = self._a
        series = hyp2f1(self.r, self.b, a + self.b - 1, weeks / (self.alpha + weeks))
        passed = (self.alpha / (self.alpha + weeks)) ** self.r
        found: Floats = (a + self.b - 1) / (a - 1) * (1 - passed * series)
        return found

    def purchases(self, known: Records, weeks: float) -> Floats:
        """Expected purchases in the weeks after the record (equation 10 of the paper)."""
        x, age = known.frequency, known.age
        a = self._a
        passed = (self.alpha + age) / (self.alpha + age + weeks)
        series = hyp2f1(self.r + x, self.b + x, a + self.b + x - 1, weeks / (self.alpha + age + weeks))
        if_stays = (a + self.b + x - 1) / (a - 1) * (1 - passed ** (self.r + x) * series)
        found: Floats = if_stays / (1 + self._left(known))
        return found

    def churn(self, known: Records, weeks: float) -> Floats:
        """The probability of no purchase in the weeks after the record."""
        passed = (self.alpha + known.age) / (self.alpha + known.age + weeks)
        found: Floats = 1 - self.alive(known) * (1 - passed ** (self.r + known.frequency))
        return found

    def weeks_until_next(self, known: Records) -> Floats:
        """The median time until the next purchase, if the customer still buys."""
        found: Floats = (self.alpha + known.age) * (2 ** (1 / (self.r + known.frequency)) - 1)
        return found

    @property
    def _a(self) -> float:
        """a, but for 1, at which the formulas divide by 0."""
        return self.a if abs(self.a - 1) > 1e-6 else 1 + 1e-6

    def _left(self, known: Records) -> Floats:
        """Odds that the customer has left; 0 without a second purchase."""
        x = known.frequency
        ratio = ((self.alpha + known.age) / (self.alpha + known.recency)) ** (self.r + x)
        return np.where(x > 0, self.a / np.maximum(self.b + x - 1, 1e-9) * ratio, 0.0)


def log_likelihood(parameters: Floats, known: Records) -> Floats:
    """Per customer; parameters r, alpha, a, b (equation 6 of the paper)."""
    r, alpha, a, b = parameters
    x = known.frequency
    common = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    common += gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
    stays = -(r + x) * np.log(alpha + known.age)
    leaves = np.log(a) - np.log(np.maximum(b + x - 1, 1e-9)) - (r + x) * np.log(alpha + known.recency)
    found: Floats = common + np.where(x > 0, np.logaddexp(stays, leaves), stays)
    return found


def fit(known: Records) -> PurchaseModel:
    """The parameters of the highest likelihood; DataError if there is too little to learn from."""
    if len(known.customer) < LEAST_CUSTOMERS or not known.frequency.any():
        raise DataError(
            f"{len(known.customer)} customers with {int(known.frequency.sum())} repeated purchases until the "
            f"cutoff are too few; it takes {LEAST_CUSTOMERS}, and repeated purchases"
        )

    def loss(logarithms: Floats) -> float:
        likelihood = log_likelihood(np.exp(logarithms), known).mean()
        return float(-likelihood + SHRINKAGE * (logarithms**2).sum())

    start = np.log([0.5, max(float(np.median(known.age)) / 4, 0.5), 0.8, 2.0])
    found = minimize(loss, start, method="L-BFGS-B", bounds=[(-8, 8)] * 4)
    return PurchaseModel(*(float(value) for value in np.exp(found.x)))
