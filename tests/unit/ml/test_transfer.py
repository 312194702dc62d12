"""The transfer programme: equal to brute force on small cases, and clear about what it cannot do."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from tradewind.ml.errors import DataError
from tradewind.ml.transfer.generate import generate
from tradewind.ml.transfer.problem import Infeasible, Plan, Problem
from tradewind.ml.transfer.solve import solve


def small(seed: int, **changes: object) -> Problem:
    """Two warehouses, two cities, two SKUs with a few whole pieces."""
    generator = np.random.default_rng(seed)
    problem = Problem(
        ["W1", "W2"], ["C1", "C2"], ["S1", "S2"],
        demand=generator.integers(0, 4, (2, 2)).astype(float),
        stock=generator.integers(1, 6, (2, 2)).astype(float),
        capacity=generator.integers(3, 9, 2).astype(float),
        cost=generator.integers(1, 20, (2, 2)).astype(float),
        lead_time=generator.integers(1, 4, (2, 2)).astype(float),
        longest_lead_time=3,
    )  # fmt: skip
    return replace(problem, **changes)  # type: ignore[arg-type]


def brute_force(problem: Problem) -> float | None:
    """The least cost over all plans of whole pieces; None if there is none."""
    lowest = None
    pairs = list(itertools.product(range(2), range(2)))  # city, SKU
    choices = [range(int(problem.demand[pair]) + 1) for pair in pairs]
    for from_first in itertools.product(*choices):
        sent = np.zeros((2, 2, 2))
        for (city, sku), pieces in zip(pairs, from_first, strict=True):
            sent[0, city, sku], sent[1, city, sku] = pieces, problem.demand[city, sku] - pieces
        is_allowed = (
            (sent.sum(axis=1) <= problem.stock).all()
            and (sent.sum(axis=(1, 2)) <= problem.capacity).all()
            and not sent[~problem.is_near].any()
        )
        if is_allowed:
            cost = float((sent.sum(axis=2) * problem.cost).sum())
            lowest = cost if lowest is None else min(lowest, cost)
    return lowest


@pytest.mark.parametrize("seed", range(60))
def test_the_optimum_is_that_of_brute_force(seed: int) -> None:
    problem = small(seed, longest_lead_time=2 + seed % 2)
    expected = brute_force(problem)
    if expected is None:
        with pytest.raises(Infeasible):
            solve(problem)
    else:
        plan = solve(problem)
        assert plan.cost == pytest.approx(expected)
        assert_allowed(problem, plan)


def test_small_cases_are_of_both_kinds() -> None:
    outcomes = [brute_force(small(seed, longest_lead_time=2 + seed % 2)) is None for seed in range(60)]
    assert 10 < sum(outcomes) < 50


def assert_allowed(problem: Problem, plan: Plan) -> None:
    sent = np.zeros((len(problem.warehouses), len(problem.cities), len(problem.skus)))
    np.add.at(sent, (plan.warehouse, plan.city, plan.sku), plan.quantity)
    assert np.allclose(sent.sum(axis=0), problem.needed)
    assert (sent.sum(axis=1) <= problem.stock + 1e-6).all()
    assert (sent.sum(axis=(1, 2)) <= problem.capacity + 1e-6).all()
    assert not sent[~problem.is_near].any()


def test_a_larger_plan_keeps_every_constraint() -> None:
    problem = generate(warehouses=4, cities=12, skus=10, seed=2)
    assert_allowed(problem, solve(problem))
    relaxed = replace(problem, capacity=problem.capacity * 10, stock=problem.stock * 10)
    assert solve(relaxed).cost < solve(problem).cost


def plenty(**changes: object) -> Problem:
    ample = {"stock": np.full((2, 2), 9.0), "capacity": np.full(2, 99.0), "demand": np.full((2, 2), 3.0)}
    return small(1, **(ample | {"lead_time": np.ones((2, 2))} | changes))


@pytest.mark.parametrize(
    ("changes", "constraint", "where"),
    [
        ({"stock": np.array([[9.0, 2.0], [9.0, 1.0]])}, "stock", "S2 in W1, W2"),
        ({"stock": np.array([[9.0, 0.0], [9.0, 0.0]])}, "stock", "S2 in W1, W2"),
        ({"capacity": np.array([4.0, 5.0])}, "capacity", "W1"),
        ({"lead_time": np.array([[1.0, 9.0], [1.0, 9.0]])}, "lead time", "C2 within 3 days"),
    ],
)
def test_what_cannot_be_delivered_names_the_constraint_that_binds(
    changes: dict[str, object], constraint: str, where: str
) -> None:
    with pytest.raises(Infeasible) as caught:
        solve(plenty(**changes))
    assert {each.constraint for each in caught.value.bindings} == {constraint}
    assert caught.value.bindings[0].where == where
    assert where in str(caught.value) and "lower the service level" in str(caught.value)


def test_solving_writes_nothing_to_the_output(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Infeasible):
        solve(plenty(capacity=np.array([4.0, 5.0])))
    assert capfd.readouterr().out == ""


def test_a_lower_service_level_makes_it_possible() -> None:
    tight = plenty(stock=np.array([[9.0, 2.0], [9.0, 1.0]]))
    plan = solve(replace(tight, service_level=0.5))
    assert plan.quantity.sum() == pytest.approx(6.0)


def test_arrays_of_another_shape_or_sign_are_refused_by_name() -> None:
    with pytest.raises(DataError, match="capacity has the shape"):
        plenty(capacity=np.ones(3))
    with pytest.raises(DataError, match="cost has a value"):
        plenty(cost=np.full((2, 2), -1.0))
