"""Cities with their postal codes, coordinates and delivery zones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from simulator import columns, parameters
from simulator.plan import DAY, Plan
from simulator.randomness import Choice, Ints, Stream

OBSERVATIONS_PER_CITY = 5
_DEGREE = 10**9
_SPREAD = _DEGREE // 20


@dataclass(frozen=True)
class City:
    """A city, its share of the country's people (`weight`), and its delivery zone."""

    country: str
    name: str
    state: str
    postal_code: str
    zone: str
    latitude: float
    longitude: float
    weight: int


CITIES: tuple[City, ...] = (
    City("TH", "Bangkok", "Bangkok", "10110", "bangkok", 13.7563, 100.5018, 46),
    City("TH", "Nonthaburi", "Nonthaburi", "11000", "bangkok", 13.8591, 100.5217, 9),
    City("TH", "Samut Prakan", "Samut Prakan", "10270", "bangkok", 13.5991, 100.5998, 8),
    City("TH", "Chon Buri", "Chon Buri", "20000", "bangkok", 13.3611, 100.9847, 7),
    City("TH", "Chiang Mai", "Chiang Mai", "50200", "north", 18.7883, 98.9853, 8),
    City("TH", "Chiang Rai", "Chiang Rai", "57000", "north", 19.9105, 99.8406, 3),
    City("TH", "Khon Kaen", "Khon Kaen", "40002", "northeast", 16.4322, 102.8236, 5),
    City("TH", "Nakhon Ratchasima", "Nakhon Ratchasima", "30000", "northeast", 14.9799, 102.0978, 5),
    City("TH", "Udon Thani", "Udon Thani", "41000", "northeast", 17.4138, 102.7872, 3),
    City("TH", "Phuket", "Phuket", "83000", "south", 7.8804, 98.3923, 4),
    City("TH", "Hat Yai", "Songkhla", "90110", "south", 7.0086, 100.4747, 5),
    City("SG", "Singapore", "Singapore", "238801", "near_abroad", 1.3521, 103.8198, 100),
    City("MY", "Kuala Lumpur", "Kuala Lumpur", "50450", "near_abroad", 3.1390, 101.6869, 60),
    City("MY", "George Town", "Penang", "10200", "near_abroad", 5.4141, 100.3288, 22),
    City("MY", "Johor Bahru", "Johor", "80000", "near_abroad", 1.4927, 103.7414, 18),
    City("PH", "Manila", "Metro Manila", "1000", "near_abroad", 14.5995, 120.9842, 62),
    City("PH", "Cebu City", "Cebu", "6000", "near_abroad", 10.3157, 123.8854, 24),
    City("PH", "Davao City", "Davao del Sur", "8000", "near_abroad", 7.1907, 125.4553, 14),
    City("ID", "Jakarta", "Jakarta", "10110", "near_abroad", -6.2088, 106.8456, 58),
    City("ID", "Surabaya", "East Java", "60174", "near_abroad", -7.2575, 112.7521, 24),
    City("ID", "Bandung", "West Java", "40111", "near_abroad", -6.9175, 107.6191, 18),
    City("VN", "Ho Chi Minh City", "Ho Chi Minh", "700000", "near_abroad", 10.8231, 106.6297, 54),
    City("VN", "Hanoi", "Hanoi", "100000", "near_abroad", 21.0278, 105.8342, 34),
    City("VN", "Da Nang", "Da Nang", "550000", "near_abroad", 16.0544, 108.2022, 12),
    City("US", "Phoenix", "Arizona", "85004", "far_abroad", 33.4484, -112.0740, 60),
    City("US", "Tucson", "Arizona", "85701", "far_abroad", 32.2226, -110.9747, 25),
    City("US", "Mesa", "Arizona", "85201", "far_abroad", 33.4152, -111.8315, 15),
)
COUNTRY_CODES: tuple[str, ...] = tuple(parameters.COUNTRIES)
CITY_COUNTRY: Ints = np.array([COUNTRY_CODES.index(city.country) for city in CITIES], dtype=np.int64)
CITY_ZONE: Ints = np.array([parameters.ZONES.index(city.zone) for city in CITIES], dtype=np.int64)


def draw_cities(stream: Stream, countries: Ints) -> Ints:
    """A city for each country given, weighted by population."""
    drawn = np.zeros(len(countries), dtype=np.int64)
    bits = stream.bits(len(countries))
    for country in range(len(COUNTRY_CODES)):
        chosen = countries == country
        weights = [city.weight if CITY_COUNTRY[at] == country else 0 for at, city in enumerate(CITIES)]
        drawn[chosen] = Choice(weights).from_bits(bits[chosen])
    return drawn


def geolocations(plan: Plan) -> pa.Table:
    """The table `geolocations`: several observed positions per postal code, with small errors."""
    stream = Stream(plan.seed, "geolocations")
    at = np.repeat(np.arange(len(CITIES)), OBSERVATIONS_PER_CITY)
    latitude = np.array([round(city.latitude * 10_000) * (_DEGREE // 10_000) for city in CITIES])[at]
    longitude = np.array([round(city.longitude * 10_000) * (_DEGREE // 10_000) for city in CITIES])[at]
    count = len(at)
    return pa.table(
        {
            "geolocation_id": columns.integers(np.arange(count) + 1),
            "country": columns.texts(at, [city.country for city in CITIES]),
            "postal_code": columns.texts(at, [city.postal_code for city in CITIES]),
            "latitude": _degrees(latitude + stream.between(-_SPREAD, _SPREAD, count)),
            "longitude": _degrees(longitude + stream.between(-_SPREAD, _SPREAD, count)),
            "city": columns.texts(at, [city.name for city in CITIES]),
            "state": columns.texts(at, [city.state for city in CITIES]),
            "created_at": columns.timestamps(np.full(count, plan.start - DAY)),
        }
    )


def _degrees(units: Ints) -> pa.Array:
    """numeric(12,9), also below zero."""
    texts = [
        f"{'-' if unit < 0 else ''}{abs(unit) // _DEGREE}.{abs(unit) % _DEGREE:09d}"
        for unit in units.tolist()
    ]
    return pa.array(texts, pa.string())
