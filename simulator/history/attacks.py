"""Attacks: who strikes when, with whose account, from where; and the labels that tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from simulator import columns, network, parameters
from simulator.plan import DAY, Plan
from simulator.randomness import Choice, Ints, ScalarStream, per_million
from simulator.world.people import People
from simulator.world.places import CITY_COUNTRY, COUNTRY_CODES
from simulator.world.promotions import Vouchers

VELOCITY, STOLEN_CARD, TAKEOVER, VOUCHER_ABUSE, RETURN_ABUSE = range(len(parameters.ATTACK_KINDS))
_MINUTE = 60


@dataclass
class Attacks:
    """Columns of attacks, and of their orders (`order_*`), in the order they were planned."""

    kind: list[int] = field(default_factory=list)
    order_attack: list[int] = field(default_factory=list)
    order_moment: list[int] = field(default_factory=list)
    order_user: list[int] = field(default_factory=list)
    order_city: list[int] = field(default_factory=list)
    order_device: list[str] = field(default_factory=list)
    order_address: list[str] = field(default_factory=list)
    order_card_country: list[str] = field(default_factory=list)
    order_voucher: list[int] = field(default_factory=list)
    visit_user: list[int] = field(default_factory=list)
    """The owner's own visit shortly before a stolen card is used far away."""
    visit_moment: list[int] = field(default_factory=list)

    @property
    def kind_of_order(self) -> Ints:
        """Of each order, the kind of its attack."""
        return np.array(self.kind, dtype=np.int64)[np.array(self.order_attack, dtype=np.int64)]

    def add(
        self, moment: int, user: int, city: int, device: str, address: str, card: str, voucher: int = -1
    ) -> None:
        """One more order of the latest attack."""
        self.order_attack.append(len(self.kind) - 1)
        self.order_moment.append(moment)
        self.order_user.append(user)
        self.order_city.append(city)
        self.order_device.append(device)
        self.order_address.append(address)
        self.order_card_country.append(card)
        self.order_voucher.append(voucher)


@dataclass(frozen=True)
class _AttackContext:
    """What an attack needs to know and where it goes."""

    plan: Plan
    people: People
    vouchers: Vouchers
    attacks: Attacks
    rng: ScalarStream
    number: int

    def country_of(self, user: int) -> str:
        return COUNTRY_CODES[int(self.people.country[user])]

    def newest(self, moment: int, count: int) -> list[int]:
        """The accounts that registered last before a moment."""
        buyers = np.flatnonzero((self.people.activity > 0) & (self.people.registered < moment))[-count:]
        return [int(buyer) for buyer in buyers]

    def old_account(self, moment: int) -> int:
        """Some account that has long been there."""
        since = moment - parameters.OLD_ACCOUNT_DAYS * DAY
        there = np.flatnonzero((self.people.activity > 0) & (self.people.registered < since))
        if not len(there):
            there = np.flatnonzero((self.people.activity > 0) & (self.people.registered < moment))
        return int(there[self.rng.below(len(there))])

    def device(self, kind: network.DeviceKind) -> str:
        return network.device_fingerprint(network.FIRST_ATTACKER + self.number, kind)

    def address(self, country: str, kind: network.NetworkKind) -> str:
        return network.ip_address(self.rng.below(60_000), country, kind)

    def abroad(self) -> str:
        countries = parameters.ATTACKERS_COUNTRIES
        return countries[self.rng.below(len(countries))]

    def other_city(self, user: int) -> int:
        """A city of the account's country that is not its own, if there is one."""
        own = int(self.people.city[user])
        cities = [
            int(city) for city in np.flatnonzero(self.people.country[user] == CITY_COUNTRY) if city != own
        ]
        return cities[self.rng.below(len(cities))] if cities else own


