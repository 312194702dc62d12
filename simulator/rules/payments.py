"""Payments: methods by country, failures and retries, fees, instalments, and when each attempt is made."""

from __future__ import annotations

import numpy as np

from simulator import parameters
from simulator.randomness import Choice, Ints, per_million
from simulator.rules import money

METHODS = tuple(parameters.PAYMENT_FEE_RATE)
CREDIT_CARD = METHODS.index("credit_card")
IS_CARD = np.array([method.endswith("_card") for method in METHODS])
GATEWAYS = tuple(parameters.PAYMENT_GATEWAYS[method] for method in METHODS)
FAILURE_REASONS = tuple(parameters.FAILURE_REASON_WEIGHTS)
FAILURE_REASON = Choice(list(parameters.FAILURE_REASON_WEIGHTS.values()))
FAILURE_PER_MILLION = np.array([per_million(parameters.PAYMENT_FAILURE_RATE[method]) for method in METHODS])
INSTALMENTS = tuple(parameters.INSTALMENT_WEIGHTS)
INSTALMENT = Choice(list(parameters.INSTALMENT_WEIGHTS.values()))
_FEE_PER_MILLION = np.array([per_million(rate) for rate in parameters.PAYMENT_FEE_RATE.values()])
_DEFAULT_COUNTRY = "US"
_METHOD = {
    country: Choice([weights.get(method, 0) for method in METHODS])
    for country, weights in parameters.PAYMENT_METHOD_WEIGHTS.items()
}


def method(country: str) -> Choice:
    """The choice of a method by buyers of a country, as positions in METHODS.

    All attempts of an order use the same method. Countries without weights of their own pay as the US does.
    """
    return _METHOD.get(country, _METHOD[_DEFAULT_COUNTRY])


def fee(amount: Ints, methods: Ints, unit: Ints) -> Ints:
    """What the gateway keeps of captured payments, rounded half up."""
    return money.ratio(amount, _FEE_PER_MILLION[methods], 1_000_000, unit)
