"""A database that nobody here designed: captured, its models generated and built; the ODS equals it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.fixtures.capture import RunningCapture, source_for_capture
from tests.fixtures.dbt import BATCH, DbtRun, DbtWarehouse
from tests.fixtures.postgres import RunningPostgres
from tradewind.settings import PROJECT_ROOT
from tradewind.source.catalog import read_catalog
from tradewind.source.drift import compare_with_catalog, compare_with_events
from tradewind.source.layer import FOLDER, Written, write_models
from tradewind.warehouse.seen_columns import read_seen_columns

pytestmark = pytest.mark.timeout(900)

DATABASE = "strange"
PROJECT = ("macros", "dbt_project.yml", "profiles.yml", "dbt_project/docs", "dbt_project/tests/generic")
FILES = ("dbt_project/models/groups.yml",)

TABLES = (
    "create type price as (amount int, note text)",
    "create type mood as enum ('good', 'so-so')",
    "create domain amount as numeric(10, 2)",
    '''create table "Odd Names" (
        "it's" bigint primary key, "say ""hi""" text, "back`tick" int, "two words" text not null,
        "ünï" text check ("ünï" in ('it''s', 'x')),
        "order" int, "1st" date, "back\\slash" text, "%}" text)''',
    """insert into "Odd Names" values
        (1, 'a', 1, 'b', 'it''s', 2, '2026-01-01', 'c\\d', '%'),
        (2, null, null, '', null, null, null, null, null)""",
    "create table notes (note text)",
    "insert into notes values ('without a key')",
    "create table kinds (id int primary key, total amount, cost price, opens time, hours interval, "
    "moods mood[], area box, tag_list text[], gross int generated always as (id * 2) stored)",
    "insert into kinds values (1, 1.5, row(2, 'x'), '24:00', '1 mon', '{so-so}', '((1,2),(3,4))', '{a,b}')",
    "create table sales (id int, day date, amount numeric(10,2), primary key (id, day)) "
    "partition by range (day)",
    "create table sales_2025 partition of sales for values from ('2025-01-01') to ('2026-01-01')",
    "create table sales_2026 partition of sales for values from ('2026-01-01') to ('2027-01-01')",
    "insert into sales values (1, '2025-05-05', 1.5), (2, '2026-05-05', 2.5)",
    "create table vehicles (id int primary key, name text)",
    "create table trucks (load int, primary key (id)) inherits (vehicles)",
    "insert into vehicles values (1, 'car')",
    "insert into trucks values (1, 'truck', 5), (2, 'van', 6)",
    "create table geography (id int primary key, place text)",
    "create table feed_geography (id int primary key, place text)",
    "insert into geography values (1, 'here')",
    "insert into feed_geography values (2, 'there')",
)


class Strange:
    """The database, its capture, and a copy of the project with the generated models alone."""

    def __init__(self, capture: RunningCapture, dbt: DbtWarehouse, project: Path) -> None:
        self.capture, self.dbt, self.project = capture, dbt, project

    def run(self, *statements: str) -> None:
        with psycopg.connect(self.capture.owner_url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def write_models(self) -> Written:
        return write_models(read_catalog(self.capture.owner_url), self.project)

    def differences(self) -> dict[str, tuple[bool, str]]:
        found = compare_with_catalog(read_catalog(self.capture.owner_url), self.project, {})
        return {difference.place: (difference.is_breaking, difference.change) for difference in found}

    def build(self, *arguments: str) -> DbtRun:
        self.capture.wait_until_caught_up()
        place = {"DBT_PROJECT_DIR": str(self.project), "DBT_PROFILES_DIR": str(self.project)}
        return self.dbt.dbt("build", *BATCH, *arguments, environment=place)

    def source(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.capture.owner_url) as connection:
            return [tuple(row) for row in connection.execute(query.encode())]

    def ods(self, query: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.dbt.client().query(query).result_rows]


@pytest.fixture(scope="module")
def strange(
    postgres: RunningPostgres, dbt_warehouse: DbtWarehouse, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Strange]:
    source_for_capture(postgres, DATABASE)
    folder = tmp_path_factory.mktemp("strange")
    client = dbt_warehouse.client()
    client.command("drop database bronze sync")
    capture = RunningCapture(folder / "home", postgres, dbt_warehouse.warehouse.writer_url, DATABASE)
    for name in (*PROJECT, *FILES):
        source, target = PROJECT_ROOT / name, folder / "project" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy)(source, target)
    (folder / "project" / FOLDER).mkdir(parents=True)
    (folder / "project" / FOLDER / "ods_geography.sql").write_text("select 1 as feed")
    opened = Strange(capture, dbt_warehouse, folder / "project")
    opened.run(*TABLES)
    capture.start()
    yield opened
    capture.remove()


def test_each_table_is_generated_on_its_own_and_what_is_left_out_is_named(strange: Strange) -> None:
    done = strange.write_models()
    assert {name for name in done.changed if name.endswith(".sql")} == {
        "ods_Odd_Names.sql",
        "ods_feed_geography.sql",
        "ods_kinds.sql",
        "ods_sales.sql",
        "ods_trucks.sql",
        "ods_vehicles.sql",
        "ods_vehicles__own.sql",
    }
    assert list(done.left_out) == [
        'public."Odd Names".back\\slash',
        "public.geography",
        "public.kinds.hours",
        "public.kinds.opens",
        "public.notes",
    ]
    (strange.project / FOLDER / "ods_geography.sql").unlink()
    assert "ods_geography.sql" in strange.write_models().changed


def test_the_ods_equals_the_source(strange: Strange) -> None:
    built = strange.build()
    assert built.code == 0, built.output[-6000:]
    names = ("it's", 'say "hi"', "back`tick", "two words", "ünï", "order", "1st", "%}")
    ours = ", ".join("`" + name.replace("\\", "\\\\").replace("`", "``") + "`" for name in names)
    theirs = ", ".join('"' + name.replace('"', '""') + '"' for name in names)
    assert strange.ods(f"select {ours} from ods.ods_Odd_Names order by 1") == strange.source(
        f'select {theirs} from "Odd Names" order by 1'
    )
    assert strange.ods("select id, total, cost, moods, area, tag_list, gross from ods.ods_kinds") == [
        (
            1,
            strange.source("select total from kinds")[0][0],
            "(2,x)",
            ["so-so"],
            "(3.0,4.0),(1.0,2.0)",
            ["a", "b"],
            2,
        )
    ]
    assert strange.ods("select id, day, amount from ods.ods_sales order by 1") == strange.source(
        "select * from sales order by 1"
    )
    assert strange.ods("select _table, id, name from ods.ods_vehicles order by 1, 2") == strange.source(
        "select 'public.' || tableoid::regclass::text, id, name from vehicles order by 1, 2"
    )
    assert strange.ods("select place from ods.ods_geography") == [("here",)]
    assert strange.ods("select place from ods.ods_feed_geography") == [("there",)]


def test_a_table_that_is_dropped_or_renamed_stops_no_later_build(strange: Strange) -> None:
    strange.run("drop table feed_geography", "alter table geography rename to places")
    done = strange.write_models()
    assert {"ods_feed_geography.sql", "ods_geography.sql"} <= set(done.removed)
    built = strange.build()
    assert built.code == 0, built.output[-6000:]
    assert strange.ods("select place from ods.ods_places") == [("here",)]


def test_a_change_of_the_source_reaches_the_ods_once_models_are_written(strange: Strange) -> None:
    strange.run(
        "alter table sales add column channel text not null default 'web'",
        "alter table sales rename column amount to total",
        "alter table sales detach partition sales_2025",
        "alter table vehicles add column wheels int not null default 4",
    )
    assert strange.differences() == {
        "public.sales.amount": (True, "it is gone; was it renamed to total?"),
        "public.sales.channel": (False, "it is new"),
        "public.sales.total": (False, "it is new"),
        "public.sales_2025": (False, "it is new and has no model"),
        "public.vehicles.wheels": (False, "it is new"),
        "public.trucks.wheels": (False, "it is new"),
    }
    strange.write_models()
    assert strange.differences() == {}
    built = strange.build()
    assert built.code == 0, built.output[-6000:]
    assert strange.ods("select id, day, total, channel from ods.ods_sales order by 1") == strange.source(
        "select id, day, total, channel from sales order by 1"
    )
    assert strange.ods("select id, wheels from ods.ods_vehicles order by 1, 2") == strange.source(
        "select id, wheels from vehicles order by 1, 2"
    )


def test_the_columns_of_the_newest_events_stand_for_a_catalogue_that_does_not_answer(
    strange: Strange,
) -> None:
    assert compare_with_events(read_seen_columns(strange.dbt.client()), strange.project) == []
    strange.run("alter table kinds rename column cost to price", "update kinds set id = id")
    strange.capture.wait_until_caught_up()
    found = compare_with_events(read_seen_columns(strange.dbt.client()), strange.project)
    assert [(difference.place, difference.is_breaking) for difference in found] == [
        ("public.kinds.cost", True),
        ("public.kinds.price", False),
    ]
