"""No lawful step is ever refused, and none leaves a violation, on a MySQL-family server."""

from __future__ import annotations

from typing import Any

from hypothesis.stateful import run_state_machine_as_test

from tests.fixtures.mariadb import RunningMariadb
from tests.integration.marketplace.lawful_steps import LawfulSteps
from tests.integration.marketplace.test_lawful_steps import STEPS
from tradewind.source.mysql.connection import Connection, connect, rows, run_all


class Mysql:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def run(self, *statements: str) -> None:
        for statement in statements:
            run_all(self._connection, statement)

    def rows(self, query: str) -> list[Any]:
        return rows(self._connection, query)

    def violations(self) -> list[Any]:
        return self.rows("select * from violations")

    def take_stock(self, quantity: int) -> None:
        self.rows(f"select take_stock(1, 1, {quantity}, null, now(6), 'sale')")

    def roll_back(self) -> None:
        self._connection.rollback()


def test_lawful_steps_never_get_stuck(shop: RunningMariadb) -> None:
    with connect(shop.url("owner")) as connection:
        run_state_machine_as_test(lambda: LawfulSteps(Mysql(connection)), settings=STEPS)
