"""The shop on a MariaDB server: the same rows as on PostgreSQL, one in every table."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fixtures.mariadb import RunningMariadb
from tests.integration.marketplace.conftest import ONE_OF_EACH
from tradewind.marketplace import schema
from tradewind.source.mysql.connection import Connection, connect, run_all


@pytest.fixture(scope="module")
def shop(mariadb: RunningMariadb) -> RunningMariadb:
    """The server with the schema and one row in every table, whatever other modules left there."""
    mariadb.empty()
    schema.init(mariadb.url("owner"))
    with connect(mariadb.url("app")) as connection:
        run_all(connection, ONE_OF_EACH.read_text())
    return mariadb


@pytest.fixture
def app(shop: RunningMariadb) -> Iterator[Connection]:
    """A transaction of the application's account that is rolled back."""
    with connect(shop.url("app")) as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def unruled(shop: RunningMariadb) -> Iterator[Connection]:
    """A transaction of the owner with the row rules at rest, rolled back."""
    with connect(shop.url("owner")) as connection:
        run_all(connection, "insert into rules.writers values (connection_id(), true)")
        yield connection
        connection.rollback()
