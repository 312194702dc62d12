"""Sellers, suppliers and warehouses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from simulator import columns, parameters
from simulator.plan import DAY, Plan
from simulator.randomness import Choice, Ints, Stream
from simulator.rules.contracts import COMMISSION_PER_MYRIAD, TIERS, neighbouring_tier
from simulator.world import names
from simulator.world.catalogue import NEVER
from simulator.world.people import SELLER, People
from simulator.world.places import CITIES, COUNTRY_CODES, draw_cities

_WAREHOUSE_ZONE = "Asia/Bangkok"


@dataclass(frozen=True)
class Suppliers:
    """Suppliers' lead times, in days."""

    lead_days: Ints


def make_suppliers(plan: Plan) -> Suppliers:
    """All suppliers of a plan."""
    lowest, highest = parameters.LEAD_TIME_DAYS
    return Suppliers(Stream(plan.seed, "suppliers").between(lowest, highest, plan.size.suppliers))


def suppliers(plan: Plan, made: Suppliers) -> pa.Table:
    """The table `suppliers`."""
    stream, count = Stream(plan.seed, "suppliers", "table"), len(made.lead_days)
    founded = columns.timestamps(plan.start - DAY * stream.split("founded").between(30, 900, count))
    return pa.table(
        {
            "supplier_id": columns.integers(np.arange(count) + 1),
            "supplier_name": _company_names(stream, count, names.SUPPLIER_WORDS, names.SUPPLIER_KINDS),
            "status": columns.constant("active", count),
            "country": columns.texts(
                stream.split("country").choose(Choice((60, 5, 10, 5, 10, 10)), count), COUNTRY_CODES
            ),
            "contact_email": pa.array(
                [f"orders@supplier{at + 1}.example" for at in range(count)], pa.string()
            ),
            "lead_time_days": columns.integers(made.lead_days),
            "created_at": founded,
            "updated_at": founded,
        }
    )


@dataclass(frozen=True)
class Sellers:
    """Columns of sellers; a contract's tier gives its commission rate."""

    country: Ints
    city: Ints
    joined: Ints
    tiers: Ints
    """A row per seller: the tier when it joined, and after each change of its contract."""
    changed: Ints
    """A row per seller: when each of these contracts began; NEVER where there was no such change."""

    @property
    def tier(self) -> Ints:
        """The tier at the end of the history."""
        last = (self.changed < NEVER).sum(axis=1) - 1
        tier: Ints = self.tiers[np.arange(len(self.tiers)), last]
        return tier

    def commission_at(self, sellers: Ints, seconds: Ints) -> Ints:
        """Commission rates, in ten-thousandths, of sellers at these times."""
        began = (self.changed[sellers] <= seconds[:, None]).sum(axis=1) - 1
        rates: Ints = COMMISSION_PER_MYRIAD[self.tiers[sellers, np.maximum(began, 0)]]
        return rates


def make_sellers(plan: Plan) -> Sellers:
    """All sellers of a plan."""
    stream, count = Stream(plan.seed, "sellers"), plan.size.sellers
    country = stream.split("country").choose(Choice((64, 6, 10, 6, 8, 6)), count)
    joined = plan.start - DAY * stream.split("joined").between(10, 1_200, count)
    present = stream.split("tier").choose(Choice((60, 30, 10)), count)
    tiers, changed = _contracts(stream.split("contracts"), plan, present, joined)
    return Sellers(country, draw_cities(stream.split("city"), country), joined, tiers, changed)


def _contracts(stream: Stream, plan: Plan, present: Ints, joined: Ints) -> tuple[Ints, Ints]:
    """Tiers and times of all contracts: each change is one tier up or down, ending in the present one."""
    weights, count = parameters.SELLER_CONTRACT_CHANGE_WEIGHTS, len(present)
    changes = stream.split("changes").choose(Choice(weights), count)
    most = len(weights) - 1
    tiers = np.empty((count, most + 1), dtype=np.int64)
    changed = np.full((count, most + 1), NEVER, dtype=np.int64)
    tiers[:, most], changed[:, 0] = present, joined
    for time in range(most, 0, -1):
        is_up = stream.split("up", time).happens(0.5, count)
        before = neighbouring_tier(tiers[:, time], ~is_up)
        tiers[:, time - 1] = np.where(changes >= most + 1 - time, before, tiers[:, time])
        slot = plan.days * DAY // (most + 1)
        when = plan.start + time * slot + stream.split("when", time).below(slot, count)
        changed[:, time] = np.where(changes >= most + 1 - time, when, NEVER)
    return _without_gaps(tiers, changed)


