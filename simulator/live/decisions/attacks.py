"""Fraud attacks in live traffic, by the rules of each kind; their orders carry a label."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import numpy as np

from simulator import network, parameters
from simulator.live.decisions import accounts
from simulator.live.decisions.checkout import CheckoutRequest, FraudBehaviour
from simulator.live.decisions.context import RunContext
from simulator.live.decisions.goods import Goods, quantity
from simulator.live.decisions.population import Population
from simulator.live.decisions.records import Attack, Destination
from simulator.live.decisions.shop import Person, Voucher
from simulator.live.decisions.visit import Visit, Visitor, visitor_from
from simulator.live.decisions.visitor_pool import VisitorPool
from simulator.live.scenarios import Scenario
from simulator.randomness import Choice
from simulator.rules import money
from simulator.rules.attacks import RULES, VELOCITY, AttackRule, expensive_skus, foreign_country

PATH = ("session_start", "product_view", "add_to_cart", "checkout_start", "purchase")
OWNERS_PATH = ("session_start", "page_view", "product_view")
SECONDS_BETWEEN_CLICKS = 3.0
MINUTE = 60
_ADDRESSES = 60_000
_CARDS_PER_ATTACK = 1_000
_RULE_CHOICE = Choice([parameters.ATTACK_WEIGHTS[rule.kind] for rule in RULES])
_LINES = Choice(parameters.LINES_PER_ORDER_WEIGHTS)


@dataclass(frozen=True)
class _Attacker:
    """What the orders of one attack have in common."""

    rule: AttackRule
    victim: Person
    device: str | None
    """None: the account's own."""
    address: str
    label: Attack
    voucher: Voucher | None


