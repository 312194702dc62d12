"""dbt-clickhouse, unmodified: connect, build, append, contract, unit test."""

from __future__ import annotations

from pathlib import Path

import pytest
from clickhouse_connect.driver.client import Client
from dbt.cli.main import dbtRunner

from tests.fixtures.warehouse import RunningWarehouse

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

    def run(self, *arguments: str) -> tuple[bool, str]:
        """One dbt command: whether it succeeded, and the failing nodes with their messages."""
        places = ["--project-dir", str(self.folder), "--profiles-dir", str(self.folder)]
        done = dbtRunner().invoke([*arguments, *places, "--log-level", "none"])
        results = getattr(done.result, "results", [])
        failures = [
            f"{result.node.name}: {result.message}"
            for result in results
            if result.status in ("error", "fail")
        ]
        return done.success, "\n".join(failures) or str(done.exception)


@pytest.fixture
def dbt(tmp_path: Path, warehouse: RunningWarehouse) -> Dbt:
    return Dbt(tmp_path, warehouse)


@pytest.fixture
def client(warehouse: RunningWarehouse) -> Client:
    return warehouse.client("writer")


def test_a_project_connects_builds_appends_and_tests(dbt: Dbt, client: Client) -> None:
    assert dbt.run("debug") == (True, "None")
    assert dbt.run("build", "--full-refresh") == (True, "None")
    assert client.query("SELECT id, name FROM ml.second ORDER BY id").result_rows == [(1, "ANN"), (2, "BOB")]
    dbt.write("seeds/people.csv", "id,name\n1,ann\n2,bob\n4,dan\n")
    assert dbt.run("build") == (True, "None")
    assert dbt.run("run") == (True, "None")
    appended = client.query("SELECT id, name FROM ml.second ORDER BY id").result_rows
    assert appended == [(1, "ANN"), (2, "BOB"), (4, "DAN")]
    assert client.command("SELECT people FROM ml.counted") == 3


def test_a_broken_contract_and_a_wrong_unit_test_fail(dbt: Dbt) -> None:
    assert dbt.run("seed", "--full-refresh") == (True, "None")
    dbt.write("models/first.sql", FIRST.replace("select id, name", "select id, toUInt8(1) as name"))
    succeeded, message = dbt.run("run", "--select", "first")
    assert not succeeded
    assert "contract" in message
    dbt.write("models/first.sql", FIRST.replace("id > 0", "id > 5"))
    succeeded, message = dbt.run("test", "--select", "first,test_type:unit")
    assert not succeeded
    assert "negative_ids_are_left_out" in message
