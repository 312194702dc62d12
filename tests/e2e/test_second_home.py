"""A second home beside the first: started twice at once with live traffic, and gone without a trace."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator

import psutil
import pytest

from tests.fixtures.stack import Stack
from tradewind.warehouse.client import connect

PATIENCE_SECONDS = 300
TRAFFIC = ("--simulate", "NormalDay", "--rate", "100")


def wait_for_orders(stack: Stack, more_than: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while count(stack, "orders") <= more_than:
        assert time.monotonic() < deadline, stack.tradewind("logs", "simulator").stdout
        time.sleep(0.2)


def count(stack: Stack, table: str) -> int:
    with stack.shop() as shop:
        row = shop.execute(f"select count(*) from {table}".encode()).fetchone()
    assert row is not None
    return int(row[0])


def pids(stack: Stack) -> set[int]:
    """Every process of the home, found by what it was started with, without asking supervisord."""
    found = set()
    for process in psutil.process_iter():
        try:
            if process.environ().get("TRADEWIND_HOME") == str(stack.home) or str(stack.home) in " ".join(
                process.cmdline()
            ):
                found.add(process.pid)
        except psutil.Error:
            continue
    return found


@pytest.fixture(scope="module")
def second(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Another home beside the running one; nothing is started in it yet."""
    created = Stack(tmp_path_factory.mktemp("second") / "home")
    yield created
    created.tradewind("down", check=False)


def test_options_that_make_no_sense_start_nothing(second: Stack) -> None:
    unknown = second.tradewind("up", "--simulate", "BlackFriday", check=False)
    assert unknown.returncode == 1
    assert "there are NormalDay, FlashSale, FraudAttack, PromotionBlast" in unknown.stderr
    alone = second.tradewind("up", "--seed", "small", check=False)
    assert "--seed needs --simulate" in alone.stderr
    assert not second.home.exists()


def test_two_starts_at_once_make_one_stack_beside_the_first(stack: Stack, second: Stack) -> None:
    starts = [
        subprocess.Popen(
            second.command("up", *TRAFFIC), env=second.environment(), stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    errors = [start.communicate(timeout=800)[1] for start in starts]
    assert [start.returncode for start in starts] == [0, 0], errors
    states = [stack.services(), second.services()]
    assert {service["state"] for service in states[1].values()} == {"running"}
    assert states[1].keys() - states[0].keys() == {"simulator"}
    ports = [service["port"] for state in states for service in state.values() if service["port"]]
    assert len(ports) == len(set(ports)) == 8
    assert pids(second)


def test_live_traffic_waits_for_a_seed_and_survives_a_kill(second: Stack) -> None:
    assert "the shop is empty" in second.tradewind("logs", "simulator").stdout
    second.tradewind("source", "seed", "--size", "small", "--seed", "1")
    seeded = count(second, "orders")
    wait_for_orders(second, seeded + 5)
    simulator = second.services()["simulator"]
    assert simulator["state"] == "running"
    os.kill(simulator["pid"], signal.SIGKILL)
    assert count(second, "rules.violations()") == 0
    left = count(second, "orders")
    wait_for_orders(second, left + 5)
    assert second.services()["simulator"]["pid"] != simulator["pid"]


def test_down_ends_the_traffic_and_leaves_the_first_home_alone(stack: Stack, second: Stack) -> None:
    first = stack.services()
    second.tradewind("down")
    assert pids(second) == set()
    assert stack.services() == first
    second.tradewind("up")
    assert "simulator" not in second.services()
    assert count(second, "rules.violations()") == 0


def test_a_model_that_fails_is_named_before_any_figure_is_asked_for(second: Stack) -> None:
    admin = connect(second.urls["CLICKHOUSE_URL"])
    admin.command("alter table bronze.orders rename column _changed_at to misnamed")
    done = second.tradewind("demo", check=False)
    assert done.returncode == 1
    assert "error: the build failed" in done.stderr and "ods_orders: " in done.stderr


def test_its_builds_do_not_parse_the_project_again_though_its_ports_are_others(second: Stack) -> None:
    logs = [path.read_text() for path in second.home.glob("dbt/target/models-*/dbt.log")]
    assert logs
    assert not [text for text in logs if "Unable to do partial parsing" in text]