class Attacks:
    """Starts attacks by chance with ordinary orders, at the scenario's rate."""

    def __init__(
        self, run: RunContext, population: Population, visitor_pool: VisitorPool, goods: Goods
    ) -> None:
        self._run, self._population, self._visitor_pool, self._goods = run, population, visitor_pool, goods
        self._rng = run.rng("attacks")
        self._expensive = _expensive_skus(run)
        self._begun = 0
        self.per_order = parameters.ANOMALY_RATE

    def begin_scenario(self, scenario: Scenario) -> None:
        """Use the scenario's rate from now on, and start the attacks it opens with."""
        self.per_order = scenario.attacks_per_order
        for rule in RULES if scenario.opens_with_attacks else ():
            self.begin(rule)

    def begin_by_chance(self) -> None:
        """Start an attack with the scenario's probability."""
        if self._rng.happens(self.per_order):
            self.begin(RULES[self._rng.choose(_RULE_CHOICE)])

    def begin(self, rule: AttackRule) -> None:
        """Start an attack now, if somebody can be attacked."""
        victim = self._population.random_person(self._run.now, self._rng)
        if victim is None:
            return
        voucher = self._running_voucher(victim) if rule.account == "ring" else None
        if rule.account == "ring" and voucher is None:
            rule = VELOCITY
        self._begun += 1
        waits = self._waits(rule, victim)
        attacker = _Attacker(
            rule, victim, self._device(rule), self._address(rule, victim), self._label(rule, waits), voucher
        )
        account = self._account(attacker)
        destination = self._destination(attacker)
        for number, wait in enumerate(waits):
            self._order(wait, number, attacker, account, destination)
            if rule.account == "ring":
                account = self._account(attacker)
            if rule.destination == "other_city_each_time":
                destination = self._destination(attacker)

    def _waits(self, rule: AttackRule, victim: Person) -> list[float]:
        """Seconds from now to each order of an attack."""
        elapsed = 0.0
        if rule.follows_owners_visit:
            minutes = self._rng.between(*parameters.STOLEN_CARD_MINUTES_AFTER_OWNER)
            elapsed = minutes * MINUTE * self._time_scale
            session = self._run.new_session_id(self._rng)
            self._visit(0.0, Visit(session, visitor_from(victim), OWNERS_PATH))
        waits = []
        for _ in range(rule.order_count(self._rng)):
            waits.append(elapsed)
            elapsed += rule.gap_seconds(self._rng) * self._time_scale
        return waits

    def _account(self, attacker: _Attacker) -> Person:
        """The account that orders: the victim's, or a new one in the victim's place."""
        if attacker.rule.account == "existing":
            return attacker.victim
        return accounts.register(self._run, attacker.victim.destination, self._rng, device=attacker.device)

    def _destination(self, attacker: _Attacker) -> Destination:
        own = attacker.victim.destination
        return own if attacker.rule.destination == "own" else accounts.other_destination(own, self._rng)

    def _order(
        self, wait: float, number: int, attacker: _Attacker, account: Person, destination: Destination
    ) -> None:
        """Schedule a visit that ends in the attack's order of this number, this many seconds from now."""
        rule = attacker.rule
        visitor = _visitor(account, attacker.device or account.device_fingerprint, attacker.address)
        session = self._run.new_session_id(self._rng)
        request = CheckoutRequest(
            buyer=account,
            destination=destination,
            basket=self._basket(rule),
            channel="website" if visitor.platform == "web" else "app",
            takes_sale_price=False,
            session_id=session,
            device_fingerprint=visitor.device_fingerprint,
            ip_address=visitor.ip_address,
            attack=attacker.label,
            fraud=self._behaviour(attacker, number),
            only_voucher=attacker.voucher,
        )
        self._visit(wait, Visit(session, visitor, PATH, request=request))

    def _behaviour(self, attacker: _Attacker, number: int) -> FraudBehaviour:
        """How an order goes on, with the card that pays for it."""
        rule, own_country = attacker.rule, attacker.victim.country
        first_card = network.FIRST_LIVE_ATTACKERS_CARD + attacker.label.attack_id * _CARDS_PER_ATTACK
        if rule.card == "another_each_time":
            return FraudBehaviour(rule, foreign_country(self._rng), first_card + number)
        return FraudBehaviour(rule, own_country, first_card if rule.card == "shared" else None)

    def _visit(self, wait: float, visit: Visit) -> None:
        between = SECONDS_BETWEEN_CLICKS * self._time_scale
        self._run.scheduler.after(wait, partial(self._visitor_pool.run_visit, visit, between))

    @property
    def _time_scale(self) -> float:
        return min(1.0, self._visitor_pool.time_scale)

    def _running_voucher(self, victim: Person) -> Voucher | None:
        currency = self._run.shop.currency_of(victim.country, self._run.shop.skus[0])
        usable = [each for each in self._run.shop.vouchers if _can_be_used(each, currency, self._run)]
        return usable[self._rng.below(len(usable))] if usable else None

    def _label(self, rule: AttackRule, waits: list[float]) -> Attack:
        start = self._run.now + timedelta(seconds=waits[0])
        end = self._run.now + timedelta(seconds=waits[-1])
        return Attack(self._run.new_id("labels.attacks"), rule.kind, start, end)

    def _device(self, rule: AttackRule) -> str | None:
        if rule.device is None:
            return None
        number = network.FIRST_LIVE_ATTACKER + self._run.seed * 100_003 + self._begun
        return network.device_fingerprint(number, rule.device)

    def _address(self, rule: AttackRule, victim: Person) -> str:
        kind = rule.network_kind(self._rng)
        country = foreign_country(self._rng) if rule.is_abroad else victim.country
        country = country if country in network.COUNTRIES else "US"
        return network.ip_address(self._rng.below(_ADDRESSES), country, kind)

    def _basket(self, rule: AttackRule) -> dict[int, int]:
        lines = min(self._rng.choose(_LINES) + 1, rule.max_lines)
        return {self._sku_id(rule): quantity(self._rng) for _ in range(lines)}

    def _sku_id(self, rule: AttackRule) -> int:
        if rule.buys_expensive:
            return self._expensive[self._rng.below(len(self._expensive))]
        return self._goods.bought(self._rng).sku_id


def _visitor(account: Person, device: str, address: str) -> Visitor:
    kind = "desktop" if account.platform == "web" else "mobile"
    return Visitor(account, account.destination, account.platform, kind, device, address)


def _can_be_used(voucher: Voucher, currency: str, run: RunContext) -> bool:
    is_valid = voucher.starts_at <= run.now < voucher.ends_at and voucher.uses_left > 0
    return is_valid and voucher.currency == currency


def _expensive_skus(run: RunContext) -> list[int]:
    """SKU ids that attackers buy; the ordinary price is the mean weighted by popularity."""
    skus = run.shop.skus
    prices = np.array([money.hundredths(sku.price) for sku in skus], dtype=np.int64)
    popularity = sum(sku.popularity for sku in skus)
    total = sum(int(price) * sku.popularity for price, sku in zip(prices, skus, strict=True))
    return [skus[position].sku_id for position in expensive_skus(prices, total // popularity).tolist()]