def _without_gaps(tiers: Ints, changed: Ints) -> tuple[Ints, Ints]:
    """Contracts sorted by their beginning; unused columns, whose beginning is NEVER, at the end."""
    order = np.argsort(changed, axis=1, kind="stable")
    return np.take_along_axis(tiers, order, axis=1), np.take_along_axis(changed, order, axis=1)


def sellers_table(
    plan: Plan, people: People, made: Sellers, rating_sum: Ints, rating_count: Ints
) -> pa.Table:
    """The table `sellers`; ratings are the sum and number of ratings of their products."""
    stream, count = Stream(plan.seed, "sellers"), plan.size.sellers
    accounts = np.full(count, columns.NULL)
    owners = people.of_kind(SELLER)[:count]
    accounts[: len(owners)] = owners + 1
    average = np.where(
        rating_count > 0, (rating_sum * 200 + rating_count) // np.maximum(2 * rating_count, 1), -1
    )
    joined = columns.timestamps(made.joined)
    last_changed = np.where(made.changed < NEVER, made.changed, 0).max(axis=1)
    return pa.table(
        {
            "seller_id": columns.integers(np.arange(count) + 1),
            "user_id": columns.integers(accounts),
            "seller_name": _company_names(stream, count, names.SHOP_WORDS, names.SHOP_KINDS),
            "status": columns.constant("active", count),
            "tier": columns.texts(made.tier, TIERS),
            "rating_avg": columns.decimals(average, 2),
            "commission_rate": columns.decimals(COMMISSION_PER_MYRIAD[made.tier], 4),
            "city": columns.texts(made.city, [place.name for place in CITIES]),
            "state": columns.texts(made.city, [place.state for place in CITIES]),
            "postal_code": columns.texts(made.city, [place.postal_code for place in CITIES]),
            "country": columns.texts(made.country, COUNTRY_CODES),
            "joined_at": joined,
            "created_at": joined,
            "updated_at": columns.timestamps(last_changed),
        }
    )


def seller_contract_history(made: Sellers) -> pa.Table:
    """The table `seller_contract_history`: one row per seller and contract."""
    seller, number = np.nonzero(made.changed < NEVER)
    tier, valid_from = made.tiers[seller, number], columns.timestamps(made.changed[seller, number])
    return pa.table(
        {
            "seller_id": columns.integers(seller + 1),
            "valid_from": valid_from,
            "tier": columns.texts(tier, TIERS),
            "commission_rate": columns.decimals(COMMISSION_PER_MYRIAD[tier], 4),
            "created_at": valid_from,
        }
    )


def warehouses(plan: Plan) -> pa.Table:
    """The table `warehouses`."""
    made, count = parameters.WAREHOUSES, len(parameters.WAREHOUSES)
    opened = columns.timestamps(np.full(count, plan.start - 1_000 * DAY))
    return pa.table(
        {
            "warehouse_id": columns.integers(np.arange(count) + 1),
            "warehouse_name": pa.array([warehouse.name for warehouse in made]),
            "city": pa.array([warehouse.city for warehouse in made]),
            "state": pa.array([warehouse.state for warehouse in made]),
            "country": columns.constant("TH", count),
            "postal_code": pa.array([warehouse.postal_code for warehouse in made]),
            "time_zone": columns.constant(_WAREHOUSE_ZONE, count),
            "capacity": pa.array([warehouse.capacity for warehouse in made], pa.int64()),
            "is_active": columns.booleans(np.ones(count, dtype=np.bool_)),
            "created_at": opened,
            "updated_at": opened,
        }
    )


def _company_names(stream: Stream, count: int, first: tuple[str, ...], second: tuple[str, ...]) -> pa.Array:
    firsts = stream.split("name").below(len(first), count).tolist()
    seconds = stream.split("kind").below(len(second), count).tolist()
    pairs = zip(firsts, seconds, range(1, count + 1), strict=True)
    return pa.array([f"{first[one]} {second[two]} {number}" for one, two, number in pairs], pa.string())
