"""Histories that the tests of the simulator look at; made once, without a database."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from simulator.history.generate import History, generate_history
from simulator.plan import Plan, make_plan

TODAY = dt.date(2026, 1, 10)


def plan_of(size: str, seed: int = 1, days: int | None = None) -> Plan:
    """A plan that ends on the tests' fixed day: a year with all holidays and sales."""
    return make_plan(size, seed, days, TODAY, TODAY)


@pytest.fixture(scope="session")
def small() -> History:
    return generate_history(plan_of("small"))


@pytest.fixture(scope="session")
def medium() -> History:
    return generate_history(plan_of("medium"))


def returned_lines(history: History) -> np.ndarray:
    """Positions of the order lines that are sent back."""
    line = history.return_rows.line
    return line[line >= 0]
