"""Who visits: people by country, local hour and activity, and who buys today."""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime
from zlib import crc32

from simulator import calendar, parameters
from simulator.live.decisions.shop import Person
from simulator.randomness import ScalarStream

GOLDEN = 0.6180339887498949
TRIES = 8
TRIES_FOR_A_BUYER = 200
GUEST_BUYER_RATE = parameters.GUEST_USER_RATE
"""Of visits that end in an order: by visitors without an account."""


class Population:
    """Everybody who may visit; a person makes one visit at a time."""

    def __init__(self, people: list[Person], seed: int) -> None:
        self._seed = seed
        self._people: dict[str, list[Person]] = {}
        self._sums: dict[str, list[int]] = {}
        self._number: dict[int, int] = {}
        self._homes: list[str] = []
        self._weights: list[int] = []
        self._countries: list[str] = []
        self._hour: datetime | None = None
        for person in people:
            self.add(person)

    def __len__(self) -> int:
        return len(self._number)

    def add(self, person: Person) -> None:
        """Add a person who may visit from now on."""
        self._number[person.user_id] = len(self._number)
        self._homes.append(person.country)
        self._people.setdefault(person.country, []).append(person)
        sums = self._sums.setdefault(person.country, [])
        sums.append((sums[-1] if sums else 0) + person.activity)
        self._hour = None

    def random_person(self, at: datetime, rng: ScalarStream) -> Person | None:
        """A person who is not visiting now, weighted by local hour and activity; None if none is found."""
        for _ in range(TRIES):
            country = self.visit_country(at, rng)
            person = self._people[country][_pick(self._sums[country], rng)]
            if not person.is_online:
                return person
        return None

    def random_person_who(
        self, at: datetime, rng: ScalarStream, is_buyer: bool, conversion_factor: float
    ) -> Person | None:
        """A person as `random_person` gives who does, or does not, buy today."""
        for _ in range(TRIES_FOR_A_BUYER):
            person = self.random_person(at, rng)
            if person is not None and self.is_buying_today(person, at, conversion_factor) == is_buyer:
                return person
        return None

    def random_country(self, rng: ScalarStream) -> str:
        """A country of residence, in proportion to the people, whatever the hour."""
        return self._homes[rng.below(len(self._homes))]

    def visit_country(self, at: datetime, rng: ScalarStream) -> str:
        """The country of a visit at this hour."""
        hour = at.replace(minute=0, second=0, microsecond=0)
        if hour != self._hour:
            self._hour = hour
            self._countries = list(self._people)
            self._weights = _running_sums(
                [_weight(country, self._sums[country][-1], hour) for country in self._countries]
            )
        return self._countries[_pick(self._weights, rng)]

    def is_buying_today(self, person: Person, at: datetime, conversion_factor: float) -> bool:
        """Whether the person buys today: a fixed share of all people per day, spread evenly."""
        day = crc32(f"{self._seed}/{at.date()}".encode()) / 2**32
        place = (self._number.get(person.user_id, person.user_id) * GOLDEN + day) % 1.0
        return place < buying_rate(conversion_factor)


def buying_rate(conversion_factor: float) -> float:
    """The share of people who buy today such that the stated share of human visits converts."""
    by_people = parameters.SESSION_CONVERSION_RATE * (1 - GUEST_BUYER_RATE)
    return min(1.0, by_people / (1 - parameters.ANONYMOUS_SESSION_RATE) * conversion_factor)


def _weight(country: str, activity: int, hour: datetime) -> int:
    known = country in parameters.COUNTRIES
    factor = calendar.traffic_factor(country, hour) if known else 1.0
    return max(1, round(1000 * activity * factor))


def _pick(sums: list[int], rng: ScalarStream) -> int:
    """A position, weighted; `sums` are the running sums of the weights."""
    return bisect_right(sums, rng.bits() * sums[-1] >> 64)


def _running_sums(weights: list[int]) -> list[int]:
    sums: list[int] = []
    for weight in weights:
        sums.append((sums[-1] if sums else 0) + weight)
    return sums
