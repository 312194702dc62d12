"""Every process is killed in the middle of a running load; after `up` nothing is lost or doubled."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator

import psycopg
import pytest

from tests.e2e.recomputation import differences
from tests.fixtures.stack import Stack

DAGSTER = ("dagster-code", "dagster-webserver", "dagster-daemon")
KILLED = (("postgres",), ("warehouse",), ("capture", "api", "alerts", "fraud-scoring"), DAGSTER)
FIRST_SELLER = 2_000_000
PATIENCE_SECONDS = 300


class Load:
    """A shop at work: small transactions one after the other, also while its database restarts."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.committed: list[int] = []
        self.errors: list[BaseException] = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Load:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    def wait_for_more(self, count: int = 20) -> None:
        target = len(self.committed) + count
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(self.committed) < target:
            assert time.monotonic() < deadline, "the shop cannot write"
            time.sleep(0.05)

    def _run(self) -> None:
        number = FIRST_SELLER
        while not self._stopping.is_set():
            try:
                with psycopg.connect(self.url, connect_timeout=5) as shop:
                    while not self._stopping.is_set():
                        number += 1
                        self._write(shop, number)
                        self.committed.append(number)
                        self._stopping.wait(0.005)
            except psycopg.OperationalError:
                self._stopping.wait(0.1)

    @staticmethod
    def _write(shop: psycopg.Connection, number: int) -> None:
        with shop.transaction():
            shop.execute(
                "insert into sellers (seller_id, seller_name, country, joined_at)"
                " values (%s, 'new', 'BR', now())",
                [number],
            )
            shop.execute("update sellers set seller_name = 'known' where seller_id = %s", [number - 3])
            shop.execute("delete from sellers where seller_id = %s and seller_id %% 5 = 0", [number - 10])
            shop.execute("update payments set amount = amount + 0.01 where payment_id = %s", [number % 500])


@pytest.fixture(scope="module")
def load(stack: Stack) -> Iterator[Load]:
    with Load(stack.urls["DATABASE_URL"]) as running:
        yield running


@pytest.mark.parametrize("killed", KILLED, ids=" ".join)
def test_what_was_killed_is_healthy_again_after_up(stack: Stack, load: Load, killed: tuple[str, ...]) -> None:
    before = stack.services()
    load.wait_for_more()
    for service in killed:
        os.kill(before[service]["pid"], signal.SIGKILL)
    stack.tradewind("up")
    after = stack.services()
    assert after.keys() == {service for group in KILLED for service in group}
    assert {service["state"] for service in after.values()} == {"running"}
    assert not {before[service]["pid"] for service in killed} & {service["pid"] for service in after.values()}
    load.wait_for_more()


def test_a_killed_build_and_a_killed_supervisor_leave_nothing_half_done(stack: Stack, load: Load) -> None:
    build = subprocess.Popen(
        stack.command("build"), env=stack.environment(), start_new_session=True, stderr=subprocess.DEVNULL
    )
    target = stack.home / "dbt" / "target"
    known = set(target.glob("models-*"))
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not any((folder / "run").exists() for folder in set(target.glob("models-*")) - known):
        assert time.monotonic() < deadline and build.poll() is None, "the build did not start"
        time.sleep(0.05)
    os.killpg(build.pid, signal.SIGKILL)
    build.wait()
    os.kill(int((stack.home / "supervisord.pid").read_text()), signal.SIGKILL)
    stack.tradewind("up")
    assert {state["state"] for state in stack.services().values()} == {"running"}
    load.wait_for_more()


def test_no_event_is_lost_and_no_figure_doubled(stack: Stack, load: Load) -> None:
    load.__exit__()
    stack.tradewind("build")
    warehouse = stack.warehouse()
    with stack.shop() as shop:
        assert differences(shop, warehouse, stack.urls) == {}
    query = """
        select distinct toInt64(JSONExtractInt(ifNull(payload, ''), 'after', 'seller_id')) as id
        from bronze.sellers where _op = 'c'
    """
    inserted = {row[0] for row in warehouse.query(query).result_rows}
    assert len(load.committed) > 100
    assert set(load.committed) - inserted == set()
