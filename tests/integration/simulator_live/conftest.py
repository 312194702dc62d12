"""Small shops, each test module its own, on the session's PostgreSQL or MariaDB."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.fixtures.mariadb import RunningMariadb
from tests.fixtures.postgres import RunningPostgres
from tests.integration.marketplace.conftest import Shop
from tradewind.marketplace import schema
from tradewind.source.mysql.connection import connect, rows, run_all
from tradewind.stack import postgres as server

WORLD = Path(__file__).parent / "world.sql"
_anonymous_count = itertools.count(1)


class SmallShop(Shop):
    """A shop with questions that tests ask of it."""

    def value(self, query: str, *parameters: object) -> object:
        """The first value of the first row."""
        with psycopg.connect(self.owner_url) as connection:
            row = connection.execute(query.encode(), list(parameters) or None).fetchone()
            assert row is not None
            return row[0]

    def violations(self) -> list[tuple[object, ...]]:
        """Everything that breaks a rule."""
        with psycopg.connect(self.owner_url) as connection:
            return connection.execute("select * from rules.violations()").fetchall()


def new_shop(postgres: RunningPostgres, filled: bool = True) -> SmallShop:
    """A database of its own with the schema, and with the small world unless it shall be empty."""
    name = f"live_{next(_anonymous_count)}"
    with psycopg.connect(postgres.superuser_url, autocommit=True) as connection:
        connection.execute(f"create database {name} owner {server.OWNER}".encode())
    made = SmallShop(postgres, name)
    schema.init(made.owner_url)
    if filled:
        with psycopg.connect(made.app_url) as connection:
            connection.execute(WORLD.read_bytes())
        with psycopg.connect(made.owner_url) as connection:
            connection.execute("select rules.align_identities()")
    return made


class SmallMariadbShop:
    """The same shop on MariaDB, asked the same questions."""

    def __init__(self, mariadb: RunningMariadb) -> None:
        self.owner_url, self.app_url = mariadb.url("owner"), mariadb.url("app")

    def value(self, query: str, *parameters: object) -> object:
        """The first value of the first row."""
        with connect(self.owner_url) as connection:
            return rows(connection, query, *parameters)[0][0]

    def violations(self) -> list[tuple[object, ...]]:
        """Everything that breaks a rule."""
        with connect(self.owner_url) as connection:
            return rows(connection, "select * from violations")


AnyShop = SmallShop | SmallMariadbShop


def new_mariadb_shop(mariadb: RunningMariadb, filled: bool = True) -> SmallMariadbShop:
    """The server's only shop, made anew: with the small world unless it shall be empty."""
    mariadb.empty()
    made = SmallMariadbShop(mariadb)
    schema.init(made.owner_url)
    if filled:
        with connect(made.app_url) as connection:
            run_all(connection, WORLD.read_text())
    return made


@pytest.fixture(scope="module", params=["postgresql", "mariadb"])
def either(request: pytest.FixtureRequest) -> AnyShop:
    """The small world on each family."""
    if request.param == "mariadb":
        return new_mariadb_shop(request.getfixturevalue("mariadb"))
    return new_shop(request.getfixturevalue("postgres"))


@pytest.fixture(scope="module")
def shop(postgres: RunningPostgres) -> Iterator[SmallShop]:
    """The small world."""
    yield new_shop(postgres)
