"""Fraud attacks of the history: their orders, with account, device, address and card; and the labels."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from simulator import columns, network, parameters
from simulator.plan import DAY, Plan
from simulator.randomness import Choice, Ints, ScalarStream, per_million
from simulator.rules.attacks import RULES, AttackRule, foreign_country, other_city
from simulator.world.people import People
from simulator.world.places import CITY_COUNTRY, COUNTRY_CODES
from simulator.world.promotions import Vouchers

VELOCITY, STOLEN_CARD, TAKEOVER, VOUCHER_ABUSE, RETURN_ABUSE = range(len(parameters.ATTACK_KINDS))
_MINUTE = 60
_ADDRESSES = 60_000
_RETURN_ABUSE_MARGIN = 60 * DAY
"""Return abuse begins this long before the end, so that its returns are part of the history."""


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
    order_card: list[int] = field(default_factory=list)
    """Number of the card; -1 for one of the account's own."""
    order_voucher: list[int] = field(default_factory=list)
    visit_user: list[int] = field(default_factory=list)
    """The card owner's own visit shortly before the card is used elsewhere."""
    visit_moment: list[int] = field(default_factory=list)

    @property
    def kind_of_order(self) -> Ints:
        """Per order, the kind of its attack."""
        return np.array(self.kind, dtype=np.int64)[np.array(self.order_attack, dtype=np.int64)]

    def add(
        self,
        moment: int,
        user: int,
        city: int,
        device: str,
        address: str,
        card: tuple[int, str],
        voucher: int = -1,
    ) -> None:
        """Add an order to the latest attack."""
        self.order_attack.append(len(self.kind) - 1)
        self.order_moment.append(moment)
        self.order_user.append(user)
        self.order_city.append(city)
        self.order_device.append(device)
        self.order_address.append(address)
        self.order_card.append(card[0])
        self.order_card_country.append(card[1])
        self.order_voucher.append(voucher)


