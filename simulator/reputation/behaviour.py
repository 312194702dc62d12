"""How the service misbehaves: how long an answer takes, and which requests get none.

A vendor's answer takes a log-normal time, median 35 ms, with a tail: 95 % within 80 ms, 99 % within 113 ms,
at most a second. Of a thousand requests, five are told to slow down (429), five fail (500) and two get no
answer until the client gives up. The same identifier always has the same fate, so that a test can ask for the
one it needs.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

Outcome = Literal["answer", "too_many_requests", "server_error", "no_answer"]

MEDIAN_SECONDS = 0.035
SIGMA = 0.5
LONGEST_SECONDS = 1.0
SECONDS_PER_ITEM = 0.0002
"""What each further item of a batch adds."""

FAULT_RATES: dict[Outcome, float] = {
    "too_many_requests": 0.005,
    "server_error": 0.005,
    "no_answer": 0.002,
}
SILENCE_SECONDS = 30.0
"""How long a request without an answer is held."""


@dataclass(frozen=True)
class Behaviour:
    """What is switched on."""

    has_latency: bool = True
    has_faults: bool = True

    def outcome(self, request_id: str) -> Outcome:
        """What becomes of a request."""
        if self.has_faults:
            drawn = _fraction(f"outcome:{request_id}")
            for outcome, rate in FAULT_RATES.items():
                if drawn < rate:
                    return outcome
                drawn -= rate
        return "answer"

    def seconds(self, request_id: str, items: int = 1) -> float:
        """How long a request takes, for a number of addresses and devices."""
        if not self.has_latency:
            return 0.0
        quantile = NormalDist().inv_cdf(max(_fraction(f"latency:{request_id}"), 1e-9))
        return min(MEDIAN_SECONDS * math.exp(SIGMA * quantile), LONGEST_SECONDS) + SECONDS_PER_ITEM * (
            items - 1
        )


def _fraction(name: str) -> float:
    """A number from 0 up to 1 that is always the same for a name."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:6], "big") / 2**48
