"""Databases with the shop's schema, each its own, on the session's PostgreSQL."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from tests.fixtures.postgres import RunningPostgres
from tradewind.marketplace import schema
from tradewind.stack import postgres as server

ONE_OF_EACH = Path(__file__).parent / "one_of_each.sql"
_numbers = itertools.count(1)


class Shop:
    """The addresses of one database per role."""

    def __init__(self, postgres: RunningPostgres, database: str) -> None:
        self.owner_url = _in_database(postgres.owner_url, database)
        self.app_url = _in_database(postgres.app_url, database)
        self.replication_url = _in_database(postgres.replication_url, database)
        self.superuser_url = _in_database(postgres.superuser_url, database)


def _in_database(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


@pytest.fixture(scope="session")
def new_database(postgres: RunningPostgres) -> Callable[[], Shop]:
    """Makes an empty database that belongs to the owner's role, without the embedded cluster's extras."""

    def make() -> Shop:
        name = f"shop_{next(_numbers)}"
        with psycopg.connect(postgres.superuser_url, autocommit=True) as connection:
            connection.execute(f"create database {name} owner {server.OWNER}".encode())
        return Shop(postgres, name)

    return make


@pytest.fixture(scope="module")
def shop(new_database: Callable[[], Shop]) -> Shop:
    """A database with the schema and one row in every table."""
    made = new_database()
    schema.init(made.owner_url)
    with psycopg.connect(made.app_url) as connection:
        connection.execute(ONE_OF_EACH.read_bytes())
    with psycopg.connect(made.owner_url) as connection:
        connection.execute("select rules.align_identities()")
    return made


@pytest.fixture
def app(shop: Shop) -> Iterator[psycopg.Connection]:
    """A transaction of the application's role that is rolled back."""
    with psycopg.connect(shop.app_url) as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def unruled(shop: Shop) -> Iterator[psycopg.Connection]:
    """A transaction of the owner with the rules' triggers off, rolled back."""
    with psycopg.connect(shop.owner_url) as connection:
        tables = connection.execute(
            "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"
        )
        for (table,) in tables.fetchall():
            connection.execute(f"alter table {table} disable trigger user".encode())
        yield connection
        connection.rollback()
