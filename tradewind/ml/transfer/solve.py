"""The transfer problem as a linear programme, solved by HiGHS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tradewind.ml.panel import Floats, Ints
from tradewind.ml.transfer import solver
from tradewind.ml.transfer.problem import Binding, Infeasible, Plan, Problem

NOTHING = 1e-7


def solve(problem: Problem) -> Plan:
    """The cheapest plan; Infeasible names the constraints that prevent every plan."""
    columns = _columns(problem)
    direct = _cheapest_everywhere(problem, columns)
    if direct is not None:
        return direct
    solution = _run(problem, columns, is_elastic=False)
    if solution is None:
        raise _infeasible(problem, columns)
    return _plan(problem, columns, solution.values)


@dataclass(frozen=True)
class _Columns:
    """One per warehouse, city and SKU between which something may flow."""

    warehouse: Ints
    city: Ints
    sku: Ints
    row: Ints
    """The demand that it serves, by its place among `demands`."""
    demands: tuple[Ints, Ints]
    """City and SKU of every demand above 0."""


@dataclass(frozen=True)
class _Solution:
    values: Floats
    duals: Floats


def _columns(problem: Problem) -> _Columns:
    demands = np.nonzero(problem.needed > 0)
    city, sku = demands
    usable = problem.is_near[:, city] & (problem.stock[:, sku] > 0) & (problem.capacity > 0)[:, None]
    row, warehouse = np.nonzero(usable.T)
    return _Columns(warehouse, city[row], sku[row], row, (city, sku))


def _cheapest_everywhere(problem: Problem, columns: _Columns) -> Plan | None:
    """Every demand from its cheapest warehouse: the optimum, if stock and capacity allow it."""
    count = len(columns.demands[0])
    cost = problem.cost[columns.warehouse, columns.city]
    order = np.lexsort((columns.warehouse, cost, columns.row))
    rows, first = np.unique(columns.row[order], return_index=True)
    if len(rows) < count:
        return None
    chosen = order[first]
    quantity = problem.needed[columns.demands]
    stock = np.zeros_like(problem.stock)
    np.add.at(stock, (columns.warehouse[chosen], columns.sku[chosen]), quantity)
    if (stock > problem.stock + NOTHING).any() or (stock.sum(axis=1) > problem.capacity + NOTHING).any():
        return None
    values = np.zeros(len(columns.row))
    values[chosen] = quantity
    return _plan(problem, columns, values)


def _run(problem: Problem, columns: _Columns, *, is_elastic: bool) -> _Solution | None:
    """Solve; None if there is no solution. Elastic: the least shortfall instead of the least cost."""
    import highspy

    city, sku = columns.demands
    demands, flows = len(city), len(columns.row)
    slacks = demands if is_elastic else 0
    warehouses, skus = problem.stock.shape
    needed = problem.needed[city, sku]
    highs = solver.new()
    highs.setOptionValue("threads", 2)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = flows + slacks, demands + warehouses * skus + warehouses
    flow_cost = np.zeros(flows) if is_elastic else problem.cost[columns.warehouse, columns.city]
    model.col_cost_ = np.concatenate([flow_cost, np.ones(slacks)])
    model.col_lower_ = np.zeros(flows + slacks)
    model.col_upper_ = np.concatenate([needed[columns.row], needed[:slacks]])
    free = np.full(warehouses * skus + warehouses, -highspy.kHighsInf)
    model.row_lower_ = np.concatenate([needed, free])
    model.row_upper_ = np.concatenate([needed, problem.stock.reshape(-1), problem.capacity])
    stock_row = demands + columns.warehouse * skus + columns.sku
    capacity_row = demands + warehouses * skus + columns.warehouse
    entries = np.stack([columns.row, stock_row, capacity_row], axis=1).reshape(-1)
    starts = np.concatenate([np.arange(flows) * 3, flows * 3 + np.arange(slacks + 1)])
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = starts
    model.a_matrix_.index_ = np.concatenate([entries, np.arange(slacks)])
    model.a_matrix_.value_ = np.ones(flows * 3 + slacks)
    highs.passModel(model)
    highs.run()
    return _solution(highs, highspy)


def _solution(highs: Any, highspy: Any) -> _Solution | None:
    status = highs.getModelStatus()
    if status == highspy.HighsModelStatus.kInfeasible:
        return None
    if status != highspy.HighsModelStatus.kOptimal:
        raise RuntimeError(f"HiGHS ended without an optimum: {highs.modelStatusToString(status)}")
    found = highs.getSolution()
    return _Solution(np.asarray(found.col_value), np.asarray(found.row_dual))


def _infeasible(problem: Problem, columns: _Columns) -> Infeasible:
    """Find the least shortfall; the constraints whose relaxation would lessen it are those that bind."""
    solution = _run(problem, columns, is_elastic=True)
    if solution is None:
        raise RuntimeError("HiGHS found the problem with a shortfall allowed infeasible")
    demands, (warehouses, skus) = len(columns.demands[0]), problem.stock.shape
    short = solution.values[len(columns.row) :]
    stock_duals = solution.duals[demands : demands + warehouses * skus].reshape(warehouses, skus)
    capacity_duals = solution.duals[demands + warehouses * skus :]
    bindings = [
        Binding("capacity", problem.warehouses[at])
        for at in np.flatnonzero(capacity_duals < -NOTHING).tolist()
    ]
    bindings += _without_stock(problem, columns, short, stock_duals)
    bindings += _too_far(problem, columns, short)
    return Infeasible(bindings, float(short.sum()))


def _without_stock(problem: Problem, columns: _Columns, short: Floats, duals: Floats) -> list[Binding]:
    """Per SKU: the warehouses whose stock binds, with the pieces that are short of it."""
    found = []
    by_sku = np.bincount(columns.demands[1], weights=short, minlength=len(problem.skus))
    empty = (problem.stock <= 0) & (problem.capacity > 0)[:, None]
    binding = (duals < -NOTHING) | (empty & (by_sku > NOTHING)[None, :])
    for sku in np.flatnonzero(binding.any(axis=0) & (by_sku > NOTHING)).tolist():
        names = ", ".join(problem.warehouses[at] for at in np.flatnonzero(binding[:, sku]).tolist())
        found.append(Binding("stock", f"{problem.skus[sku]} in {names}", float(by_sku[sku])))
    return found


def _too_far(problem: Problem, columns: _Columns, short: Floats) -> list[Binding]:
    """Cities with a shortfall that some warehouse could serve if the lead time might be longer."""
    by_city = np.bincount(columns.demands[0], weights=short, minlength=len(problem.cities))
    is_cut_off = ~problem.is_near.all(axis=0) & (by_city > NOTHING)
    return [
        Binding(
            "lead time", f"{problem.cities[at]} within {problem.longest_lead_time:g} days", float(by_city[at])
        )
        for at in np.flatnonzero(is_cut_off).tolist()
    ]


def _plan(problem: Problem, columns: _Columns, values: Floats) -> Plan:
    used = np.flatnonzero(values > NOTHING)
    warehouse, city = columns.warehouse[used], columns.city[used]
    quantity = values[used]
    cost = float((problem.cost[warehouse, city] * quantity).sum())
    return Plan(cost, warehouse, city, columns.sku[used], quantity)