def plan_attacks(plan: Plan, people: People, vouchers: Vouchers) -> Attacks:
    """ANOMALY_RATE attacks per order, at least one of each kind, half of them in the clickstream's days."""
    attacks, rng = Attacks(), ScalarStream(plan.seed, "attacks")
    total = max(len(_PLANNERS), plan.size.orders * per_million(parameters.ANOMALY_RATE) // 1_000_000)
    kinds = Choice([parameters.ATTACK_WEIGHTS[kind] for kind in parameters.ATTACK_KINDS])
    for number in range(total):
        kind = number if number < len(_PLANNERS) else rng.choose(kinds)
        attacks.kind.append(kind)
        _PLANNERS[kind](
            _AttackContext(plan, people, vouchers, attacks, rng, number), _moment(plan, rng, number)
        )
    return attacks


def _moment(plan: Plan, rng: ScalarStream, number: int) -> int:
    """Alternately anywhere before the clickstream's days and within them, as the first stolen card is."""
    if number % 2 == 1 or plan.clickstream_day <= 1:
        return plan.end - DAY - rng.below((parameters.CLICKSTREAM_DAYS - 2) * DAY)
    return plan.start + plan.clickstream_day * DAY // 3 + rng.below(plan.clickstream_day * DAY * 2 // 3)


def _velocity(context: _AttackContext, moment: int) -> None:
    """A new account tries card after card from one device."""
    newest = context.newest(moment, parameters.NEW_ACCOUNTS)
    user = newest[context.rng.below(len(newest))]
    device = context.device("emulator")
    address = context.address(context.country_of(user), "vpn")
    for _ in range(context.rng.between(*parameters.VELOCITY_ORDERS)):
        context.attacks.add(moment, user, int(context.people.city[user]), device, address, context.abroad())
        moment += context.rng.between(*parameters.VELOCITY_SECONDS_BETWEEN)


def _stolen_card(context: _AttackContext, moment: int) -> None:
    """The owner visits at home; minutes later the card is used from another country."""
    user = context.old_account(moment)
    device, address = context.device("ordinary"), context.address(context.abroad(), "residential")
    context.attacks.visit_user.append(user)
    context.attacks.visit_moment.append(
        moment - context.rng.between(*parameters.STOLEN_CARD_MINUTES_AFTER_OWNER) * _MINUTE
    )
    for _ in range(context.rng.between(*parameters.STOLEN_CARD_ORDERS)):
        context.attacks.add(moment, user, context.other_city(user), device, address, context.country_of(user))
        moment += context.rng.between(*parameters.STOLEN_CARD_MINUTES_BETWEEN) * _MINUTE


def _takeover(context: _AttackContext, moment: int) -> None:
    """An old account, a new device behind an anonymiser, a new address."""
    user = context.old_account(moment)
    device = context.device("rooted")
    address = context.address(
        context.abroad(), "tor" if context.rng.happens(parameters.TAKEOVER_TOR_RATE) else "vpn"
    )
    city = context.other_city(user)
    for _ in range(context.rng.between(*parameters.TAKEOVER_ORDERS)):
        context.attacks.add(moment, user, city, device, address, context.country_of(user))
        moment += context.rng.between(*parameters.TAKEOVER_MINUTES_BETWEEN) * _MINUTE


def _voucher_abuse(context: _AttackContext, moment: int) -> None:
    """New accounts behind one device want to use one voucher, each once."""
    running = np.flatnonzero((context.vouchers.starts <= moment) & (moment < context.vouchers.ends - DAY))
    if not len(running):
        running = np.array([int(np.argmax(context.vouchers.starts))])
        moment = min(int(context.vouchers.starts[running[0]]) + 3_600, context.plan.end - DAY)
    voucher = int(running[context.rng.below(len(running))])
    there = context.people.country == context.vouchers.country[voucher]
    there &= (context.people.activity > 0) & (context.people.registered < moment)
    ring = np.flatnonzero(there)[-context.rng.between(*parameters.VOUCHER_RING_ACCOUNTS) :]
    device = context.device("rooted")
    address = context.address(COUNTRY_CODES[int(context.vouchers.country[voucher])], "data_centre")
    for user in ring.tolist():
        context.attacks.add(
            moment,
            user,
            int(context.people.city[ring[0]]),
            device,
            address,
            context.country_of(user),
            voucher,
        )
        moment += context.rng.between(*parameters.VOUCHER_RING_MINUTES_BETWEEN) * _MINUTE


def _return_abuse(context: _AttackContext, moment: int) -> None:
    """One buyer orders dear things and sends all of them back, one order after the other."""
    count = context.rng.between(*parameters.RETURN_ABUSE_ORDERS)
    user = context.old_account(moment)
    own = network.device_fingerprint(user)
    address = context.address(context.country_of(user), "mobile")
    first = max(context.plan.start + DAY, min(moment, context.plan.end - 60 * DAY))
    first = max(first, int(context.people.registered[user]) + DAY)
    gap = max(
        3_600, min(parameters.RETURN_ABUSE_DAYS_BETWEEN * DAY, (context.plan.end - DAY - first) // count)
    )
    for order in range(count):
        moment = min(first + order * gap, context.plan.end - 3_600)
        context.attacks.add(
            moment, user, int(context.people.city[user]), own, address, context.country_of(user)
        )


_PLANNERS: tuple[Callable[[_AttackContext, int], None], ...] = (
    _velocity,
    _stolen_card,
    _takeover,
    _voucher_abuse,
    _return_abuse,
)


def attacks_table(attacks: Attacks, moments: Ints, attack_of_order: Ints, plan: Plan) -> pa.Table:
    """The table of attacks, from the placed orders' moments and attacks (-1: none)."""
    count = len(attacks.kind)
    first = np.full(count, plan.end)
    last = np.zeros(count, dtype=np.int64)
    marked = attack_of_order >= 0
    np.minimum.at(first, attack_of_order[marked], moments[marked])
    np.maximum.at(last, attack_of_order[marked], moments[marked])
    return pa.table(
        {
            "attack_id": columns.integers(np.arange(count) + 1),
            "attack_kind": columns.texts(np.array(attacks.kind), parameters.ATTACK_KINDS),
            "started_at": columns.timestamps(first),
            "ended_at": columns.timestamps(last),
            "labelled_at": columns.timestamps(np.full(count, plan.end)),
        }
    )


def labels_table(
    plan: Plan, attack_of_order: Ints, users: Ints, sessions: pa.Array, first_payment: Ints
) -> pa.Table:
    """The table of labels: one row per order of an attack; `first_payment` is a payment_id or -1."""
    marked = np.flatnonzero(attack_of_order >= 0)
    return pa.table(
        {
            "label_id": columns.integers(np.arange(len(marked)) + 1),
            "attack_id": columns.integers(attack_of_order[marked] + 1),
            "order_id": columns.integers(marked + 1),
            "user_id": columns.integers(users[marked] + 1),
            "session_id": sessions.take(pa.array(marked)),
            "payment_id": columns.integers(first_payment[marked]),
            "labelled_at": columns.timestamps(np.full(len(marked), plan.end)),
        }
    )
