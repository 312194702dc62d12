"""The engine: everything the live simulator decides, without a database or a wall clock.

The same shop, seed, start and outcomes give the same output.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from simulator.live.decisions.aftermath import Aftermath
from simulator.live.decisions.attacks import Attacks
from simulator.live.decisions.crowd import Crowd
from simulator.live.decisions.fulfilment import Fulfilment
from simulator.live.decisions.goods import Goods
from simulator.live.decisions.orders import Orders
from simulator.live.decisions.output import NewId, Output
from simulator.live.decisions.population import Population
from simulator.live.decisions.records import NewOrder
from simulator.live.decisions.shop import Shop
from simulator.live.decisions.stage import Stage
from simulator.live.decisions.supply import Supply
from simulator.live.decisions.timeline import Timeline
from simulator.live.decisions.upkeep import Upkeep
from simulator.live.decisions.visit import Clicks, Visit
from simulator.live.scenarios import Scenario, Slot

ENDLESS_SCENARIO_SECONDS = 3_600.0
"""In a run without end, the base scenario's sales and vouchers are opened anew this often."""


@dataclass(frozen=True)
class Plan:
    """What was asked for. `rate` is clickstream events per second under the base scenario."""

    base: Scenario
    rate: float
    seed: int
    users: int | None = None
    """People who may come; missing ones register at the beginning. None: all there are."""
    growth_per_hour: float = 0.0
    speed_up: float = 1_440.0
    duration: float | None = None
    """Seconds; None for a run that goes on until it is ended."""
    slots: tuple[Slot, ...] = ()


class Engine:
    """One run."""

    def __init__(self, plan: Plan, shop: Shop, start: datetime, new_id: NewId) -> None:
        self.plan = plan
        self.stage = stage = Stage(shop, Timeline(start), new_id, plan.seed, plan.speed_up)
        self.population = Population(shop.people, plan.seed)
        goods = Goods(shop, start)
        self.fulfilment = Fulfilment(stage, Supply(stage), Aftermath(stage))
        self._orders = Orders(stage, self.population, goods, self.fulfilment)
        clicks = Clicks(stage, goods, self._orders.check_out)
        self._upkeep = Upkeep(stage, self.population, goods, plan.growth_per_hour)
        for _ in range(max(0, (plan.users or 0) - len(shop.people))):
            self._upkeep.register()
        self.crowd = Crowd(stage, self.population, clicks, plan.rate, plan.base)
        self._attacks = Attacks(stage, self.population, self.crowd, goods)
        self._orders.on_bought = partial(_bought, clicks)
        self._orders.on_own_order = self._attacks.maybe_begin
        self._upkeep.begin()
        self.fulfilment.supply.begin()
        self.crowd.let_bots_come()
        self._begin_base()
        for slot in plan.slots:
            stage.timeline.after(slot.starts, partial(self._switch, slot.scenario, slot.ends))
            stage.timeline.after(slot.ends, self._begin_base)

    def go_on(self, until: float) -> Output:
        """Let everything happen up to so many seconds after the start; what is to be written of it."""
        self.stage.timeline.go_on(until)
        return self.stage.taken()

    def accepted(self, record: object) -> None:
        """The shop has written a record."""
        if isinstance(record, NewOrder):
            self._orders.accepted(record)

    def refused(self, record: object, rule: str) -> None:
        """A rule of the shop has refused a record."""
        if isinstance(record, NewOrder):
            self._orders.refused(record, rule)
        elif rule == "orders_status_follows_life_cycle":
            self.fulfilment.overtaken(int(getattr(record, "order_id", 0)))

    def counted(self, stock: dict[tuple[int, int], int]) -> None:
        """What really lies in warehouses, by SKU and warehouse."""
        for (sku_id, warehouse_id), quantity in stock.items():
            place = self.stage.shop.place(sku_id, warehouse_id)
            if place is not None:
                place.quantity = quantity

    def _begin_base(self) -> None:
        """The base scenario, until the next slot or the end."""
        now = self.stage.timeline.now
        later = [slot.starts for slot in self.plan.slots if slot.starts > now]
        end = min([*later, self.plan.duration or now + ENDLESS_SCENARIO_SECONDS])
        if not any(slot.starts <= now < slot.ends for slot in self.plan.slots):
            self._switch(self.plan.base, end)
        if end == now + ENDLESS_SCENARIO_SECONDS:
            self.stage.timeline.after(ENDLESS_SCENARIO_SECONDS, self._begin_base)

    def _switch(self, scenario: Scenario, ends: float) -> None:
        self._orders.scenario = scenario
        self._upkeep.open(scenario, self.stage.timeline.instant_at(ends))
        self.crowd.switch(scenario)
        self._attacks.begin_scenario(scenario)


def _bought(clicks: Clicks, visit: Visit, order_id: int) -> None:
    clicks.write(visit, "purchase", order_id)
