"""How long parcels take from a warehouse to a buyer."""

from __future__ import annotations

from functools import cache

from simulator import parameters
from simulator.live.decisions.records import Destination
from simulator.randomness import Quantiles, ScalarStream
from simulator.world.places import CITIES

_ZONES = {(city.country, city.name): city.zone for city in CITIES}
_COUNTRY_ZONES = {city.country: city.zone for city in CITIES}
_QUANTILES = Quantiles(parameters.TRANSIT_QUANTILES_PER_MILLE)
_WAREHOUSE_ROWS = {warehouse.city: row for row, warehouse in enumerate(parameters.WAREHOUSES)}
PER_MILLE = 1_000


@cache
def mean_transit_hours(warehouse_city: str | None, destination: Destination) -> float:
    """From pick-up in a city (None: wherever the seller is) to the door; unknown ones count as the first."""
    zone = _ZONES.get((destination.country, destination.city or ""))
    zone = zone or _COUNTRY_ZONES.get(destination.country, parameters.ZONES[-2])
    row = _WAREHOUSE_ROWS.get(warehouse_city or "", 0)
    return float(parameters.TRANSIT_HOURS[row][parameters.ZONES.index(zone)])


def transit_hours(warehouse_city: str | None, destination: Destination, rng: ScalarStream) -> float:
    """One parcel's time."""
    return mean_transit_hours(warehouse_city, destination) * rng.draw(_QUANTILES) / PER_MILLE
