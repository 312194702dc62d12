"""New accounts: people who register, and guests who need one for their order."""

from __future__ import annotations

from simulator import network, parameters
from simulator.live.decisions.records import Destination, NewPerson
from simulator.live.decisions.shop import Person
from simulator.live.decisions.stage import Stage
from simulator.live.decisions.visit import pick_platform
from simulator.randomness import Choice, Dice
from simulator.world import names
from simulator.world.places import CITIES

_CHANNELS = tuple(parameters.ACQUISITION_WEIGHTS)
_CHANNEL_CHOICE = Choice(list(parameters.ACQUISITION_WEIGHTS.values()))
_CITIES = {country: [city for city in CITIES if city.country == country] for country in parameters.COUNTRIES}
_CITY_CHOICES = {country: Choice([city.weight for city in cities]) for country, cities in _CITIES.items()}


def destination_in(country: str, dice: Dice) -> Destination:
    """An address in a country."""
    if country not in _CITIES:
        return Destination(country, None, None, None)
    city = _CITIES[country][dice.choose(_CITY_CHOICES[country])]
    return Destination(country, city.name, city.state, city.postal_code)


def register(
    stage: Stage, destination: Destination, dice: Dice, user_type: str = "buyer", device: str | None = None
) -> Person:
    """An account with its profile, to be written before anything that names it."""
    user_id, customer_id = stage.new_id("users"), stage.new_id("customers")
    country = parameters.COUNTRIES.get(destination.country)
    first = names.FIRST_NAMES[dice.below(len(names.FIRST_NAMES))]
    last = names.LAST_NAMES[dice.below(len(names.LAST_NAMES))]
    is_guest = user_type == "guest"
    stage.output.people.append(
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
            acquisition_channel=_CHANNELS[dice.choose(_CHANNEL_CHOICE)],
            has_marketing_consent=not is_guest and dice.happens(parameters.MARKETING_CONSENT_RATE),
            at=stage.now,
        )
    )
    return known_person(user_id, customer_id, destination, dice, device)


def known_person(
    user_id: int, customer_id: int, destination: Destination, dice: Dice, device: str | None = None
) -> Person:
    """An account with the device and the address that belong to it, as in the shop's history."""
    platform = pick_platform(dice)
    place = destination.country if destination.country in network.COUNTRIES else "US"
    return Person(
        user_id=user_id,
        customer_id=customer_id,
        destination=destination,
        device_fingerprint=device or network.device_fingerprint(user_id - 1),
        ip_address=network.ip_address(user_id - 1, place, "residential" if platform == "web" else "mobile"),
        platform=platform,
    )
