"""How many rows a seed gives: the counts of the small shop, whatever the seed and the length."""

from __future__ import annotations

from collections import Counter

import pytest

from simulator.history.generate import History, generate_history
from simulator.history.tables import all_tables
from tests.unit.simulator.conftest import plan_of

EXACT = {
    "users": 500,
    "sellers": 50,
    "products": 200,
    "orders": 2_000,
    "user_events": 10_000,
    "vouchers": 7,
    "warehouses": 5,
}
ABOUT = {
    "product_skus": 600,
    "inventory": 3_000,
    "order_items": 6_000,
    "payments": 1_400,
    "shipments": 1_200,
    "reviews": 800,
}


def rows(history: History) -> Counter[str]:
    counted: Counter[str] = Counter()
    for name, table in all_tables(history, 1):
        counted[name] += table.num_rows
    return counted


@pytest.mark.parametrize(("seed", "days"), [(1, None), (2, None), (77, None), (5, 800)])
def test_small_has_the_counts_it_promises(seed: int, days: int | None) -> None:
    counted = rows(generate_history(plan_of("small", seed, days)))
    assert {name: counted[name] for name in EXACT} == EXACT
    for name, count in ABOUT.items():
        assert counted[name] == pytest.approx(count, rel=0.05), name


def test_every_table_has_rows(small: History) -> None:
    counted = rows(small)
    assert len(counted) == 36
    assert min(counted.values()) > 0


@pytest.mark.parametrize("days", [30, 90])
def test_a_shorter_history_has_the_exact_counts_too(days: int) -> None:
    """What only follows orders (parcels, reviews) has less time to, so it is less."""
    counted = rows(generate_history(plan_of("small", days=days)))
    assert {name: counted[name] for name in EXACT} == EXACT


def test_medium_has_the_counts_it_promises(medium: History) -> None:
    plan = medium.plan.size
    assert (plan.users, plan.products) == (10_000, 1_000)
    assert len(medium.world.people.kind) == 10_000
    assert medium.orders.count == plan.orders
