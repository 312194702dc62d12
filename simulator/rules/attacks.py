"""Fraud attacks: what each kind does, in the history and in live traffic alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from simulator import network, parameters
from simulator.randomness import Ints, ScalarStream

_MINUTE = 60
Account = Literal["new", "existing", "ring"]
"""One new account, one existing one, or several new ones, one order each."""
Card = Literal["another_each_time", "owners", "shared"]
"""A stranger's card per order, the account owner's card, or one card for all orders of the attack."""
Destination = Literal["own", "other_city", "other_city_each_time"]
"""The account's city, or another city of its country: one for the attack, or one per order."""


@dataclass(frozen=True)
class AttackRule:
    """One kind of attack."""

    kind: str
    account: Account
    orders: tuple[int, int]
    """Lowest and highest number of orders; for a ring, of accounts."""
    seconds_between: tuple[int, int]
    device: network.DeviceKind | None
    """None: the account's own device."""
    networks: tuple[network.NetworkKind, ...]
    """The kind of network of the attacker's address; the first one at `first_network_rate`."""
    is_abroad: bool
    """Whether the address is in another country than the account."""
    destination: Destination
    card: Card
    max_lines: int = 2
    buys_expensive: bool = False
    returns_everything: bool = False
    payment_failure_rate: float | None = None
    """None: the method's ordinary rate."""
    first_network_rate: float = 1.0
    follows_owners_visit: bool = False
    """Whether the account's owner visits from home shortly before."""

    def order_count(self, rng: ScalarStream) -> int:
        """The number of orders of one attack."""
        return rng.between(*self.orders)

    def gap_seconds(self, rng: ScalarStream) -> int:
        """Seconds from one order to the next."""
        return rng.between(*self.seconds_between)

    def network_kind(self, rng: ScalarStream) -> network.NetworkKind:
        """The kind of network the attack comes from."""
        if len(self.networks) == 1 or rng.happens(self.first_network_rate):
            return self.networks[0]
        return self.networks[1]


def _minutes(between: tuple[int, int]) -> tuple[int, int]:
    return between[0] * _MINUTE, between[1] * _MINUTE


VELOCITY = AttackRule(
    kind="velocity",
    account="new",
    orders=parameters.VELOCITY_ORDERS,
    seconds_between=parameters.VELOCITY_SECONDS_BETWEEN,
    device="emulator",
    networks=("vpn",),
    is_abroad=False,
    destination="own",
    card="another_each_time",
    max_lines=1,
    payment_failure_rate=parameters.TRIED_CARD_FAILURE_RATE,
)
STOLEN_CARD = AttackRule(
    kind="stolen_card",
    account="existing",
    orders=parameters.STOLEN_CARD_ORDERS,
    seconds_between=_minutes(parameters.STOLEN_CARD_MINUTES_BETWEEN),
    device="ordinary",
    networks=("residential",),
    is_abroad=True,
    destination="other_city_each_time",
    card="owners",
    buys_expensive=True,
    follows_owners_visit=True,
)
ACCOUNT_TAKEOVER = AttackRule(
    kind="account_takeover",
    account="existing",
    orders=parameters.TAKEOVER_ORDERS,
    seconds_between=_minutes(parameters.TAKEOVER_MINUTES_BETWEEN),
    device="rooted",
    networks=("tor", "vpn"),
    first_network_rate=parameters.TAKEOVER_TOR_RATE,
    is_abroad=True,
    destination="other_city",
    card="owners",
    buys_expensive=True,
)
VOUCHER_ABUSE = AttackRule(
    kind="voucher_abuse",
    account="ring",
    orders=parameters.VOUCHER_RING_ACCOUNTS,
    seconds_between=_minutes(parameters.VOUCHER_RING_MINUTES_BETWEEN),
    device="rooted",
    networks=("data_centre",),
    is_abroad=False,
    destination="own",
    card="shared",
)
RETURN_ABUSE = AttackRule(
    kind="return_abuse",
    account="existing",
    orders=parameters.RETURN_ABUSE_ORDERS,
    seconds_between=_minutes(parameters.LIVE_RETURN_ABUSE_MINUTES_BETWEEN),
    device=None,
    networks=("mobile",),
    is_abroad=False,
    destination="own",
    card="owners",
    buys_expensive=True,
    returns_everything=True,
)
RULES = (VELOCITY, STOLEN_CARD, ACCOUNT_TAKEOVER, VOUCHER_ABUSE, RETURN_ABUSE)
"""In the order of parameters.ATTACK_KINDS."""


def foreign_country(rng: ScalarStream) -> str:
    """A country from which attackers come."""
    countries = parameters.ATTACKERS_COUNTRIES
    return countries[rng.below(len(countries))]


def other_city(own: int, cities: Sequence[int], rng: ScalarStream) -> int:
    """One of a country's cities that is not the account's own, if there is one."""
    others = [city for city in cities if city != own]
    return others[rng.below(len(others))] if others else own


def expensive_skus(prices: Ints, ordinary_price: int) -> Ints:
    """Positions of SKUs at many times the price of an ordinary line, or the most expensive ones."""
    most_expensive = int(np.sort(prices)[-min(len(prices), max(3, len(prices) // 100))])
    limit = min(ordinary_price * parameters.UNUSUAL_PURCHASE_FACTOR, most_expensive)
    return np.flatnonzero(prices >= limit)
