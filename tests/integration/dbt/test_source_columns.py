"""A source table gains and loses columns: once its model is written anew, the next build has them all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.fixtures.dbt import DbtRun, DbtWarehouse, run_started
from tests.fixtures.postgres import RunningPostgres
from tests.integration.dbt.changes import Change, write
from tradewind.marketplace import schema
from tradewind.settings import PROJECT_ROOT
from tradewind.source.catalog import read_catalog
from tradewind.source.layer import FOLDER, generate
from tradewind.stack import postgres as server

pytestmark = pytest.mark.timeout(600)

DATABASE = "source_columns"
MODEL = "ods_suppliers"
PROJECT = ("dbt_project", "macros", "seeds", "dbt_project.yml", "profiles.yml")


class Suppliers:
    """The source's table of suppliers, its change log, and a copy of the project with its model."""

    def __init__(self, owner_url: str, dbt: DbtWarehouse, project: Path) -> None:
        self.owner_url = owner_url
        self.dbt = dbt
        self.project = project
        self.lsn = 100
        self.now = datetime(2026, 1, 1)

    def alter(self, change: str) -> None:
        """Change the table in the source."""
        with psycopg.connect(self.owner_url, autocommit=True) as connection:
            connection.execute(f"alter table suppliers {change}".encode())

    def write_models(self) -> None:
        """What `tradewind source models` does."""
        for name, text in generate(read_catalog(self.owner_url)).files.items():
            (self.project / FOLDER / name).write_text(text)

    def put(self, supplier_id: int, **row: Any) -> None:
        """A change that arrives."""
        self.lsn += 10
        after = {"supplier_id": supplier_id, "supplier_name": f"name {supplier_id}", "country": "TH"} | row
        change = Change("u", self.lsn, {"supplier_id": supplier_id}, after=after)
        write(self.dbt.client(), "bronze.suppliers", [change], arrived_at=self.now)

    def run(self) -> DbtRun:
        """A build an hour later, so that no overlap reads a change again."""
        self.now += timedelta(hours=1)
        place = {"DBT_PROJECT_DIR": str(self.project), "DBT_PROFILES_DIR": str(self.project)}
        return self.dbt.dbt("run", "--select", MODEL, environment=place | run_started(self.now))

    def build(self) -> None:
        done = self.run()
        assert done.code == 0, done.output[-6000:]

    def refused(self, file: str, text: str, instead: str) -> str:
        """What a build says while a file of the model has another text."""
        path = self.project / FOLDER / file
        right = path.read_text()
        assert text in right
        path.write_text(right.replace(text, instead))
        done = self.run()
        path.write_text(right)
        assert done.code == 1
        return done.output

    def read(self, *columns: str) -> dict[int, tuple[Any, ...]]:
        query = f"select supplier_id, {', '.join(columns)} from ods.{MODEL}"
        return {row[0]: tuple(row[1:]) for row in self.dbt.client().query(query).result_rows}

    def built_at(self) -> Any:
        query = f"select built_at from ops.dbt_models where model = 'ods.{MODEL}'"
        return self.dbt.client().query(query).result_rows[0][0]

    def columns(self) -> set[str]:
        return {row[0] for row in self.dbt.client().query(f"describe table ods.{MODEL}").result_rows}


@pytest.fixture(scope="module")
def suppliers(
    postgres: RunningPostgres, dbt_warehouse: DbtWarehouse, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Suppliers]:
    with psycopg.connect(postgres.superuser_url, autocommit=True) as connection:
        connection.execute(f"create database {DATABASE} owner {server.OWNER}".encode())
    owner_url = postgres.owner_url.replace("/ecomm", f"/{DATABASE}")
    schema.init(owner_url)
    project = tmp_path_factory.mktemp("project")
    for name in PROJECT:
        source = PROJECT_ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, project / name)
    yield Suppliers(owner_url, dbt_warehouse, project)


def test_a_column_is_filled_though_its_values_came_before_the_model_had_it(suppliers: Suppliers) -> None:
    suppliers.put(1, lead_time_days=7)
    suppliers.put(2, lead_time_days=7)
    suppliers.build()
    built_at = suppliers.built_at()
    suppliers.alter("add column colour text, add column labels text[]")
    suppliers.put(1, colour="red", labels=["a"], lead_time_days=8)
    suppliers.build()
    suppliers.put(3, colour="blue", labels=[], lead_time_days=9)
    suppliers.write_models()
    suppliers.build()
    assert suppliers.read("lead_time_days", "colour", "labels") == {
        1: (8, "red", ["a"]),
        2: (7, None, []),
        3: (9, "blue", []),
    }
    assert suppliers.built_at() == built_at


def test_a_later_run_reads_only_what_is_new(suppliers: Suppliers) -> None:
    query = f"select count() from ods.{MODEL} settings final = 0"
    before = suppliers.dbt.client().command(query)
    suppliers.build()
    assert suppliers.dbt.client().command(query) == before


def test_a_column_that_is_dropped_is_gone(suppliers: Suppliers) -> None:
    suppliers.alter("drop column colour, drop column labels")
    suppliers.put(2, lead_time_days=10)
    suppliers.write_models()
    suppliers.build()
    assert suppliers.read("lead_time_days") == {1: (8,), 2: (10,), 3: (9,)}
    assert suppliers.columns().isdisjoint({"colour", "labels"})


def test_a_type_that_is_not_the_declared_one_stops_the_insert_and_is_named(suppliers: Suppliers) -> None:
    before = suppliers.read("lead_time_days")
    suppliers.put(4, lead_time_days=11)
    said = suppliers.refused(f"{MODEL}.sql", "'lead_time_days': 'int'", "'lead_time_days': 'bigint'")
    assert f"{MODEL} breaks its contract" in said and "['lead_time_days']" in said
    assert suppliers.read("lead_time_days") == before
    suppliers.build()
    assert suppliers.read("lead_time_days") == before | {4: (11,)}


def test_a_table_that_has_another_type_is_to_be_built_anew(suppliers: Suppliers) -> None:
    suppliers.dbt.client().command(f"alter table ods.{MODEL} modify column lead_time_days Nullable(Int64)")
    suppliers.put(5, lead_time_days=12)  # without anything new, a run leaves the table as it is
    done = suppliers.run()
    assert done.code == 1
    assert "has lead_time_days as Nullable(Int64), its YAML as Nullable(Int32)" in done.output
    assert "--full-refresh" in done.output
