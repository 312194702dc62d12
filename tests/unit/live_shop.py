"""A made-up shop and a database that accepts everything, for the live simulator without a database."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from simulator import parameters
from simulator.live.decisions import accounts
from simulator.live.decisions.engine import Engine, Plan
from simulator.live.decisions.output import EVENT_COLUMNS, Row
from simulator.live.decisions.records import NewOrder, NewPerson
from simulator.live.decisions.shop import Campaign, Person, Shop, Sku, Voucher, WarehouseStock
from simulator.live.scenarios import SCENARIOS, parse_schedule
from simulator.randomness import ScalarStream

START = datetime(2026, 6, 1, 5, tzinfo=UTC)
COUNTRIES = tuple(parameters.COUNTRIES)
TICK_SECONDS = 0.5


def made_up_shop(people: int, skus: int = 120, stock: int = 100_000) -> Shop:
    """People in all countries, SKUs in all departments, one warehouse, one voucher per currency."""
    departments = tuple(parameters.DEPARTMENTS)
    goods = [
        Sku(
            sku_id=number,
            product_id=1 + (number - 1) // 3,
            category_id=1 + number % 8,
            seller_id=1 + number % 5,
            supplier_id=1,
            department=departments[number % len(departments)],
            price=Decimal(100 + number),
            cost=Decimal(60),
            currency="THB",
            popularity=1 + number % 7,
            warehouses=[WarehouseStock(1, stock, stock // 10)],
        )
        for number in range(1, skus + 1)
    ]
    rng = ScalarStream(1, "made-up people")
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
    return Shop(
        skus=goods,
        people=[_person(number, rng) for number in range(1, people + 1)],
        staff=[_person(people + 1, rng)],
        vouchers=[
            Voucher(number, "percentage", Decimal(10), country.currency, None, Decimal(0), 10**6, start, end)
            for number, country in enumerate(parameters.COUNTRIES.values(), 1)
        ],
        flash_sales={},
        campaigns=[Campaign(1, "social", "THB", end, "https://www.facebook.com/")],
        rates={each.currency: Decimal(str(each.usd_rate)) for each in parameters.COUNTRIES.values()},
        warehouse_positions={1: 0},
    )


def _person(number: int, rng: ScalarStream) -> Person:
    destination = accounts.destination_in(COUNTRIES[number % len(COUNTRIES)], rng)
    return accounts.existing_person(number, number, destination, rng)


@dataclass
class Seen:
    """What a run wanted written."""

    events: list[Row] = field(default_factory=list)
    records: list[object] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    """When each record came."""
    accounts: list[NewPerson] = field(default_factory=list)

    @property
    def people(self) -> int:
        """New accounts."""
        return len(self.accounts)

    def orders(self) -> list[NewOrder]:
        return [record for record in self.records if isinstance(record, NewOrder)]

    def own_orders(self) -> list[NewOrder]:
        """Ordinary ones on our own channels: of visits, neither tests nor attacks."""
        return [order for order in self.orders() if order.session_id and order.attack is None]

    def counts(self, column: str) -> Counter[object]:
        at = EVENT_COLUMNS.index(column)
        return Counter(row[at] for row in self.events)

    def users(self, event: str | None = None) -> set[object]:
        """Who was there, signed in; or who did something."""
        return {row[2] for row in self.events if row[2] is not None and event in (None, row[0])}


def run(
    scenario: str,
    rate: float,
    seconds: float,
    people: int = 2_000,
    slots: str = "",
    seed: int = 7,
    growth: float = 0.0,
    shop: Shop | None = None,
    speed_up: float = 1_440.0,
    users: int | None = None,
    start: datetime = START,
) -> Seen:
    """A run in which the shop accepts every record at once."""
    numbers: dict[str, itertools.count[int]] = defaultdict(lambda: itertools.count(10**6))
    plan = Plan(
        base=SCENARIOS[scenario],
        rate=rate,
        seed=seed,
        users=users,
        growth_per_hour=growth,
        speed_up=speed_up,
        duration=seconds,
        slots=parse_schedule(slots, seconds),
    )
    engine = Engine(plan, shop or made_up_shop(people), start, lambda table: next(numbers[table]))
    seen, now = Seen(), 0.0
    while now < seconds:
        now = min(seconds, now + TICK_SECONDS)
        output = engine.advance(now)
        seen.events += output.events
        seen.accounts += output.people
        for record in output.records:
            seen.records.append(record)
            seen.seconds.append(now)
            engine.on_accepted(record)
    return seen
