"""The engine: all decisions of the live simulator, without a database or a wall clock.

The same shop, seed, start and database outcomes give the same output.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from simulator.live.decisions.after_delivery import AfterDelivery
from simulator.live.decisions.attacks import Attacks
from simulator.live.decisions.context import RunContext
from simulator.live.decisions.fulfilment import Fulfilment
from simulator.live.decisions.goods import Goods
from simulator.live.decisions.operations import ShopOperations
from simulator.live.decisions.orders import Orders
from simulator.live.decisions.output import NewId, Output
from simulator.live.decisions.payouts import Payouts
from simulator.live.decisions.population import Population
from simulator.live.decisions.records import NewOrder
from simulator.live.decisions.replenishment import Replenishment
from simulator.live.decisions.risk import Risk
from simulator.live.decisions.scheduler import Scheduler
from simulator.live.decisions.settlement_records import NewPayout
from simulator.live.decisions.shop import Shop
from simulator.live.decisions.visit import Clicks, Visit
from simulator.live.decisions.visitor_pool import VisitorPool
from simulator.live.scenarios import Scenario, Slot

ENDLESS_SCENARIO_SECONDS = 3_600.0
"""How often a run without end renews the flash sales and vouchers of its base scenario."""


@dataclass(frozen=True)
class Plan:
    """The parameters of a run. `rate` is clickstream events per second under the base scenario."""

    base: Scenario
    rate: float
    seed: int
    users: int | None = None
    """Number of people who may visit; missing ones register at the start. None: all in the shop."""
    growth_per_hour: float = 0.0
    speed_up: float = 1_440.0
    duration: float | None = None
    """Seconds; None for a run without end."""
    slots: tuple[Slot, ...] = ()


class Engine:
    """The decisions of one run."""

    def __init__(self, plan: Plan, shop: Shop, start: datetime, new_id: NewId) -> None:
        self.plan = plan
        self.run = run = RunContext(shop, Scheduler(start), new_id, plan.seed, plan.speed_up)
        self.population = Population(shop.people, plan.seed)
        goods = Goods(shop, start)
        self.risk, self.payouts = Risk(run), Payouts(run)
        self.fulfilment = Fulfilment(run, Replenishment(run), AfterDelivery(run, self.risk), self.risk)
        self._orders = Orders(run, self.population, goods, self.fulfilment)
        clicks = Clicks(run, goods, self._orders.check_out)
        self._operations = ShopOperations(run, self.population, goods, plan.growth_per_hour)
        for _ in range(max(0, (plan.users or 0) - len(shop.people))):
            self._operations.register()
        self.visitor_pool = VisitorPool(run, self.population, clicks, plan.rate, plan.base)
        self._attacks = Attacks(run, self.population, self.visitor_pool, goods)
        self._orders.on_purchase = partial(_write_purchase, clicks)
        self._orders.on_own_order = self._attacks.begin_by_chance
        self._operations.begin()
        self.fulfilment.replenishment.begin()
        self.visitor_pool.schedule_bots()
        self._begin_base()
        for slot in plan.slots:
            run.scheduler.after(slot.starts, partial(self._switch, slot.scenario, slot.ends))
            run.scheduler.after(slot.ends, self._begin_base)

    def advance(self, until: float) -> Output:
        """Advance to this many seconds after the start; the rows and records to write."""
        self.run.scheduler.advance(until)
        return self.run.take_output()

    def take_output(self) -> Output:
        """The rows and records collected since the last call."""
        return self.run.take_output()

    def on_accepted(self, record: object) -> None:
        """The database has written a record."""
        if isinstance(record, NewOrder):
            self._orders.on_accepted(record)
        elif isinstance(record, NewPayout):
            self.payouts.on_written(record)

    def on_refused(self, record: object, rule: str) -> None:
        """A rule of the database has refused a record."""
        if isinstance(record, NewOrder):
            self._orders.on_refused(record, rule)
        elif rule == "orders_status_follows_life_cycle":
            self.fulfilment.drop(int(getattr(record, "order_id", 0)))

    def update_stock(self, found: dict[tuple[int, int], int]) -> None:
        """Replace the known stock by that of the database, by SKU and warehouse."""
        for (sku_id, warehouse_id), quantity in found.items():
            stock = self.run.shop.warehouse_stock(sku_id, warehouse_id)
            if stock is not None:
                stock.quantity = quantity

    def _begin_base(self) -> None:
        """Switch to the base scenario, until the next slot or the end."""
        now = self.run.scheduler.now
        later = [slot.starts for slot in self.plan.slots if slot.starts > now]
        end = min([*later, self.plan.duration or now + ENDLESS_SCENARIO_SECONDS])
        if not any(slot.starts <= now < slot.ends for slot in self.plan.slots):
            self._switch(self.plan.base, end)
        if end == now + ENDLESS_SCENARIO_SECONDS:
            self.run.scheduler.after(ENDLESS_SCENARIO_SECONDS, self._begin_base)

    def _switch(self, scenario: Scenario, ends: float) -> None:
        self._orders.scenario = scenario
        self._operations.open(scenario, self.run.scheduler.instant_at(ends))
        self.visitor_pool.switch(scenario)
        self._attacks.begin_scenario(scenario)


def _write_purchase(clicks: Clicks, visit: Visit, order_id: int) -> None:
    clicks.write(visit, "purchase", order_id)
