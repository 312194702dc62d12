"""The README's commands, as a newcomer types them, in its order, with no network but the machine's own."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest

from tests.e2e.shell import Shell, commands, network_of_its_own
from tests.fixtures.stack import Stack
from tests.require import lacking, need_program
from tradewind.settings import PROJECT_ROOT, reporting_date

ELSEWHERE = {
    "git clone": "a clone is where these tests run",
    "make check": "runs beside these tests",
    "make test": "runs these tests",
    "make bench": "takes long and changes nothing",
    ".venv/bin/tradewind ml evaluate all": "takes long; tests/integration/ml/ types it in a thorough run",
    "make docs": "tests/e2e/test_docs.py serves the site and reads it",
}
TRADEWIND = f"{sys.executable} -m application.cli"
COMPARE = """
import psycopg
from tests.e2e.recomputation import differences
from tradewind.settings import load_settings
from tradewind.warehouse.client import connect
settings = load_settings()
with psycopg.connect(settings.database_url) as shop:
    print(differences(shop, connect(settings.clickhouse_writer_url), settings.exports()))
"""


def is_elsewhere(command: str) -> bool:
    return command.startswith(tuple(ELSEWHERE))


@dataclass
class Typed:
    """What was typed and its output; the demo's figures, asked for again, and the marts' differences."""

    outputs: list[tuple[str, str]] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=dict)
    differences: str = ""
    interfaces: str = ""
    no_network_of_its_own: str = ""
    """Why it was typed on the machine's own network, if it was."""

    def answer(self, part: str) -> str:
        """The output of the last command with this part."""
        return [answer for command, answer in self.outputs if part in command][-1]


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Typed]:
    """Every command in one shell; after the demo its figures once more, of the stack that stays up."""
    need_program("psql", "postgresql-client")
    stack = Stack(tmp_path_factory.mktemp("readme") / "home")
    words, reason = network_of_its_own()
    done = Typed(no_network_of_its_own=reason)
    today = {"TRADEWIND_REPORTING_DATE": str(reporting_date())}  # a new day would be a reason to build all
    shell = Shell(words, stack.environment() | today, stack.home.parent / "errors")
    try:
        done.interfaces = "" if reason else shell.type("ip -o addr")
        for command in commands((PROJECT_ROOT / "README.md").read_text()):
            if is_elsewhere(command):
                continue
            done.outputs.append((command, shell.type(command)))
            if command.startswith("make demo"):
                done.summary = json.loads(shell.type(f"{TRADEWIND} demo --json"))
                done.differences = shell.type(f"{sys.executable} -c '{COMPARE}'")
        yield done
    finally:
        shell.close()
        stack.tradewind("down", check=False)


def test_every_command_of_the_readme_succeeds(typed: Typed) -> None:
    words = " ".join(command for command, _ in typed.outputs)
    for word in ("make demo", "make down", "tradewind sql", "tradewind build", "tradewind status", "psql"):
        assert word in words


def test_nothing_asked_for_another_machine(typed: Typed) -> None:
    """All of it succeeded where there was no other."""
    if typed.no_network_of_its_own:
        lacking("network_namespace", typed.no_network_of_its_own)
    assert "127.0.0.1" in typed.interfaces and len(typed.interfaces.strip().splitlines()) <= 2


def test_the_status_the_readme_asks_for_shows_where_dagster_is(typed: Typed) -> None:
    assert re.search(
        r"dagster-webserver .*running.* http://127\.0\.0\.1:\d+", typed.answer("tradewind status")
    )


def test_the_change_the_readme_makes_arrives_in_the_mart(typed: Typed) -> None:
    assert "Renamed" in typed.answer("cdm.dim_product")


def test_the_mart_the_readme_shows_has_rows(typed: Typed) -> None:
    assert len(typed.answer("ads_daily_gmv").strip().splitlines()) > 5


def test_without_data_the_demo_shows_a_simulated_shop(typed: Typed) -> None:
    summary, kpis = typed.summary, typed.summary["kpis"]
    assert summary["success"]
    assert re.search(r"checks: \d{3} pass; models: \d{3} success$", typed.answer("make demo"), re.MULTILINE)
    rates = {name: float(kpis[name].rstrip("%")) for name in kpis if name.endswith("rate")}
    assert 2 < rates["conversion rate"] < 5
    assert 3 < rates["cancellation rate"] < 15
    assert 3 < rates["return rate"] < 15
    assert kpis["currency"] == "USD" and 20 < float(kpis["average order value"]) < 100
    assert 1_800 < kpis["orders"] < 2_000
    assert 0 < Decimal(kpis["revenue"]) < Decimal(kpis["gmv"])
    hours = kpis["orders by hour"]
    assert sum(hours) == summary["rows"]["ods"]["ods_orders"] - 10
    assert kpis["time zone"] == "Asia/Bangkok" and sum(hours[19:23]) > 3 * sum(hours[2:6])
    assert len(kpis["top categories"]) == 5
    assert typed.differences.strip() == "{}"


def test_a_second_demo_adds_nothing_and_leaves_the_running_stack_up(typed: Typed) -> None:
    first, kpis = typed.answer("make demo"), typed.summary["kpis"]
    assert "nothing was added" in typed.summary["load"] and "nothing was added" not in first
    assert typed.summary["models"] == {}
    assert kpis["gmv"] in first and kpis["revenue"] in first
    assert "the stack stays up" in first
    assert "running" in typed.answer("tradewind status")
