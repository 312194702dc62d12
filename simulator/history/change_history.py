"""The tables `sku_price_history` and `customer_tier_history`: what was valid when."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from simulator import columns
from simulator.history.generate import History
from simulator.history.order_steps import DELIVERED, RETURNED
from simulator.randomness import Ints
from simulator.rules import loyalty


def sku_price_history(history: History) -> pa.Table:
    """One row per SKU and price, from its listing on."""
    plan, catalogue = history.plan, history.world.catalogue
    listed = catalogue.product_listed[catalogue.product][:, None]
    began = np.where(catalogue.changed < plan.end, np.maximum(catalogue.changed, listed), plan.end)
    # Of several prices from before the listing only the last one was ever valid.
    following = np.concatenate([began[:, 1:], np.full((catalogue.count, 1), plan.end)], axis=1)
    sku, number = np.nonzero((began < plan.end) & (began < following))
    valid_from = columns.timestamps(began[sku, number])
    return pa.table(
        {
            "sku_id": columns.integers(sku + 1),
            "valid_from": valid_from,
            "price": columns.amounts(catalogue.prices[sku, number]),
            "cost": columns.amounts(catalogue.cost[sku]),
            "created_at": valid_from,
        }
    )


def customer_tier_history(history: History) -> pa.Table:
    """One row per profile and tier: bronze from the registration, then as its orders give it."""
    customer, moment, tier = _tier_changes(history)
    valid_from = columns.timestamps(moment)
    return pa.table(
        {
            "customer_id": columns.integers(customer + 1),
            "valid_from": valid_from,
            "tier": columns.texts(tier, loyalty.TIERS),
            "created_at": valid_from,
        }
    )


def _tier_changes(history: History) -> tuple[Ints, Ints, Ints]:
    """Profile, time and tier of each change, sorted by time."""
    people = history.world.people
    customer, moment, spend, points = _loyalty_events(history)
    order = np.lexsort((moment, customer))
    customer, moment = customer[order], moment[order]
    first = np.searchsorted(customer, customer, side="left")
    spent, earned = (_running_sum(each[order], first) for each in (spend, points))
    tier = loyalty.tiers(spent, earned)
    # Of several events of a profile within one second the last one counts.
    is_last = np.ones(len(customer), dtype=np.bool_)
    is_last[:-1] = (customer[1:] != customer[:-1]) | (moment[1:] != moment[:-1])
    customer, moment, tier = customer[is_last], moment[is_last], tier[is_last]
    is_first = np.searchsorted(customer, customer, side="left") == np.arange(len(customer))
    changes = tier != np.where(is_first, 0, np.concatenate([[0], tier[:-1]]))
    accounts = np.arange(len(people.kind))
    customer = np.concatenate([accounts, customer[changes]])
    moment = np.concatenate([people.registered, moment[changes]])
    tier = np.concatenate([np.zeros(len(accounts), dtype=np.int64), tier[changes]])
    sequence = np.lexsort((customer, moment))
    return customer[sequence], moment[sequence], tier[sequence]


def _loyalty_events(history: History) -> tuple[Ints, Ints, Ints, Ints]:
    """Profile, time, and change of spend (US cents) and points, of each delivery and each returned order."""
    orders, steps = history.orders, history.order_steps
    reported = history.world.rates.reported(history.amounts.total, orders.country, orders.moment)
    delivered = np.flatnonzero((steps.at(DELIVERED) >= 0) & ~orders.is_test)
    returned = np.flatnonzero((steps.at(RETURNED) >= 0) & ~orders.is_test)
    return (
        np.concatenate([orders.user[delivered], orders.user[returned]]),
        np.concatenate([steps.at(DELIVERED)[delivered], steps.at(RETURNED)[returned]]),
        np.concatenate([reported[delivered], -reported[returned]]),
        np.concatenate([loyalty.points(reported[delivered]), np.zeros(len(returned), dtype=np.int64)]),
    )


def _running_sum(values: Ints, first: Ints) -> Ints:
    """Running sums within groups; `first` is the position of each row's group's first row."""
    total = np.cumsum(values)
    return total - (total - values)[first]
