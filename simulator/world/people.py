"""Accounts (country, registration, activity) and their CRM profiles.

An account's position in these arrays plus one is its `user_id`, and its profile's `customer_id`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from simulator import columns, network, parameters
from simulator.plan import DAY, Plan
from simulator.randomness import Bools, Choice, Ints, Quantiles, Stream
from simulator.rules import loyalty
from simulator.traffic import Traffic, apportion
from simulator.world import names
from simulator.world.places import CITIES, COUNTRY_CODES, draw_cities

KINDS = ("buyer", "guest", "seller", "staff")
BUYER, GUEST, SELLER, STAFF = range(len(KINDS))
_OLDEST_ACCOUNT_DAYS = 1_095
_EARLY_BUYERS = 6
"""Buyers per country who registered before the history, so that every country always has some."""
_CHANNELS = tuple(parameters.ACQUISITION_WEIGHTS)
_GENDERS = ("female", "male", "other", None)


@dataclass(frozen=True)
class People:
    """Columns of accounts, ordered by registration."""

    kind: Ints
    country: Ints
    city: Ints
    registered: Ints
    activity: Ints
    """Relative frequency of an account's visits and orders; 0 for accounts that are never drawn."""
    is_bot: Bools

    def of_kind(self, kind: int) -> Ints:
        """Positions of the accounts of a kind."""
        return np.flatnonzero(self.kind == kind)

    def draw(self, stream: Stream, countries: Ints, seconds: Ints) -> Ints:
        """For each country and time, a buyer registered by then, weighted by activity."""
        bits = stream.bits(len(countries)) >> np.uint64(32)
        drawn = np.zeros(len(countries), dtype=np.int64)
        for country in np.unique(countries).tolist():
            chosen = countries == country
            there = np.flatnonzero((self.country == country) & (self.activity > 0))
            running = np.cumsum(self.activity[there])
            known = np.searchsorted(self.registered[there], seconds[chosen], side="right")
            limits = running[np.maximum(known, 1) - 1].astype(np.uint64)
            points = (bits[chosen] * limits >> np.uint64(32)).astype(np.int64)
            drawn[chosen] = there[np.searchsorted(running, points, side="right")]
        return drawn


def make_people(plan: Plan, traffic: Traffic) -> People:
    """All accounts of a plan."""
    stream, size = Stream(plan.seed, "people"), plan.size
    kind = _kinds(size.users)
    country = _countries(stream.split("country"), kind)
    registered = _registrations(stream.split("registered"), plan, traffic, kind, country)
    activity = stream.split("activity").draw(Quantiles(parameters.PARETO_QUANTILES_PER_MILLE), size.users)
    order = np.argsort(registered, kind="stable")
    kind, country = kind[order], country[order]
    is_bot = _bots(kind)
    return People(
        kind=kind,
        country=country,
        city=draw_cities(stream.split("city"), country),
        registered=registered[order],
        activity=np.where((kind == BUYER) & ~is_bot, activity, 0),
        is_bot=is_bot,
    )


def _kinds(count: int) -> Ints:
    kind = np.full(count, BUYER, dtype=np.int64)
    first = 0
    rates = {
        GUEST: parameters.GUEST_USER_RATE,
        SELLER: parameters.SELLER_USER_RATE,
        STAFF: parameters.STAFF_USER_RATE,
    }
    for special, rate in rates.items():
        last = first + max(1, round(count * rate))
        kind[first:last] = special
        first = last
    return kind


def _countries(stream: Stream, kind: Ints) -> Ints:
    weights = [country.user_weight for country in parameters.COUNTRIES.values()]
    country = stream.choose(Choice(weights), len(kind))
    country[kind == STAFF] = 0
    buyers = np.flatnonzero(kind == BUYER)
    early_buyers = np.repeat(np.arange(len(weights)), _EARLY_BUYERS)
    country[buyers[: len(early_buyers)]] = early_buyers
    return country


def _registrations(stream: Stream, plan: Plan, traffic: Traffic, kind: Ints, country: Ints) -> Ints:
    """Registration times: guests during the history, staff and sellers before it, others either."""
    count = len(kind)
    is_old = stream.split("old").happens(parameters.REGISTERED_BEFORE_RATE, count)
    is_old[np.flatnonzero(kind == BUYER)[: _EARLY_BUYERS * len(COUNTRY_CODES)]] = True
    is_old[(kind == STAFF) | (kind == SELLER)] = True
    is_old[kind == GUEST] = False
    before = plan.start - 1 - stream.split("before").below(_OLDEST_ACCOUNT_DAYS * DAY, count)
    during = traffic.moments(stream.split("during"), country)
    return np.where(is_old, before, during)


