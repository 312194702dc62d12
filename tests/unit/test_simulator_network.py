"""The simulator's own address space: every address and device says what it was drawn as."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.network import (
    COUNTRIES,
    DeviceKind,
    NetworkKind,
    addresses_of,
    describe,
    describe_device,
    device_fingerprint,
    ip_address,
)

NETWORK_KINDS: tuple[NetworkKind, ...] = get_args(NetworkKind)
DEVICE_KINDS: tuple[DeviceKind, ...] = get_args(DeviceKind)
NUMBERS = st.integers(min_value=0, max_value=2**64)


@given(NUMBERS, st.sampled_from(COUNTRIES), st.sampled_from(NETWORK_KINDS))
def test_an_address_is_described_as_what_it_was_drawn_as(
    number: int, country: str, kind: NetworkKind
) -> None:
    facts = describe(ip_address(number, country, kind))
    assert (facts.country, facts.kind) == (country, kind)
    assert (facts.is_vpn, facts.is_tor) == (kind == "vpn", kind == "tor")
    assert 0 <= facts.risk_score <= 1


@given(NUMBERS, st.sampled_from(COUNTRIES), st.sampled_from(NETWORK_KINDS))
def test_every_address_is_a_private_host(number: int, country: str, kind: NetworkKind) -> None:
    address = IPv4Address(ip_address(number, country, kind))
    assert address in IPv4Network("10.0.0.0/8")
    assert address.packed[3] not in (0, 255)


@pytest.mark.parametrize("kind", NETWORK_KINDS)
def test_different_numbers_are_different_addresses_until_they_wrap_around(kind: NetworkKind) -> None:
    first = {ip_address(number, "TH", kind) for number in range(0, addresses_of(kind), 97)}
    assert len(first) == len(range(0, addresses_of(kind), 97))
    assert ip_address(5, "TH", kind) == ip_address(5 + addresses_of(kind), "TH", kind)


@given(NUMBERS, st.sampled_from(DEVICE_KINDS))
def test_a_device_is_described_as_what_it_was_drawn_as(number: int, kind: DeviceKind) -> None:
    facts = describe_device(device_fingerprint(number, kind))
    assert facts.kind == kind
    assert (facts.is_emulator, facts.is_automated) == (kind == "emulator", kind == "headless")


def test_addresses_and_fingerprints_are_the_same_on_every_machine() -> None:
    assert ip_address(123_456, "MY", "residential") == "10.33.230.13"
    assert describe("10.33.230.13").risk_score == 0.0165
    assert device_fingerprint(7) == "1d3e4f170b381f81a94973441952b994"


def test_risk_follows_the_kind_of_network() -> None:
    means = {
        kind: sum(describe(ip_address(number * 31, "TH", kind)).risk_score for number in range(500)) / 500
        for kind in NETWORK_KINDS
    }
    assert means["residential"] < 0.15 < means["data_centre"] < means["vpn"] < means["tor"]
    assert means["mobile"] < 0.2


def test_an_address_of_somebody_else_is_not_known() -> None:
    facts = describe("8.8.8.8")
    assert (facts.country, facts.kind, facts.risk_score) == (None, None, 0.5)
    assert describe_device("0" * 32).kind is None


@pytest.mark.parametrize("text", ["", "10.0.0", "10.0.0.256", "::1", "ten"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no IPv4 address"):
        describe(text)


def test_unknown_country_kind_and_fingerprint_are_refused() -> None:
    with pytest.raises(ValueError, match="no networks in country 'XX'"):
        ip_address(1, "XX", "vpn")
    with pytest.raises(ValueError, match="no network kind 'satellite'"):
        ip_address(1, "TH", "satellite")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="is no device fingerprint"):
        describe_device("ABC")
