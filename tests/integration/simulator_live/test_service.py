"""The supervised simulator: it waits for a shop, survives kill -9 with consistent data, and ends cleanly."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from application import preparation
from application.services import declare
from simulator.live.request import RunRequest
from simulator.live.status import Status, read_status
from tests.fixtures.postgres import RunningPostgres
from tests.integration.simulator_live.conftest import WORLD, SmallShop, new_shop
from tradewind.settings import Settings
from tradewind.stack import processes, supervisor
from tradewind.stack.service import Service, Unhealthy

TIMEOUT_SECONDS = 60
ADDRESSES = ("clickhouse_url", "clickhouse_writer_url", "clickhouse_bi_url", "dagster_url")


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.1)


class Home:
    """A home with a shop's address in it, and the simulator alone under its supervisor."""

    def __init__(self, folder: Path, shop: SmallShop) -> None:
        self.folder, self.shop = folder, shop
        preparation.folders(folder)
        addresses = {name: "http://user:word@127.0.0.1:1/" for name in ADDRESSES} | {
            "database_url": shop.owner_url,
            "database_app_url": shop.app_url,
            "database_replication_url": shop.replication_url,
        }
        lines = [f"{name.upper()}={value}\n" for name, value in addresses.items()]
        (folder / "stack.env").write_text("".join(lines))
        self._settings = Settings(**addresses)  # type: ignore[arg-type]
        self.control: supervisor.Supervisor | None = None

    @property
    def service(self) -> Service:
        return next(each for each in declare(self.folder, self._settings) if each.name == "simulator")

    @property
    def status(self) -> Status | None:
        return read_status(self.folder / "simulator")

    @property
    def pid(self) -> int | None:
        assert self.control is not None
        state = self.control.states()["simulator"]
        return state.pid if state.state == "RUNNING" else None

    def start(self, request: RunRequest) -> None:
        request.save(self.folder / "simulator")
        self.control = supervisor.launch(self.folder, [self.service])
        self.control.start("simulator")

    def is_healthy(self) -> bool:
        try:
            self.service.check()
        except Unhealthy:
            return False
        return True

    def count(self, table: str) -> int:
        found = self.shop.value(f"select count(*) from {table}")
        assert isinstance(found, int)
        return found


@pytest.fixture
def home(tmp_path: Path, postgres: RunningPostgres) -> Iterator[Home]:
    made = Home(tmp_path / "home", new_shop(postgres))
    yield made
    processes.end_all(made.folder)


@pytest.fixture
def home_of_an_empty_shop(tmp_path: Path, postgres: RunningPostgres) -> Iterator[Home]:
    made = Home(tmp_path / "home", new_shop(postgres, filled=False))
    yield made
    processes.end_all(made.folder)


def test_killed_in_the_middle_it_leaves_a_consistent_shop_and_goes_on(home: Home) -> None:
    home.start(RunRequest("FlashSale", rate=300, users=400, speed_up=100_000, seed=1))
    wait_until(lambda: home.count("orders") > 20)
    first = home.pid
    assert first
    os.kill(first, signal.SIGKILL)
    assert home.shop.violations() == []
    left = home.count("orders")
    wait_until(lambda: home.pid not in (None, first) and home.count("orders") > left + 20)
    assert home.is_healthy()
    assert home.control is not None
    home.control.stop("simulator")
    assert home.shop.violations() == []


def test_open_orders_of_a_killed_run_are_brought_to_their_end(home: Home) -> None:
    home.start(RunRequest("FlashSale", rate=300, users=400, speed_up=10_000, seed=1))
    wait_until(lambda: home.count("orders where status = 'paid'") > 5)
    first = home.pid
    assert first
    paid = home.shop.value("select max(order_id) from orders where status = 'paid'")
    os.kill(first, signal.SIGKILL)
    wait_until(
        lambda: home.count(f"orders where order_id = {paid} and status not in ('paid', 'packed')") == 1
    )


def test_ended_politely_it_finishes_what_it_began(home: Home) -> None:
    home.start(RunRequest("NormalDay", rate=200, users=400, seed=1))
    wait_until(lambda: home.count("user_events") > 300)
    assert home.control is not None
    home.control.stop("simulator")
    status = home.status
    assert status is not None
    assert (status.state, status.events) == ("finished", home.count("user_events"))
    assert status.orders == home.count("orders")
    assert home.count("user_events where event_type = 'purchase'") <= status.orders


def test_it_waits_for_an_empty_shop_to_be_filled(home_of_an_empty_shop: Home) -> None:
    home = home_of_an_empty_shop
    home.start(RunRequest("NormalDay", rate=50, seed=1))
    wait_until(home.is_healthy)
    assert home.status is not None
    assert home.status.state == "waiting"
    with psycopg.connect(home.shop.owner_url) as connection:
        connection.execute(WORLD.read_bytes())
        connection.execute("select rules.align_identities()")
    wait_until(lambda: home.count("user_events") > 0)
    log = (home.folder / "logs" / "simulator.log").read_text()
    assert "the shop is empty" in log
    assert "tradewind source seed" in log


def test_asked_to_it_fills_an_empty_shop_first_and_whole_though_killed(home_of_an_empty_shop: Home) -> None:
    home = home_of_an_empty_shop
    home.start(RunRequest("NormalDay", rate=50, seed=1, history="small"))
    wait_until(lambda: home.pid is not None)
    first = home.pid
    assert first
    log = home.folder / "logs" / "simulator.log"
    wait_until(lambda: "filling it with the history small" in log.read_text())
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: home.count("user_events") > 10_000)
    assert home.count("orders") >= 2_000
    assert home.shop.violations() == []


def test_a_database_that_does_not_answer_is_said_in_one_line(home: Home) -> None:
    env = home.folder / "stack.env"
    env.write_text(env.read_text().replace(home.shop.app_url, "postgresql://a:b@127.0.0.1:1/ecomm"))
    home.start(RunRequest(rate=5))
    log = home.folder / "logs" / "simulator.log"
    wait_until(lambda: log.exists() and "cannot be used: Connection refused" in log.read_text())
    assert "Traceback" not in log.read_text()