def _bots(kind: Ints) -> Bools:
    """Which buyer accounts are bots; only the later half, so that every country keeps its early buyers."""
    is_bot = np.zeros(len(kind), dtype=np.bool_)
    buyers = np.flatnonzero(kind == BUYER)
    wanted = max(1, round(len(kind) * parameters.BOT_USER_RATE))
    late = buyers[len(buyers) // 2 :]
    is_bot[late[apportion(wanted, np.ones(len(late), dtype=np.int64)) > 0]] = True
    return is_bot


def devices(people: People) -> pa.Array:
    """The fingerprint of each account's own device."""
    return pa.array(
        [network.device_fingerprint(position) for position in range(len(people.kind))], pa.string()
    )


def home_addresses(people: People, kind: network.NetworkKind) -> pa.Array:
    """Each account's IP address of a kind: residential or mobile."""
    codes = [COUNTRY_CODES[country] for country in people.country.tolist()]
    return pa.array([network.ip_address(at, code, kind) for at, code in enumerate(codes)], pa.string())


def users(plan: Plan, people: People, last_seen: Ints) -> pa.Table:
    """The table `users`; `last_seen` is each account's last visit or order, negative if none."""
    stream, count = Stream(plan.seed, "users"), len(people.kind)
    countries = list(parameters.COUNTRIES.values())
    is_guest = people.kind == GUEST
    positions = np.arange(count)
    return pa.table(
        {
            "user_id": columns.integers(positions + 1),
            "user_type": columns.texts(people.kind, KINDS),
            "status": columns.texts(
                stream.split("status").choose(Choice((970, 18, 12)), count) * ~is_guest,
                ("active", "closed", "suspended"),
            ),
            "email": _emails(positions + 1),
            "phone": columns.texts(np.where(is_guest, -1, positions), _phones(stream, people)),
            "country": columns.texts(people.country, COUNTRY_CODES),
            "language": columns.texts(people.country, [country.language for country in countries]),
            "time_zone": columns.texts(people.country, [country.time_zone for country in countries]),
            "acquisition_channel": columns.texts(
                stream.split("acquisition").choose(
                    Choice(list(parameters.ACQUISITION_WEIGHTS.values())), count
                ),
                _CHANNELS,
            ),
            "is_bot": columns.booleans(people.is_bot),
            "is_test": columns.booleans(people.kind == STAFF),
            "registered_at": columns.timestamps(people.registered),
            "last_login_at": columns.timestamps(np.where(is_guest, -1, last_seen)),
            "created_at": columns.timestamps(people.registered),
            "updated_at": columns.timestamps(np.maximum(people.registered, last_seen)),
        }
    )


def customers(plan: Plan, people: People, spend: Ints, points: Ints, changed: Ints) -> pa.Table:
    """The table `customers`; `spend` is in US cents, `changed` is when spend or points last changed."""
    stream, count = Stream(plan.seed, "customers"), len(people.kind)
    birth = (dt.date(1958, 1, 1) - dt.date(1970, 1, 1)).days + stream.split("birth").below(48 * 365, count)
    is_known = (people.kind != GUEST) & stream.split("known").happens(0.85, count)
    postal_codes = [city.postal_code for city in CITIES]
    return pa.table(
        {
            "customer_id": columns.integers(np.arange(count) + 1),
            "user_id": columns.integers(np.arange(count) + 1),
            "first_name": columns.texts(
                stream.split("first").below(len(names.FIRST_NAMES), count), names.FIRST_NAMES
            ),
            "last_name": columns.texts(
                stream.split("last").below(len(names.LAST_NAMES), count), names.LAST_NAMES
            ),
            "birth_date": columns.dates(np.where(is_known, birth, -1)),
            "gender": columns.texts(stream.split("gender").choose(Choice((52, 42, 2, 4)), count), _GENDERS),
            "tier": columns.texts(loyalty.tiers(spend, points), loyalty.TIERS),
            "loyalty_points": columns.integers(points),
            "lifetime_spend_amount": columns.amounts(spend),
            "has_marketing_consent": columns.booleans(
                stream.split("consent").happens(parameters.MARKETING_CONSENT_RATE, count)
                & (people.kind != GUEST)
            ),
            "city": columns.texts(people.city, [city.name for city in CITIES]),
            "state": columns.texts(people.city, [city.state for city in CITIES]),
            "postal_code": columns.texts(people.city, postal_codes),
            "country": columns.texts(people.country, COUNTRY_CODES),
            "address": _addresses(stream, people),
            "preferences": columns.texts(
                stream.split("preferences").below(3, count),
                (
                    '{"newsletter": true}',
                    '{"newsletter": false}',
                    '{"newsletter": true, "currency_hint": false}',
                ),
            ),
            "created_at": columns.timestamps(people.registered),
            "updated_at": columns.timestamps(np.maximum(people.registered, changed)),
        }
    )


def _emails(user_ids: Ints) -> pa.Array:
    return pa.array([f"user{number}@mail.example" for number in user_ids.tolist()], pa.string())


def _phones(stream: Stream, people: People) -> pa.Array:
    prefixes = {"TH": 66, "SG": 65, "MY": 60, "PH": 63, "ID": 62, "VN": 84, "US": 1}
    numbers = stream.split("phone").between(200_000_000, 999_999_999, len(people.kind)).tolist()
    codes = [COUNTRY_CODES[country] for country in people.country.tolist()]
    return pa.array(
        [f"+{prefixes[code]}{number}" for code, number in zip(codes, numbers, strict=True)], pa.string()
    )


def _addresses(stream: Stream, people: People) -> pa.Array:
    houses = stream.split("house").between(1, 399, len(people.kind)).tolist()
    cities = people.city.tolist()
    texts = [
        f'{{"line1": "{house} Main Road", "postal_code": "{CITIES[city].postal_code}"}}'
        for house, city in zip(houses, cities, strict=True)
    ]
    return pa.array(texts, pa.string())
