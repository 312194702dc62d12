"""The commands of docs/lakehouse.md, typed in its order, beside a running stack."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from application.build_plan import inputs_of, table_of
from application.lake_plan import read_manifest
from tests.e2e.shell import Shell
from tests.fixtures.stack import Stack
from tests.integration.lakehouse.tables import (
    assert_same,
    clickhouse_tables,
    spark_tables,
    without_run_columns,
)
from tradewind.lakehouse.lake import Lake
from tradewind.lakehouse.tables import table_states
from tradewind.settings import PROJECT_ROOT

pytestmark = pytest.mark.timeout(3600)

COMMAND = re.compile(r"    ((?:eval|\.venv/bin/).*)")
JOB = "dagster job execute"
CAPTURED = """
from application.captured import wait_until_captured
from tradewind.settings import load_settings
wait_until_captured(load_settings())
"""
RECORDED = """
import dagster as dg, json
with dg.DagsterInstance.get() as instance:
    [run] = instance.get_runs(dg.RunsFilter(job_name="lakehouse"))
    events = [entry.dagster_event for entry in instance.all_logs(run.run_id) if entry.is_dagster_event]
kind = dg.DagsterEventType.ASSET_CHECK_EVALUATION
checks = [event.asset_check_evaluation_data for event in events if event.event_type == kind]
built = [event.step_materialization_data.materialization for event in events if event.is_step_materialization]
rows = {
    ".".join(table.asset_key.path[1:]): table.metadata["rows_added"].value
    for table in built if "rows_added" in table.metadata
}
print(json.dumps({
    "status": run.status.value,
    "copied": {log: added for log, added in rows.items() if added},
    "tables": [".".join(table.asset_key.path[1:]) for table in built if "rows_added" not in table.metadata],
    "checks": {check.check_name: check.passed for check in checks},
}))
"""
CHANGE = """
    update geolocations set latitude = latitude + 0.001
    where geolocation_id in (select geolocation_id from geolocations order by geolocation_id limit 3)
"""
REACHED = {"ods.ods_geolocations", "cdm.dim_geography", "ads.ads_geo_sales"}
"""All that reads geolocations."""


def documented_commands() -> list[str]:
    """Every command of the page, without comments."""
    lines = (PROJECT_ROOT / "docs" / "lakehouse.md").read_text().splitlines()
    found = [match[1] for line in lines if (match := COMMAND.match(line))]
    return [re.split(r"\s{2,}#", command)[0].strip() for command in found]


@pytest.fixture(scope="module")
def shell(spark: None, stack: Stack) -> Iterator[Shell]:
    """A shell in the repository's folder, for the home of the running stack."""
    opened = Shell([], stack.environment(), stack.home.parent / "lakehouse-errors")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def lake(stack: Stack) -> Lake:
    """The lake that the commands build."""
    return Lake(stack.home / "lake")


def test_the_page_names_each_way_to_build() -> None:
    words = " ".join(documented_commands())
    for word in (
        "lakehouse fetch",
        "lakehouse build",
        "lakehouse export",
        "spark-sql",
        "dagster job execute",
    ):
        assert word in words


@pytest.mark.parametrize("command", [command for command in documented_commands() if JOB not in command])
def test_a_documented_command_succeeds(shell: Shell, command: str) -> None:
    output = shell.type(command)
    if "spark-sql" in command:
        assert len(re.findall(r"^\d{4}-\d\d-\d\d\t", output, re.MULTILINE)) == 5


def test_the_marts_of_the_lake_are_those_of_the_warehouse(shell: Shell, stack: Stack) -> None:
    totals = {
        "ads_daily_gmv": "count(*), sum(gmv)",
        "ads_product_performance": "count(*), sum(gmv)",
        "ads_kpi_summary": "count(*), sum(revenue)",
    }
    queries = [f"select {figures} from ads.{mart}" for mart, figures in totals.items()]
    output = shell.type(f".venv/bin/spark-sql -e '{'; '.join(queries)}'").splitlines()
    for query in queries:
        [row] = stack.warehouse().query(query).result_rows
        assert "\t".join(str(value) for value in row) in output


def test_the_documented_job_builds_what_has_changed_and_nothing_else(
    shell: Shell, lake: Lake, stack: Stack
) -> None:
    [job] = [command for command in documented_commands() if JOB in command]
    build = ".venv/bin/tradewind lakehouse build --json"
    shell.type(f".venv/bin/python -c '{CAPTURED}'")
    shell.type(build)  # what earlier tests may have changed
    before = table_states(lake.warehouse)
    with stack.shop() as shop:
        shop.execute(CHANGE)
    stack.tradewind("build")
    shell.type(job)
    recorded = json.loads(shell.type(f".venv/bin/python -c '{RECORDED}'"))
    after = table_states(lake.warehouse)
    written = {name for name, state in after.items() if state.snapshot != before[name].snapshot}
    assert written == REACHED | {"bronze.geolocations"}
    assert recorded["status"] == "SUCCESS"
    assert recorded["copied"] == {"bronze.geolocations": 3}
    assert set(recorded["tables"]) == REACHED
    assert recorded["checks"] == dict.fromkeys(checks_of(lake, REACHED), True)
    assert json.loads(shell.type(build))["left_out"] == len(built_nodes(lake))
    assert table_states(lake.warehouse) == after


def built_nodes(lake: Lake) -> dict[str, dict[str, Any]]:
    """What dbt builds and tests on Spark, by the names of its nodes."""
    manifest = read_manifest(lake)
    assert manifest is not None
    kinds = ("model", "seed", "test")
    return {name: node for name, node in manifest["nodes"].items() if node["resource_type"] in kinds}


def checks_of(lake: Lake, tables: set[str]) -> set[str]:
    """The names of the checks that read one of these tables."""
    nodes = built_nodes(lake)
    kinds = {name: node["resource_type"] for name, node in nodes.items()}
    ids = {name for name, node in nodes.items() if kinds[name] != "test" and table_of(node) in tables}
    return {
        node["name"]
        for name, node in nodes.items()
        if kinds[name] == "test" and ids.intersection(inputs_of(node))
    }


def test_every_table_of_the_lake_has_the_rows_of_the_warehouse(lake: Lake, stack: Stack) -> None:
    """Both were built whole, and built on after a change; nothing has changed since."""
    with closing(stack.warehouse()) as client:
        warehouse = without_run_columns(clickhouse_tables(client))
    with lake.session() as session:
        assert_same(warehouse, without_run_columns(spark_tables(session)), ("clickhouse", "spark"))
