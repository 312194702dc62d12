"""Attacks: fraudsters among the visitors, each kind as it works, labelled for those who score models.

The kinds and their numbers are the history's (`parameters`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

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

PATH = ("session_start", "product_view", "add_to_cart", "checkout_start", "purchase")
OWNERS_PATH = ("session_start", "page_view", "product_view")
SECONDS_BETWEEN_CLICKS = 3.0
MINUTE = 60
_KINDS = tuple(parameters.ATTACK_WEIGHTS)
_KIND_CHOICE = Choice(list(parameters.ATTACK_WEIGHTS.values()))


class Attacks:
    """Attacks begin by chance with ordinary orders, so many of them as the scenario says."""

    def __init__(
        self, run: RunContext, population: Population, visitor_pool: VisitorPool, goods: Goods
    ) -> None:
        self._run, self._population, self._visitor_pool, self._goods = run, population, visitor_pool, goods
        self._rng = run.rng("attacks")
        self._expensive = _expensive_skus(run)
        self._begun = 0
        self.per_order = parameters.ANOMALY_RATE

    def begin_scenario(self, scenario: Scenario) -> None:
        """From now on there are as many attacks as the scenario says."""
        self.per_order = scenario.attacks_per_order
        for kind in _KINDS if scenario.opens_with_attacks else ():
            self.begin(kind)

    def begin_by_chance(self) -> None:
        """By chance, an attack."""
        if self._rng.happens(self.per_order):
            self.begin(_KINDS[self._rng.choose(_KIND_CHOICE)])

    def begin(self, kind: str) -> None:
        """An attack of a kind starts now, if there is somebody to attack."""
        victim = self._population.random_person(self._run.now, self._rng)
        if victim is None:
            return
        self._begun += 1
        strikes: dict[str, Callable[[Person], None]] = {
            "velocity": self._velocity,
            "stolen_card": self._stolen_card,
            "account_takeover": self._takeover,
            "voucher_abuse": self._voucher_abuse,
            "return_abuse": self._return_abuse,
        }
        strikes[kind](victim)

    def _velocity(self, victim: Person) -> None:
        """A new account tries card after card from one device."""
        account = accounts.register(self._run, victim.destination, self._rng, device=self._device("emulator"))
        count = self._rng.between(*parameters.VELOCITY_ORDERS)
        waits = self._waits(count, *parameters.VELOCITY_SECONDS_BETWEEN)
        attack = self._attack("velocity", waits)
        address = self._address(victim.country, "vpn")
        for wait in waits:
            behaviour = FraudBehaviour(parameters.TRIED_CARD_FAILURE_RATE, card_country=self._abroad())
            visitor = _visitor(account, account.device_fingerprint, address)
            self._order(wait, visitor, self._ordinary_basket(), attack, behaviour)

    def _stolen_card(self, victim: Person) -> None:
        """The owner visits at home; minutes later the card is used from another country."""
        before = self._rng.between(*parameters.STOLEN_CARD_MINUTES_AFTER_OWNER) * MINUTE * self._time_scale
        self._visit(0.0, Visit(self._run.new_session_id(self._rng), visitor_from(victim), OWNERS_PATH))
        count = self._rng.between(*parameters.STOLEN_CARD_ORDERS)
        between = self._waits_of_minutes(count, parameters.STOLEN_CARD_MINUTES_BETWEEN)
        waits = [before + wait for wait in between]
        attack = self._attack("stolen_card", waits)
        visitor = _visitor(victim, self._device("ordinary"), self._address(self._abroad(), "residential"))
        for wait in waits:
            goods, behaviour = self._expensive_basket(), FraudBehaviour(card_country=victim.country)
            self._order(wait, visitor, goods, attack, behaviour, self._elsewhere(victim))

    def _takeover(self, victim: Person) -> None:
        """An account that is not the visitor's: a new device behind an anonymiser, a new address."""
        count = self._rng.between(*parameters.TAKEOVER_ORDERS)
        waits = self._waits_of_minutes(count, parameters.TAKEOVER_MINUTES_BETWEEN)
        attack = self._attack("account_takeover", waits)
        kind: network.NetworkKind = "tor" if self._rng.happens(parameters.TAKEOVER_TOR_RATE) else "vpn"
        visitor = _visitor(victim, self._device("rooted"), self._address(self._abroad(), kind))
        destination = self._elsewhere(victim)
        for wait in waits:
            behaviour = FraudBehaviour(card_country=victim.country)
            self._order(wait, visitor, self._expensive_basket(), attack, behaviour, destination)

    def _voucher_abuse(self, victim: Person) -> None:
        """New accounts behind one device use one voucher, each once."""
        currency = self._run.shop.currency_of(victim.country, self._run.shop.skus[0])
        vouchers = [each for each in self._run.shop.vouchers if _can_be_used(each, currency, self._run)]
        if not vouchers:
            return self._velocity(victim)
        voucher = vouchers[self._rng.below(len(vouchers))]
        count = self._rng.between(*parameters.VOUCHER_RING_ACCOUNTS)
        waits = self._waits_of_minutes(count, parameters.VOUCHER_RING_MINUTES_BETWEEN)
        attack = self._attack("voucher_abuse", waits)
        device, address = self._device("rooted"), self._address(victim.country, "data_centre")
        for wait in waits:
            account = accounts.register(self._run, victim.destination, self._rng, device=device)
            visitor = _visitor(account, device, address)
            self._order(wait, visitor, self._ordinary_basket(), attack, FraudBehaviour(), voucher=voucher)
        return None

    def _return_abuse(self, victim: Person) -> None:
        """One buyer orders dear things and sends all of them back."""
        count = self._rng.between(*parameters.RETURN_ABUSE_ORDERS)
        waits = self._waits_of_minutes(count, parameters.LIVE_RETURN_ABUSE_MINUTES_BETWEEN)
        attack = self._attack("return_abuse", waits)
        for wait in waits:
            behaviour = FraudBehaviour(returns_everything=True)
            self._order(wait, visitor_from(victim), self._expensive_basket(), attack, behaviour)

    def _order(
        self,
        wait: float,
        visitor: Visitor,
        basket: dict[int, int],
        attack: Attack,
        behaviour: FraudBehaviour,
        destination: Destination | None = None,
        voucher: Voucher | None = None,
    ) -> None:
        """A visit that ends in an order, so many seconds from now."""
        assert visitor.person is not None
        session = self._run.new_session_id(self._rng)
        request = CheckoutRequest(
            buyer=visitor.person,
            destination=destination or visitor.person.destination,
            basket=basket,
            channel="website" if visitor.platform == "web" else "app",
            session_id=session,
            device_fingerprint=visitor.device_fingerprint,
            ip_address=visitor.ip_address,
            attack=attack,
            behaviour=behaviour,
            only_voucher=voucher,
        )
        self._visit(wait, Visit(session, visitor, PATH, request=request))

    def _visit(self, wait: float, visit: Visit) -> None:
        self._run.scheduler.after(
            wait, partial(self._visitor_pool.run_visit, visit, SECONDS_BETWEEN_CLICKS * self._time_scale)
        )

    @property
    def _time_scale(self) -> float:
        return min(1.0, self._visitor_pool.time_scale)

    def _waits(self, count: int, lowest: int, highest: int) -> list[float]:
        """Seconds from now, one for each order of an attack."""
        waits, total = [], 0.0
        for _ in range(count):
            waits.append(total)
            total += self._rng.between(lowest, highest) * self._time_scale
        return waits

    def _waits_of_minutes(self, count: int, between: tuple[int, int]) -> list[float]:
        return self._waits(count, between[0] * MINUTE, between[1] * MINUTE)

    def _attack(self, kind: str, waits: list[float]) -> Attack:
        start = self._run.now + timedelta(seconds=waits[0])
        end = self._run.now + timedelta(seconds=waits[-1])
        return Attack(self._run.new_id("labels.attacks"), kind, start, end)

    def _device(self, kind: network.DeviceKind) -> str:
        number = network.FIRST_LIVE_ATTACKER + self._run.seed * 100_003 + self._begun
        return network.device_fingerprint(number, kind)

    def _address(self, country: str, kind: network.NetworkKind) -> str:
        place = country if country in network.COUNTRIES else "US"
        return network.ip_address(self._rng.below(60_000), place, kind)

    def _abroad(self) -> str:
        countries = parameters.ATTACKERS_COUNTRIES
        return countries[self._rng.below(len(countries))]

    def _elsewhere(self, victim: Person) -> Destination:
        return accounts.destination_in(victim.country, self._rng)

    def _ordinary_basket(self) -> dict[int, int]:
        return {self._goods.bought(self._rng).sku_id: quantity(self._rng)}

    def _expensive_basket(self) -> dict[int, int]:
        return {self._expensive[self._rng.below(len(self._expensive))]: quantity(self._rng)}


def _visitor(account: Person, device: str, address: str) -> Visitor:
    kind = "desktop" if account.platform == "web" else "mobile"
    return Visitor(account, account.destination, account.platform, kind, device, address)


def _can_be_used(voucher: Voucher, currency: str, run: RunContext) -> bool:
    is_valid = voucher.starts_at <= run.now < voucher.ends_at and voucher.uses_left > 0
    return is_valid and voucher.currency == currency


def _expensive_skus(run: RunContext) -> list[int]:
    """SKUs that cost so many times the ordinary; failing that, the dearest."""
    by_price = sorted(run.shop.skus, key=lambda sku: (-sku.price, sku.sku_id))
    popularity = sum(sku.popularity for sku in by_price)
    ordinary = sum(sku.price * sku.popularity for sku in by_price) / popularity
    expensive = [sku.sku_id for sku in by_price if sku.price >= ordinary * parameters.UNUSUAL_PURCHASE_FACTOR]
    return expensive or [sku.sku_id for sku in by_price[: max(1, len(by_price) // 50)]]
