"""Transit times from the shop's warehouses, given by city, to an address."""

from __future__ import annotations

from functools import cache

from simulator import parameters
from simulator.live.decisions.records import Destination
from simulator.rules import delivery
from simulator.world.places import CITIES

_ZONES = {(city.country, city.name): city.zone for city in CITIES}
_COUNTRY_ZONES = {city.country: city.zone for city in CITIES}
_BY_NAME = {warehouse.name: position for position, warehouse in enumerate(parameters.WAREHOUSES)}
_CITIES = [warehouse.city for warehouse in parameters.WAREHOUSES]
SELLER = 0
"""Position that stands for goods shipped by their seller."""


def warehouse_position(name: str, city: str) -> int:
    """The position in parameters.WAREHOUSES of a warehouse: by name, else by city, else the first."""
    return _BY_NAME.get(name, _CITIES.index(city) if city in _CITIES else 0)


@cache
def mean_transit_seconds(warehouse: int, destination: Destination) -> int:
    """From pick-up in a warehouse, given by position, to the door."""
    zone = _ZONES.get((destination.country, destination.city or ""))
    zone = zone or _COUNTRY_ZONES.get(destination.country, parameters.ZONES[-2])
    return delivery.mean_transit_seconds(warehouse, parameters.ZONES.index(zone))