def plan_attacks(plan: Plan, people: People, vouchers: Vouchers) -> Attacks:
    """ANOMALY_RATE attacks per order, at least one of each kind, half of them in the clickstream's days."""
    attacks, rng = Attacks(), ScalarStream(plan.seed, "attacks")
    total = max(len(RULES), plan.size.orders * per_million(parameters.ANOMALY_RATE) // 1_000_000)
    kinds = Choice([parameters.ATTACK_WEIGHTS[kind] for kind in parameters.ATTACK_KINDS])
    for number in range(total):
        kind = number if number < len(RULES) else rng.choose(kinds)
        attacks.kind.append(kind)
        planner = _Planner(plan, people, vouchers, attacks, rng, number, RULES[kind])
        planner.plan_from(_start(plan, rng, number))
    return attacks


def _start(plan: Plan, rng: ScalarStream, number: int) -> int:
    """Alternately before the clickstream's days and within them, as for the first stolen card."""
    if number % 2 == 1 or plan.clickstream_day <= 1:
        return plan.end - DAY - rng.below((parameters.CLICKSTREAM_DAYS - 2) * DAY)
    return plan.start + plan.clickstream_day * DAY // 3 + rng.below(plan.clickstream_day * DAY * 2 // 3)


@dataclass(frozen=True)
class _Planner:
    """Plans the orders of one attack by its rule."""

    plan: Plan
    people: People
    vouchers: Vouchers
    attacks: Attacks
    rng: ScalarStream
    number: int
    rule: AttackRule

    def plan_from(self, moment: int) -> None:
        """Add the attack's orders, the first one at about this time."""
        if self.rule.account == "ring":
            self._plan_ring(moment)
            return
        user = self._new_account(moment) if self.rule.account == "new" else self._old_account(moment)
        device, address = self._device(user), self._address(self._country(user))
        if self.rule.follows_owners_visit:
            minutes = self.rng.between(*parameters.STOLEN_CARD_MINUTES_AFTER_OWNER)
            self.attacks.visit_user.append(user)
            self.attacks.visit_moment.append(moment - minutes * _MINUTE)
        own = int(self.people.city[user])
        city = own if self.rule.destination == "own" else self._other_city(user)
        for at in self._moments(moment, user):
            self.attacks.add(at, user, city, device, address, self._card(user))
            if self.rule.destination == "other_city_each_time":
                city = self._other_city(user)

    def _plan_ring(self, moment: int) -> None:
        """Several new accounts behind one device, each ordering once with the same voucher."""
        voucher, moment = self._running_voucher(moment)
        country = int(self.vouchers.country[voucher])
        there = (self.people.country == country) & (self.people.activity > 0)
        there &= self.people.registered < moment
        ring = np.flatnonzero(there)[-self.rule.order_count(self.rng) :]
        device, address = self._device(int(ring[0])), self._address(COUNTRY_CODES[country])
        city = int(self.people.city[ring[0]])
        for user in ring.tolist():
            self.attacks.add(moment, user, city, device, address, self._card(user), voucher)
            moment += self.rule.gap_seconds(self.rng)

    def _running_voucher(self, moment: int) -> tuple[int, int]:
        """A voucher that is valid for at least a day, and when to abuse it."""
        running = np.flatnonzero((self.vouchers.starts <= moment) & (moment < self.vouchers.ends - DAY))
        if not len(running):
            running = np.array([int(np.argmax(self.vouchers.starts))])
            moment = min(int(self.vouchers.starts[running[0]]) + 3_600, self.plan.end - DAY)
        return int(running[self.rng.below(len(running))]), moment

    def _moments(self, moment: int, user: int) -> list[int]:
        count = self.rule.order_count(self.rng)
        if self.rule.returns_everything:
            return self._moments_over_days(moment, user, count)
        moments = []
        for _ in range(count):
            moments.append(moment)
            moment += self.rule.gap_seconds(self.rng)
        return moments

    def _moments_over_days(self, moment: int, user: int, count: int) -> list[int]:
        """Orders days apart, all of them within the account's time and the plan's."""
        first = max(self.plan.start + DAY, min(moment, self.plan.end - _RETURN_ABUSE_MARGIN))
        first = max(first, int(self.people.registered[user]) + DAY)
        left = (self.plan.end - DAY - first) // count
        gap = max(3_600, min(parameters.RETURN_ABUSE_DAYS_BETWEEN * DAY, left))
        return [min(first + order * gap, self.plan.end - 3_600) for order in range(count)]

    def _new_account(self, moment: int) -> int:
        """One of the accounts that registered last before a moment."""
        buyers = np.flatnonzero((self.people.activity > 0) & (self.people.registered < moment))
        newest = buyers[-parameters.NEW_ACCOUNTS :]
        return int(newest[self.rng.below(len(newest))])

    def _old_account(self, moment: int) -> int:
        """An account that registered long before a moment, if there is one."""
        since = moment - parameters.OLD_ACCOUNT_DAYS * DAY
        old = np.flatnonzero((self.people.activity > 0) & (self.people.registered < since))
        if not len(old):
            old = np.flatnonzero((self.people.activity > 0) & (self.people.registered < moment))
        return int(old[self.rng.below(len(old))])

    def _country(self, user: int) -> str:
        return COUNTRY_CODES[int(self.people.country[user])]

    def _device(self, user: int) -> str:
        if self.rule.device is None:
            return network.device_fingerprint(user)
        return network.device_fingerprint(network.FIRST_ATTACKER + self.number, self.rule.device)

    def _address(self, country: str) -> str:
        kind = self.rule.network_kind(self.rng)
        country = foreign_country(self.rng) if self.rule.is_abroad else country
        return network.ip_address(self.rng.below(_ADDRESSES), country, kind)

    def _card(self, user: int) -> tuple[int, str]:
        """Number of the card (-1: one of the account's own) and its country."""
        if self.rule.card == "another_each_time":
            return network.FIRST_ATTACKERS_CARD + len(self.attacks.order_card), foreign_country(self.rng)
        if self.rule.card == "shared":
            return network.FIRST_ATTACKERS_CARD + self._first_order, self._country(user)
        return columns.NULL, self._country(user)

    @property
    def _first_order(self) -> int:
        """Position of the attack's first order."""
        return bisect_left(self.attacks.order_attack, len(self.attacks.kind) - 1)

    def _other_city(self, user: int) -> int:
        cities = np.flatnonzero(self.people.country[user] == CITY_COUNTRY).tolist()
        return other_city(int(self.people.city[user]), cities, self.rng)


def attacks_table(attacks: Attacks, moments: Ints, attack_of_order: Ints, plan: Plan) -> pa.Table:
    """The table `labels.attacks`, from the orders' times and attacks (-1: none)."""
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
    """The table `labels.fraud_labels`: one row per order of an attack."""
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
