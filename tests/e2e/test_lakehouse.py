"""The commands of docs/lakehouse.md, typed in its order, beside a running stack."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest

from tests.e2e.shell import Shell
from tests.fixtures.stack import Stack
from tradewind.settings import PROJECT_ROOT

pytestmark = pytest.mark.timeout(3600)

in_a_thorough_run = pytest.mark.skipif(
    not os.environ.get("TRADEWIND_THOROUGH"),
    reason="Spark runs every test a second time in a thorough run alone",
)

COMMAND = re.compile(r"    ((?:eval|\.venv/bin/).*)")
RECORDED = """
import dagster as dg
with dg.DagsterInstance.get() as instance:
    for run in instance.get_runs(dg.RunsFilter(job_name="lakehouse")):
        print(run.job_name, run.status.value)
"""


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


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(command, marks=in_a_thorough_run if "dagster job" in command else ())
        for command in documented_commands()
    ],
)
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


@in_a_thorough_run
def test_the_job_built_every_model_and_ran_its_checks(shell: Shell, stack: Stack) -> None:
    """What `dagster job execute` recorded in the home."""
    listed = shell.type(f".venv/bin/python -c '{RECORDED}'")
    assert "lakehouse SUCCESS" in listed
