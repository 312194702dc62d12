"""Waiting times between the steps of an order: a minimum plus a random part around a mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from simulator import parameters
from simulator.randomness import Ints, Quantiles

SPREAD = Quantiles(parameters.MILD_QUANTILES_PER_MILLE)
"""The random part relative to its mean, per mille."""
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_Number = TypeVar("_Number", int, Ints)


@dataclass(frozen=True)
class Wait:
    """A waiting time in seconds."""

    minimum: int
    mean: int
    """Of the random part, which is added to the minimum."""

    def seconds(self, drawn_per_mille: _Number) -> _Number:
        """The waiting time for a number, or numbers, drawn from SPREAD."""
        return self.minimum + drawn_per_mille * self.mean // 1_000


CONFIRMATION = Wait(parameters.MIN_SECONDS_TO_CONFIRM, parameters.MINUTES_TO_CONFIRM * _MINUTE)
"""From the order to its confirmation."""
PAYMENT = Wait(parameters.MIN_SECONDS_TO_PAY, parameters.MINUTES_TO_PAY * _MINUTE)
"""From the confirmation to the first attempt to pay."""
PACKING, PICK_UP = (
    Wait(parameters.MIN_HANDLING_SECONDS, hours * _HOUR) for hours in parameters.HANDLING_HOURS
)
"""From the payment to packing, and from packing to the pick-up by the carrier."""
RETURN_REQUEST = Wait(parameters.MIN_RETURN_STEP_SECONDS, parameters.RETURN_DAYS_MEAN * _DAY)
"""From the delivery to the buyer's request."""
RETURN_TRANSIT = Wait(parameters.MIN_RETURN_STEP_SECONDS, parameters.RETURN_TRANSIT_DAYS_MEAN * _DAY)
"""From the request to the receipt of the goods."""
REFUND = Wait(parameters.MIN_RETURN_STEP_SECONDS, parameters.REFUND_DAYS_MEAN * _DAY)
"""From the receipt of the goods to the refund."""
REVIEW = Wait(parameters.MIN_SECONDS_TO_REVIEW, parameters.REVIEW_DAYS_MEAN * _DAY)
"""From the delivery to the review."""
