"""Sellers, suppliers and warehouses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from simulator import columns, parameters
from simulator.plan import DAY, Plan
from simulator.randomness import Choice, Ints, Stream
from simulator.world import names
from simulator.world.people import SELLER, People
from simulator.world.places import CITIES, COUNTRY_CODES, draw_cities

TIERS = ("silver", "gold", "platinum")
COMMISSION_PER_MYRIAD = (1_200, 1_000, 800)
"""Commission rate by tier, in ten-thousandths."""
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


def sellers(plan: Plan, people: People, rating_sum: Ints, rating_count: Ints) -> pa.Table:
    """The table `sellers`; ratings are the sum and number of ratings of their products."""
    stream, count = Stream(plan.seed, "sellers"), plan.size.sellers
    country = stream.split("country").choose(Choice((64, 6, 10, 6, 8, 6)), count)
    city = draw_cities(stream.split("city"), country)
    tier = stream.split("tier").choose(Choice((60, 30, 10)), count)
    joined = plan.start - DAY * stream.split("joined").between(10, 1_200, count)
    accounts = np.full(count, columns.NULL)
    owners = people.of_kind(SELLER)[:count]
    accounts[: len(owners)] = owners + 1
    average = np.where(
        rating_count > 0, (rating_sum * 200 + rating_count) // np.maximum(2 * rating_count, 1), -1
    )
    return pa.table(
        {
            "seller_id": columns.integers(np.arange(count) + 1),
            "user_id": columns.integers(accounts),
            "seller_name": _company_names(stream, count, names.SHOP_WORDS, names.SHOP_KINDS),
            "status": columns.constant("active", count),
            "tier": columns.texts(tier, TIERS),
            "rating_avg": columns.decimals(average, 2),
            "commission_rate": columns.decimals(np.array(COMMISSION_PER_MYRIAD)[tier], 4),
            "city": columns.texts(city, [place.name for place in CITIES]),
            "state": columns.texts(city, [place.state for place in CITIES]),
            "postal_code": columns.texts(city, [place.postal_code for place in CITIES]),
            "country": columns.texts(country, COUNTRY_CODES),
            "joined_at": columns.timestamps(joined),
            "created_at": columns.timestamps(joined),
            "updated_at": columns.timestamps(joined),
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
