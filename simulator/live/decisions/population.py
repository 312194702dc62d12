"""Who comes: people by country and hour, how often each, and who is out to buy today."""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime
from zlib import crc32

from simulator import calendar, parameters
from simulator.live.decisions.shop import Person
from simulator.randomness import Dice

GOLDEN = 0.6180339887498949
TRIES = 8
TRIES_FOR_A_BUYER = 200
GUEST_BUYER_RATE = parameters.GUEST_USER_RATE
"""Of visits that end in an order: by somebody without an account."""


class Population:
    """Everybody who may visit. A person makes one visit at a time."""

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
        """From now on this person may come."""
        self._number[person.user_id] = len(self._number)
        self._homes.append(person.country)
        self._people.setdefault(person.country, []).append(person)
        sums = self._sums.setdefault(person.country, [])
        sums.append((sums[-1] if sums else 0) + person.activity)
        self._hour = None

    def anybody(self, at: datetime, dice: Dice) -> Person | None:
        """Somebody who is not here now, by the hour where they live and their habits; None if all are."""
        for _ in range(TRIES):
            country = self.country(at, dice)
            person = self._people[country][_pick(self._sums[country], dice)]
            if not person.is_online:
                return person
        return None

    def somebody(self, at: datetime, dice: Dice, buys: bool, conversion_factor: float) -> Person | None:
        """As `anybody`, but one who is (or is not) out to buy today."""
        for _ in range(TRIES_FOR_A_BUYER):
            person = self.anybody(at, dice)
            if person is not None and self.wants_to_buy(person, at, conversion_factor) == buys:
                return person
        return None

    def home(self, dice: Dice) -> str:
        """Where somebody lives, at whatever hour."""
        return self._homes[dice.below(len(self._homes))]

    def country(self, at: datetime, dice: Dice) -> str:
        """Where a visit comes from at this hour."""
        hour = at.replace(minute=0, second=0, microsecond=0)
        if hour != self._hour:
            self._hour = hour
            self._countries = list(self._people)
            self._weights = _running_sums(
                [_weight(country, self._sums[country][-1], hour) for country in self._countries]
            )
        return self._countries[_pick(self._weights, dice)]

    def wants_to_buy(self, person: Person, at: datetime, conversion_factor: float) -> bool:
        """Whether this is a day on which the person buys: so many of all people, spread evenly over them."""
        day = crc32(f"{self._seed}/{at.date()}".encode()) / 2**32
        place = (self._number.get(person.user_id, person.user_id) * GOLDEN + day) % 1.0
        return place < buying_rate(conversion_factor)


def buying_rate(conversion_factor: float) -> float:
    """The share of people who are out to buy, such that the stated share of all human visits ends so."""
    by_people = parameters.SESSION_CONVERSION_RATE * (1 - GUEST_BUYER_RATE)
    return min(1.0, by_people / (1 - parameters.ANONYMOUS_SESSION_RATE) * conversion_factor)


def _weight(country: str, activity: int, hour: datetime) -> int:
    known = country in parameters.COUNTRIES
    factor = calendar.traffic_factor(country, hour) if known else 1.0
    return max(1, round(1000 * activity * factor))


def _pick(sums: list[int], dice: Dice) -> int:
    """A position, by weights of any size of which these are the running sums."""
    return bisect_right(sums, dice.bits() * sums[-1] >> 64)


def _running_sums(weights: list[int]) -> list[int]:
    sums: list[int] = []
    for weight in weights:
        sums.append((sums[-1] if sums else 0) + weight)
    return sums
