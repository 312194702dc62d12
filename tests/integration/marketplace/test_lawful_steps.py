"""No lawful step is ever refused, and none leaves a violation, on PostgreSQL."""

from __future__ import annotations

from typing import Any

import psycopg
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.integration.marketplace.conftest import Shop
from tests.integration.marketplace.lawful_steps import LawfulSteps

STEPS = settings(
    max_examples=25,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


class Postgres:
    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def run(self, *statements: str) -> None:
        for statement in statements:
            self._connection.execute(statement.encode())
        self._connection.execute("set constraints all immediate")
        self._connection.execute("set constraints all deferred")

    def rows(self, query: str) -> list[Any]:
        return self._connection.execute(query.encode()).fetchall()

    def violations(self) -> list[Any]:
        return self.rows("select * from rules.violations()")

    def take_stock(self, quantity: int) -> None:
        self.run(f"select rules.take_stock(1, 1, {quantity})")

    def roll_back(self) -> None:
        self._connection.rollback()


def test_lawful_steps_never_get_stuck(shop: Shop) -> None:
    with psycopg.connect(shop.owner_url) as connection:
        run_state_machine_as_test(lambda: LawfulSteps(Postgres(connection)), settings=STEPS)
