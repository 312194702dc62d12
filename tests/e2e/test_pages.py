"""The commands of the pages in docs/, typed as a reader types them, page after page, in one fresh home."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pytest

from tests.e2e.shell import Shell, commands
from tests.fixtures.stack import Stack
from tests.require import data_folder, need_program
from tradewind.settings import PROJECT_ROOT

PAGES = ("getting-started", "feeds", "real-data", "simulator", "simulated-day")
ELSEWHERE = {
    "make demo": "tests/e2e/test_readme.py types it",
    "tradewind source seed --size medium": "tests/integration/simulator/test_seed.py seeds medium",
    "tradewind logs SERVICE": "tests/integration/stack/test_troubles.py types it",
    "tradewind simulate --url mysql": "tests/integration/mysql/test_live.py has such a shop",
}
"""Commands that are not typed here, and why."""

DATA = {"olist": "olist_sample_8k", "retailrocket": "retailrocket_sample", "demand": "store_item_demand"}


@dataclass
class Typed:
    """The output of every command by page."""

    output: dict[str, dict[str, str]] = field(default_factory=dict)

    def of(self, page: str, part: str) -> str:
        """The output of the last command of a page with this part."""
        return [output for command, output in self.output[page].items() if part in command][-1]


def on_page(name: str) -> list[str]:
    """The commands of a page."""
    return commands((PROJECT_ROOT / "docs" / f"{name}.md").read_text())


def to_type(name: str) -> list[str]:
    """Those that are typed here, each once; of the feeds' page, the service is started before it is asked."""
    named = dict.fromkeys(command.removeprefix(".venv/bin/") for command in on_page(name))
    found = [command for command in named if not command.startswith(tuple(ELSEWHERE))]
    if name == "simulator":  # a shop is seeded only once, as the first page does
        found = [command for command in found if "source seed" not in command]
    return sorted(found, key=lambda command: "--with reputation" not in command) if name == "feeds" else found


def data(name: str, folder: Path) -> Path:
    """The folder of a data set; of daily demand, which is long, a new one in `folder` with its last month."""
    given = data_folder(DATA[name])
    if name != "demand":
        return given
    sales = pd.read_csv(given / "store-item-sales.csv.zst")
    sales[sales["date"] >= "2017-12"].to_csv(folder / "store-item-sales.csv", index=False)
    return folder


def typeable(command: str, stack: Stack) -> str:
    """The command as a reader completes it: optional parts left out, places filled in, times shortened."""
    command = re.sub(r" \[[^]]*\]", "", command)
    command = re.sub(r"(^|\()(tradewind|dbt) ", r"\1.venv/bin/\2 ", command)
    command = re.sub(r"--duration \S+", "--duration 6s", command)
    command = command.replace("FlashSale@2m+30s,FraudAttack@5m+1m", "FlashSale@1s+1s,FraudAttack@3s+1s")
    if load := re.search(r"source load (\w+) DIR", command):
        command = command.replace("DIR", str(data(load[1], stack.home.parent)))
    if "KEY" in command:
        key = re.search(r"//feeds:([^@]+)@([^/]+)", stack.urls["REPUTATION_URL"])
        assert key
        command = command.replace("KEY", key[1]).replace("127.0.0.1:8600", key[2])
    return command


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Typed]:
    """Every command of the pages, in their order, in one shell."""
    need_program("psql", "postgresql-client")
    need_program("curl", "curl")
    stack = Stack(tmp_path_factory.mktemp("pages") / "home")
    done = Typed()
    shell = Shell([], stack.environment(), stack.home.parent / "errors")
    try:
        for name in PAGES:
            done.output[name] = {command: shell.type(typeable(command, stack)) for command in to_type(name)}
        yield done
    finally:
        shell.close()
        stack.tradewind("down", check=False)


def test_every_command_of_the_pages_succeeds(typed: Typed) -> None:
    assert sum(len(outputs) for outputs in typed.output.values()) > 20


def test_the_first_half_hour_shows_what_the_page_says(typed: Typed) -> None:
    assert "running" in typed.of("getting-started", "tradewind status")
    assert re.search(r"delivered +\| +\d+", typed.of("getting-started", "psql"))
    assert float(typed.of("getting-started", 'curl "$CLICKHOUSE_BI_URL"')) > 0
    assert "dagster_version" in typed.of("getting-started", "server_info")


def test_feeds_are_dropped_ingested_and_looked_up(typed: Typed) -> None:
    assert "geography_2026-10.csv" in typed.of("feeds", "feeds sample")
    assert "ip_reputation" in typed.of("feeds", "feeds enrich")
    assert json.loads(typed.of("feeds", "curl"))["country"] == "TH"
    assert typed.of("feeds", "feeds models").strip() == "nothing to change"


def test_live_traffic_runs_for_its_duration(typed: Typed) -> None:
    assert re.search(r"orders +\d+", typed.of("simulated-day", "--scenario FlashSale"))


def test_real_data_is_loaded_beside_the_simulated_shop(typed: Typed) -> None:
    for name in DATA:
        assert re.search(r"loaded|rows", typed.of("real-data", f"load {name}"))


def test_what_is_tested_elsewhere_exists() -> None:
    for reason in ELSEWHERE.values():
        for name in re.findall(r"tests/\S+\.py", reason):
            assert (PROJECT_ROOT / name).is_file(), name
    named = [command for name in PAGES for command in on_page(name)]
    for beginning in ELSEWHERE:
        assert any(command.removeprefix(".venv/bin/").startswith(beginning) for command in named), beginning
