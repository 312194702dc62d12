"""A seeded shop on a MySQL-family server lives: under every rule, beside other writers, after a kill -9."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import urlsplit

import pytest

from simulator import parameters
from simulator.live.database.connect import open_session
from simulator.live.database.session import Session, ShopUnreachable, in_transaction
from simulator.live.decisions.engine import Plan
from simulator.live.run import Run
from simulator.live.scenarios import SCENARIOS, parse_schedule
from simulator.live.status import Status
from simulator.plan import make_plan
from simulator.seed import seed
from tests.fixtures.mariadb import RunningMariadb
from tradewind.marketplace import schema
from tradewind.settings import PROJECT_ROOT
from tradewind.source.mysql.connection import connect, rows, run_all

COMMAND = [sys.executable, "-m", "application.cli", "simulate"]
OTHER_ADDRESSES = (
    *("DATABASE", "DATABASE_REPLICATION", "CLICKHOUSE", "CLICKHOUSE_WRITER", "CLICKHOUSE_BI"),
    "DAGSTER",
)
TIMEOUT_SECONDS = 60
TABLES = (
    *("users", "customers", "orders", "order_items", "payments", "shipments", "order_returns", "carts"),
    *("vouchers", "flash_sales", "labels.attacks"),
)


class LivingShop:
    """A month of history in the server's shop, and questions to it."""

    def __init__(self, mariadb: RunningMariadb) -> None:
        self.url = mariadb.url("app")
        self._owner_url = mariadb.url("owner")
        mariadb.empty()
        schema.init(self._owner_url)
        today = dt.datetime.now(dt.UTC).date()
        seed(self._owner_url, make_plan("small", 1, 30, today, today))

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with connect(self._owner_url) as connection:
            return rows(connection, query)

    def count(self, what: str) -> int:
        return int(str(self.rows(f"select count(*) from {what}")[0][0]))

    def live(self, scenario: str, seconds: float, slots: str = "", rate: float = 100) -> Status:
        plan = Plan(
            SCENARIOS[scenario], rate, seed=3, users=600, speed_up=200_000, duration=seconds,
            slots=parse_schedule(slots, seconds),
        )  # fmt: skip
        return Run(plan, self.url).run()


@pytest.fixture(scope="module")
def shop(mariadb: RunningMariadb) -> LivingShop:
    return LivingShop(mariadb)


@pytest.fixture(scope="module")
def lived(shop: LivingShop) -> tuple[LivingShop, Status, dict[str, int]]:
    """The shop after some seconds of a day with a flash sale, and what was there before."""
    before = {table: shop.count(table) for table in ("orders", "user_events", "users")}
    on_their_way = "orders where status in ('pending', 'confirmed', 'paid', 'packed', 'shipped')"
    before["on their way"] = shop.count(on_their_way)
    before["last step"] = int(str(shop.rows("select max(history_id) from order_status_history")[0][0]))
    return shop, shop.live("NormalDay", 8, "FlashSale@2s+6s", rate=200), before


@pytest.fixture
def session(shop: LivingShop) -> Iterator[Session]:
    with open_session(shop.url) as opened:
        yield opened


def test_every_rule_holds_after_a_flash_sale(lived: tuple[LivingShop, Status, dict[str, int]]) -> None:
    shop, status, _ = lived
    assert status.state == "finished"
    assert shop.rows("select * from violations") == []


def test_what_is_reported_is_what_is_there(lived: tuple[LivingShop, Status, dict[str, int]]) -> None:
    shop, status, before = lived
    assert status.events > 500
    assert status.events == shop.count("user_events") - before["user_events"]
    assert status.orders == shop.count("orders") - before["orders"]
    assert status.new_users == shop.count("users") - before["users"]


