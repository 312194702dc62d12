"""dbt-clickhouse, unmodified: connect, build, append, contract, unit test."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from clickhouse_connect.driver.client import Client

from tests.fixtures import warm_dbt
from tests.fixtures.warehouse import RunningWarehouse

DBT_SECONDS = 120
PROJECT = """
name: tiny
version: "1.0"
profile: tiny
model-paths: [models]
seed-paths: [seeds]
flags: {send_anonymous_usage_stats: false}
"""
PROFILE = """
tiny:
  target: here
  outputs:
    here: {type: clickhouse, driver: http, schema: ml, threads: 2,
           host: %s, port: %d, user: %s, password: "%s"}
"""
FIRST = (
    "{{ config(materialized='table', order_by='id') }} select id, name from {{ ref('people') }} where id > 0"
)
SECOND = """{{ config(materialized='incremental', incremental_strategy='append', order_by='id') }}
select id, upper(name) as name from {{ ref('first') }}
{% if is_incremental() %} where id > (select max(id) from {{ this }}) {% endif %}"""
VIEW = "{{ config(materialized='view') }} select count() as people from {{ ref('second') }}"
SCHEMA = """
models:
  - name: first
    config: {contract: {enforced: true}}
    columns:
      - {name: id, data_type: Int32, data_tests: [unique, not_null]}
      - {name: name, data_type: String}
unit_tests:
  - name: negative_ids_are_left_out
    model: first
    given:
      - input: ref('people')
        rows: [{id: -1, name: gone}, {id: 5, name: here}]
    expect: {rows: [{id: 5, name: here}]}
"""


class Dbt:
    """A tiny dbt project in a folder of its own."""

    def __init__(self, folder: Path, warehouse: RunningWarehouse) -> None:
        user = warehouse.users["writer"]
        self.folder = folder
        self.write("dbt_project.yml", PROJECT)
        self.write("profiles.yml", PROFILE % (warehouse.host, warehouse.port, user.name, user.password))
        self.write("seeds/people.csv", "id,name\n1,ann\n2,bob\n-3,nobody\n")
        self.write("models/first.sql", FIRST)
        self.write("models/second.sql", SECOND)
        self.write("models/counted.sql", VIEW)
        self.write("models/schema.yml", SCHEMA)

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def run(self, *arguments: str) -> tuple[int, str]:
        """One dbt command: its exit code and what it said."""
        folder = str(self.folder)
        places = {
            "DBT_PROJECT_DIR": folder,
            "DBT_PROFILES_DIR": folder,
            "DBT_TARGET_PATH": f"{folder}/target",
        }
        return warm_dbt.run(arguments, os.environ | places, self.folder, DBT_SECONDS)

    def must(self, *arguments: str) -> None:
        """As `run`, where anything but success is an error that shows what was said."""
        code, said = self.run(*arguments)
        assert code == 0, said


@pytest.fixture
def dbt(tmp_path: Path, warehouse: RunningWarehouse) -> Dbt:
    return Dbt(tmp_path, warehouse)


@pytest.fixture
def client(warehouse: RunningWarehouse) -> Client:
    return warehouse.client("writer")


def test_a_project_connects_builds_appends_and_tests(dbt: Dbt, client: Client) -> None:
    dbt.must("debug")
    dbt.must("build", "--full-refresh")
    assert client.query("SELECT id, name FROM ml.second ORDER BY id").result_rows == [(1, "ANN"), (2, "BOB")]
    dbt.write("seeds/people.csv", "id,name\n1,ann\n2,bob\n4,dan\n")
    dbt.must("build")
    dbt.must("run")
    appended = client.query("SELECT id, name FROM ml.second ORDER BY id").result_rows
    assert appended == [(1, "ANN"), (2, "BOB"), (4, "DAN")]
    assert client.command("SELECT people FROM ml.counted") == 3


def test_a_broken_contract_and_a_wrong_unit_test_fail(dbt: Dbt) -> None:
    dbt.must("seed", "--full-refresh")
    dbt.write("models/first.sql", FIRST.replace("select id, name", "select id, toUInt8(1) as name"))
    code, said = dbt.run("run", "--select", "first")
    assert code == 1 and "enforced contract that failed" in said
    dbt.write("models/first.sql", FIRST.replace("id > 0", "id > 5"))
    code, said = dbt.run("test", "--select", "first,test_type:unit")
    assert code == 1 and "Failure in unit_test negative_ids_are_left_out" in said
