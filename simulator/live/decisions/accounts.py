"""Accounts: new registrations, guest accounts, and the devices of existing ones."""

from __future__ import annotations

from simulator import network, parameters
from simulator.live.decisions.context import RunContext
from simulator.live.decisions.records import Destination, NewPerson
from simulator.live.decisions.shop import Person
from simulator.live.decisions.visit import pick_platform
from simulator.randomness import Choice, ScalarStream
from simulator.rules.attacks import other_city
from simulator.world import names
from simulator.world.places import CITIES

_CHANNELS = tuple(parameters.ACQUISITION_WEIGHTS)
_CHANNEL_CHOICE = Choice(list(parameters.ACQUISITION_WEIGHTS.values()))
_CITIES = {country: [city for city in CITIES if city.country == country] for country in parameters.COUNTRIES}
_CITY_CHOICES = {country: Choice([city.weight for city in cities]) for country, cities in _CITIES.items()}


def destination_in(country: str, rng: ScalarStream) -> Destination:
    """A random address in a country."""
    if country not in _CITIES:
        return Destination(country, None, None, None)
    city = _CITIES[country][rng.choose(_CITY_CHOICES[country])]
    return Destination(country, city.name, city.state, city.postal_code)


def other_destination(own: Destination, rng: ScalarStream) -> Destination:
    """An address in another city of the same country, if there is one."""
    cities = _CITIES.get(own.country)
    if not cities:
        return own
    position = next((at for at, city in enumerate(cities) if city.name == own.city), -1)
    city = cities[other_city(position, range(len(cities)), rng)]
    return Destination(own.country, city.name, city.state, city.postal_code)


def register(
    run: RunContext,
    destination: Destination,
    rng: ScalarStream,
    user_type: str = "buyer",
    device: str | None = None,
) -> Person:
    """Create an account with its profile; it is written before any row that refers to it."""
    user_id, customer_id = run.new_id("users"), run.new_id("customers")
    country = parameters.COUNTRIES.get(destination.country)
    first = names.FIRST_NAMES[rng.below(len(names.FIRST_NAMES))]
    last = names.LAST_NAMES[rng.below(len(names.LAST_NAMES))]
    is_guest = user_type == "guest"
    run.output.people.append(
        NewPerson(
            user_id=user_id,
            customer_id=customer_id,
            user_type=user_type,
            first_name=first,
            last_name=last,
            email=f"{first}.{last}.{user_id}@example.com".lower(),
            destination=destination,
            language=country.language if country else None,
            time_zone=country.time_zone if country else None,
            acquisition_channel=_CHANNELS[rng.choose(_CHANNEL_CHOICE)],
            has_marketing_consent=not is_guest and rng.happens(parameters.MARKETING_CONSENT_RATE),
            at=run.now,
        )
    )
    return existing_person(user_id, customer_id, destination, rng, device)


def existing_person(
    user_id: int, customer_id: int, destination: Destination, rng: ScalarStream, device: str | None = None
) -> Person:
    """The person of an existing account, with the same device and address as in the simulated history."""
    platform = pick_platform(rng)
    place = destination.country if destination.country in network.COUNTRIES else "US"
    return Person(
        user_id=user_id,
        customer_id=customer_id,
        destination=destination,
        device_fingerprint=device or network.device_fingerprint(user_id - 1),
        ip_address=network.ip_address(user_id - 1, place, "residential" if platform == "web" else "mobile"),
        platform=platform,
    )