def test_orders_take_every_step(
    lived: tuple[LivingShop, Status, dict[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a busy machine the few orders of some seconds may not have taken all of them: then it goes on."""
    shop, _, before = lived
    monkeypatch.setattr(parameters, "NOT_PAID_CANCEL_RATE", 0.5)
    steps = {"pending", "confirmed", "paid", "packed", "shipped", "delivered", "cancelled"}
    query = f"select distinct to_status from order_status_history where history_id > {before['last step']}"
    for _ in range(10):
        if steps <= (taken := {step for (step,) in shop.rows(query)}):
            break
        shop.live("NormalDay", 8, rate=200)
    assert steps <= taken


def test_orders_of_the_history_go_on(lived: tuple[LivingShop, Status, dict[str, int]]) -> None:
    shop, _, before = lived
    assert before["on their way"] > 50
    old = "orders where created_at < (select min(created_at) from orders) + interval 1 second"
    left = shop.count(f"{old} and status in ('pending', 'confirmed', 'paid', 'packed', 'shipped')")
    assert left < before["on their way"] / 2


def test_stock_is_the_sum_of_its_ledger(lived: tuple[LivingShop, Status, dict[str, int]]) -> None:
    shop, _, _ = lived
    differing = """
        select inventory.sku_id
        from inventory
        left join inventory_log using (sku_id, warehouse_id)
        group by inventory.sku_id, inventory.warehouse_id, inventory.quantity
        having inventory.quantity <> coalesce(sum(inventory_log.quantity_change), 0)
    """
    assert shop.rows(differing) == []
    assert shop.count("flash_sales where sold_count > 0") > 0


def test_filters_and_times_are_written_as_on_postgresql(
    lived: tuple[LivingShop, Status, dict[str, int]],
) -> None:
    shop, _, _ = lived
    recent = "user_events where created_at > now() - interval 10 minute"
    assert shop.count(f"{recent} and json_type(filters) = 'OBJECT'") > 0
    late = "abs(timestampdiff(second, occurred_at, created_at)) > 60"
    assert shop.count(f"{recent} and event_type = 'session_start' and {late} and is_bot = 0") == 0


def test_killed_in_the_middle_it_leaves_whole_orders_and_the_next_run_goes_on(
    lived: tuple[LivingShop, Status, dict[str, int]],
) -> None:
    shop, _, _ = lived
    before = shop.count("orders")
    words = ["--scenario", "FlashSale", "--rate", "300", "--users", "600", "--speed-up", "10000"]
    with subprocess.Popen(
        [*COMMAND, "--url", shop.url, *words], cwd=PROJECT_ROOT, stdout=subprocess.DEVNULL
    ) as run:
        _wait_until(lambda: shop.count("orders") > before + 10)
        run.send_signal(signal.SIGKILL)
    assert shop.rows("select * from violations") == []
    assert shop.count("orders where order_id not in (select order_id from order_items)") == 0
    ((last,),) = shop.rows("select max(order_id) from orders where status not in ('delivered', 'cancelled')")
    steps = shop.count(f"order_status_history where order_id = {last}")
    shop.live("NormalDay", 5)
    assert shop.count(f"order_status_history where order_id = {last}") > steps
    assert shop.rows("select * from violations") == []


def _wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.1)


def test_a_block_of_numbers_leaves_no_row_and_is_nobody_elses(shop: LivingShop, session: Session) -> None:
    before = {table: shop.count(table) for table in TABLES}
    blocks = {table: session.new_identifiers(table, 50) for table in TABLES}
    assert {table: shop.count(table) for table in TABLES} == before
    with connect(shop.url) as other:
        cursor = other.cursor()
        cursor.execute("insert into users (country, registered_at) values ('TH', now())")
        assert cursor.lastrowid not in blocks["users"]
        other.rollback()
    following = {table: session.new_identifiers(table, 50) for table in TABLES}
    assert all(set(blocks[table]).isdisjoint(following[table]) for table in TABLES)
    assert session.rows("select @@foreign_key_checks as checked, @@auto_increment_increment as step") == [
        {"checked": 1, "step": 1}
    ]


def test_only_a_run_that_is_alone_takes_over_what_is_on_its_way(shop: LivingShop) -> None:
    with open_session(shop.url) as first, open_session(shop.url) as second:
        assert first.register_run(0)
        assert not second.register_run(0)
    with open_session(shop.url) as third:
        assert third.register_run(5)


def test_two_that_block_each_other_are_both_written(shop: LivingShop) -> None:
    places = shop.rows("select sku_id, warehouse_id from inventory order by sku_id limit 2")
    both_hold_one = threading.Barrier(2)
    tries: list[int] = []

    def raise_reorder_points(order: int) -> None:
        def work() -> None:
            tries.append(order)
            for number, place in enumerate(places[::order]):
                if number and tries.count(order) == 1:
                    both_hold_one.wait(timeout=30)
                own.execute(
                    "update inventory set reorder_point = reorder_point + 1 "
                    "where sku_id = %s and warehouse_id = %s",
                    place,
                )

        with open_session(shop.url) as own:
            in_transaction(own, work)

    points = "select sum(reorder_point) from inventory"
    before = shop.rows(points)[0][0]
    threads = [threading.Thread(target=raise_reorder_points, args=(order,)) for order in (1, -1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(tries) == 3
    assert shop.rows(points)[0][0] == int(str(before)) + 4


def simulate(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return _run(["--url", url, *arguments], {})


def simulate_the_set_shop(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    nowhere = dict.fromkeys((f"{name}_URL" for name in OTHER_ADDRESSES), "http://user:word@127.0.0.1:1/")
    return _run(arguments, nowhere | {"DATABASE_APP_URL": url})


def _run(arguments: Iterable[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, "--duration", "2s", *arguments],
        cwd=PROJECT_ROOT, env=os.environ | environment, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


@pytest.mark.parametrize("by", ["--url", "DATABASE_APP_URL"])
def test_the_command_takes_a_mysql_address(shop: LivingShop, by: str) -> None:
    before = shop.count("user_events")
    words = ("--rate", "100", "--json")
    done = simulate(shop.url, *words) if by == "--url" else simulate_the_set_shop(shop.url, *words)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["events"] == shop.count("user_events") - before > 100


def test_a_server_that_does_not_answer_or_let_in_is_one_line(shop: LivingShop) -> None:
    parts = urlsplit(shop.url)
    nobody = parts._replace(netloc=f"{parts.username}:wrong@{parts.hostname}:{parts.port}").geturl()
    for url, reason in (
        ("mysql://a:b@127.0.0.1:1/ecomm", "127.0.0.1:1 cannot be used: Can't connect"),
        (nobody, f"127.0.0.1:{parts.port} cannot be used: Access denied"),
    ):
        done = simulate(url)
        assert done.returncode == 1
        assert done.stderr.startswith(f"error: the shop's database at {reason}")
        assert done.stderr.count("\n") == 1


def test_an_empty_shop_and_no_shop_are_one_line_each(shop: LivingShop, mariadb: RunningMariadb) -> None:
    """The last test: it empties the server."""
    mariadb.empty()
    done = simulate(shop.url)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "the database has no shop: run `tradewind source init`" in done.stderr
    schema.init(mariadb.url("owner"))
    done = simulate(shop.url)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "the shop is empty (nothing is for sale): seed it with `tradewind source seed" in done.stderr


def test_a_connection_that_is_lost_is_said(mariadb: RunningMariadb) -> None:
    with (
        pytest.raises(ShopUnreachable, match="the connection was lost; start the server"),
        open_session(mariadb.url("app")) as session,
        connect(mariadb.url("root", "mysql")) as root,
    ):
        (row,) = session.rows("select connection_id() as number")
        run_all(root, f"kill connection {row['number']}")
        session.rows("select 1")
