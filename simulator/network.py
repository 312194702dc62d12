"""The simulator's own internet: which addresses and devices there are, and what is known of each.

All addresses are in 10.0.0.0/8 (RFC 1918): private, so no real party is ever meant, and with 16 million
addresses roomy enough (the documentation ranges of RFC 5737 have 768; 100.64.0.0/10 is a quarter, and clouds
route it). A country has sixteen /16 blocks, and within them every kind of network has its own, so that an
address alone says what it is. Nothing is stored: whatever the size of the shop, generator and service agree.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address
from typing import Literal, get_args

from simulator import parameters

NetworkKind = Literal["residential", "mobile", "data_centre", "vpn", "tor"]
DeviceKind = Literal["ordinary", "rooted", "emulator", "headless"]

COUNTRIES = (
    *("TH", "SG", "MY", "PH", "ID", "VN", "US"),
    *("BR", "CN", "JP", "KR", "AU", "IN", "GB", "DE", "NL"),
)
"""ISO 3166-1 alpha-2; the shop's own countries first, then others that visitors come from."""

_FIRST_OCTET = 10
_BLOCKS_PER_COUNTRY = 16
_BLOCKS: dict[NetworkKind, range] = {
    "residential": range(0, 8),
    "mobile": range(8, 12),
    "data_centre": range(12, 14),
    "vpn": range(14, 15),
    "tor": range(15, 16),
}
_HOSTS = 254
"""Addresses used of each /24: never .0 (the network) nor .255 (broadcast)."""

_RISK: dict[NetworkKind, tuple[float, float]] = {
    "residential": (0.01, 0.15),
    "mobile": (0.03, 0.20),
    "data_centre": (0.35, 0.60),
    "vpn": (0.45, 0.75),
    "tor": (0.80, 0.95),
}
"""Lowest and highest risk of an address without incidents."""

_INCIDENT_RATE: dict[NetworkKind, float] = {
    "residential": 0.02,
    "mobile": 0.04,
    "data_centre": 0.25,
    "vpn": 0.35,
    "tor": 0.75,
}
"""Chance of a first incident, and of each further one."""

_MOST_INCIDENTS = 20
_RISK_PER_INCIDENT = 0.10
_DEVICE_RISK: dict[DeviceKind, float] = {"ordinary": 0.05, "rooted": 0.35, "emulator": 0.70, "headless": 0.85}
_UNKNOWN_RISK = 0.50
_TAG_LENGTH = 8

# Devices are numbered: an account's has the account's position, all others begin at one of these.
FIRST_ATTACKER = 1_000_000_000
FIRST_STRANGER = 2_000_000_000
"""Visitors who do not sign in."""
FIRST_LIVE_ATTACKER = 3_000_000_000
FIRST_LIVE_STRANGER = 10**15

# Cards are numbered likewise: an account's have numbers of its own, those of attackers begin at one of these.
FIRST_ATTACKERS_CARD = 10**12
FIRST_LIVE_ATTACKERS_CARD = 10**13


@dataclass(frozen=True)
class IpFacts:
    """What an address is. Country and kind are None for an address outside the simulator's space."""

    country: str | None
    kind: NetworkKind | None
    is_vpn: bool
    is_tor: bool
    previous_incidents: int
    risk_score: float


@dataclass(frozen=True)
class DeviceFacts:
    """What a device is. Kind is None for a fingerprint that the simulator never made."""

    kind: DeviceKind | None
    is_emulator: bool
    is_automated: bool
    previous_incidents: int
    risk_score: float


