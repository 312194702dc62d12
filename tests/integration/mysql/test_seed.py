"""A simulated history is the same shop on both families, row for row."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys

import psycopg
import pytest

from simulator.checksums import checksums
from simulator.plan import make_plan
from simulator.seed import SeedReport, seed
from tests.fixtures.mariadb import RunningMariadb
from tests.fixtures.postgres import RunningPostgres
from tests.integration.marketplace.conftest import _in_database
from tradewind.marketplace import schema
from tradewind.marketplace.loaders import olist
from tradewind.settings import PROJECT_ROOT
from tradewind.source.errors import LoadError
from tradewind.source.mysql.connection import connect, rows
from tradewind.stack import postgres as server

PLAN = make_plan("small", 7, 60, dt.date(2026, 6, 1), dt.date(2026, 6, 1))


@pytest.fixture(scope="module")
def seeded(mariadb: RunningMariadb) -> tuple[RunningMariadb, SeedReport]:
    mariadb.empty()
    schema.init(mariadb.url("owner"))
    return mariadb, seed(mariadb.url("owner"), PLAN)


@pytest.fixture(scope="module")
def postgresql(postgres: RunningPostgres) -> str:
    with psycopg.connect(postgres.superuser_url, autocommit=True) as connection:
        connection.execute(f"create database seeded owner {server.OWNER}".encode())
    url = _in_database(postgres.owner_url, "seeded")
    schema.init(url)
    seed(url, PLAN)
    return url


def test_every_table_has_postgresqls_checksum(
    seeded: tuple[RunningMariadb, SeedReport], postgresql: str
) -> None:
    ours = checksums(seeded[0].url("owner"))
    assert ours == checksums(postgresql)
    assert {name: int(text.split(":")[0]) for name, text in ours.items() if name in seeded[1].rows} == {
        **seeded[1].rows
    }


def test_no_rule_is_broken(seeded: tuple[RunningMariadb, SeedReport]) -> None:
    with connect(seeded[0].url("app")) as connection:
        assert rows(connection, "select * from violations") == []
        assert rows(connection, "select count(*) > 100 from orders") == [(1,)]


def test_life_goes_on_after_the_last_identifiers(seeded: tuple[RunningMariadb, SeedReport]) -> None:
    with connect(seeded[0].url("app")) as connection:
        ((sku, warehouse, last),) = rows(
            connection,
            "select sku_id, warehouse_id, (select max(log_id) from inventory_log) "
            "from inventory where quantity > 0 limit 1",
        )
        assert isinstance(last, int)
        rows(connection, "select take_stock(%s, %s, 1, null, now(6), 'write_off')", sku, warehouse)
        assert rows(connection, "select max(log_id) > %s from inventory_log", last) == [(1,)]
        connection.rollback()


def test_a_second_seed_is_refused(seeded: tuple[RunningMariadb, SeedReport]) -> None:
    with pytest.raises(LoadError, match="the shop already holds data"):
        seed(seeded[0].url("owner"), PLAN)


def test_the_command_takes_an_address_of_either_family(seeded: tuple[RunningMariadb, SeedReport]) -> None:
    command = [sys.executable, "-m", "application.cli", "source", "checksums", "--json", "--url"]
    done = subprocess.run(
        [*command, seeded[0].url("owner")], capture_output=True, text=True, timeout=120, cwd=PROJECT_ROOT
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == checksums(seeded[0].url("owner"))


def test_a_real_data_set_says_that_it_needs_postgresql(seeded: tuple[RunningMariadb, SeedReport]) -> None:
    with pytest.raises(LoadError, match="name a PostgreSQL database"):
        olist.load(seeded[0].url("owner"), PROJECT_ROOT)