def ip_address(number: int, country: str, kind: NetworkKind) -> str:
    """The address of any whole number in a country's networks of a kind; equal numbers give equal addresses.

    Residential networks hold 520,192 addresses per country, VPN and Tor 65,024 each; beyond that numbers
    wrap around.
    ValueError for a country or kind that the simulator does not have.
    """
    if country not in COUNTRIES:
        raise ValueError(f"no networks in country '{country}'; there are {', '.join(COUNTRIES)}")
    if kind not in _BLOCKS:
        raise ValueError(f"no network kind '{kind}'; there are {', '.join(_BLOCKS)}")
    blocks = _BLOCKS[kind]
    rest, host = divmod(number % addresses_of(kind), _HOSTS)
    block, subnet = divmod(rest, 256)
    second = COUNTRIES.index(country) * _BLOCKS_PER_COUNTRY + blocks[block]
    return f"{_FIRST_OCTET}.{second}.{subnet}.{host + 1}"


def addresses_of(kind: NetworkKind) -> int:
    """How many different addresses a kind of network has in each country."""
    return len(_BLOCKS[kind]) * 256 * _HOSTS


def describe(ip: str) -> IpFacts:
    """What an address was drawn as; ValueError if the text is no IPv4 address."""
    octets = _octets(ip)
    if octets[0] != _FIRST_OCTET:
        return IpFacts(None, None, False, False, 0, _UNKNOWN_RISK)
    country, block = divmod(octets[1], _BLOCKS_PER_COUNTRY)
    kind = next(kind for kind, blocks in _BLOCKS.items() if block in blocks)
    incidents = _incidents(f"ip:{ip}", _INCIDENT_RATE[kind])
    lowest, highest = _RISK[kind]
    base = lowest + (highest - lowest) * _fraction(f"ip-risk:{ip}")
    return IpFacts(COUNTRIES[country], kind, kind == "vpn", kind == "tor", incidents, _risk(base, incidents))


def device_fingerprint(number: int, kind: DeviceKind = "ordinary") -> str:
    """The fingerprint of a device, 32 hexadecimal digits; its kind can be told from it."""
    body = _digest(f"device:{kind}:{number}")[: 32 - _TAG_LENGTH]
    return body + _tag(kind, body)


def card_fingerprint(number: int) -> str:
    """The token of a payment card: `card_` and 24 hexadecimal digits."""
    return f"card_{_digest(f'card:{number}')[:24]}"


def has_second_card(account: int) -> bool:
    """Whether an account, by its number from 0, owns a second card; always the same."""
    return _fraction(f"second-card:{account}") < parameters.SECOND_CARD_RATE


def describe_device(fingerprint: str) -> DeviceFacts:
    """What a device was drawn as; ValueError if the text is no fingerprint."""
    if len(fingerprint) != 32 or any(character not in "0123456789abcdef" for character in fingerprint):
        raise ValueError(f"'{fingerprint}' is no device fingerprint: 32 lower-case hexadecimal digits")
    body, tag = fingerprint[:-_TAG_LENGTH], fingerprint[-_TAG_LENGTH:]
    kind = next((kind for kind in get_args(DeviceKind) if _tag(kind, body) == tag), None)
    if kind is None:
        return DeviceFacts(None, False, False, 0, _UNKNOWN_RISK)
    base = _DEVICE_RISK[kind]
    incidents = _incidents(f"device:{fingerprint}", base / 2)
    return DeviceFacts(kind, kind == "emulator", kind == "headless", incidents, _risk(base, incidents))


def _octets(ip: str) -> bytes:
    try:
        return IPv4Address(ip).packed
    except AddressValueError as error:
        raise ValueError(f"'{ip}' is no IPv4 address: {error}") from error


def _incidents(name: str, rate: float) -> int:
    """A geometric count: each incident makes one more as likely as the first was."""
    count = 0
    while count < _MOST_INCIDENTS and _fraction(f"incident:{count}:{name}") < rate:
        count += 1
    return count


def _risk(base: float, incidents: int) -> float:
    return round(min(1.0, base + _RISK_PER_INCIDENT * incidents), 4)


def _tag(kind: str, body: str) -> str:
    return _digest(f"device-kind:{kind}:{body}")[:_TAG_LENGTH]


def _fraction(name: str) -> float:
    """A number from 0 up to 1 that is always the same for a name, on any machine."""
    return int(_digest(name)[:8], 16) / 2**32


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()
