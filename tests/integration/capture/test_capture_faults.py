"""Whichever process is killed in the middle of a load, no event is lost; repeated events are allowed."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from application import health
from connectors.definitions.definition import POSTGRES_SOURCE
from connectors.embedded.offsets import OffsetFile
from tests.fixtures.postgres import RunningPostgres
from tests.integration.capture.conftest import Shop
from tradewind.stack.service import Unhealthy

THINGS = (
    "create table things (id bigint primary key, name text)",
    "alter table things replica identity full",
)


class Load:
    """Loads rows by COPY in small and large transactions until it is stopped; counts the committed rows."""

    def __init__(self, shop: Shop) -> None:
        self.committed = 0
        self._shop = shop
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Load:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join(60)

    def wait_for_more(self, rows: int) -> None:
        """Wait until so many more rows are committed."""
        wanted = self.committed + rows
        wait_until(lambda: self.committed >= wanted)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with self._shop.connect() as session:
                    self.committed = self._committed(session)
                    self._insert(session)
            except psycopg.OperationalError:
                time.sleep(0.05)

    @staticmethod
    def _committed(session: psycopg.Connection[tuple[object, ...]]) -> int:
        """The count in the source: a commit may succeed although its client got no answer."""
        row = session.execute("select count(*) from things").fetchone()
        assert row is not None and isinstance(row[0], int)
        return row[0]

    def _insert(self, session: psycopg.Connection[tuple[object, ...]]) -> None:
        """COPY writes several rows under one log position, where resuming is hardest."""
        while not self._stopping.is_set():
            rows = 2_000 if self.committed % 20_000 < 2_000 else 20
            with session.cursor().copy("copy things from stdin") as copy:
                for number in range(self.committed, self.committed + rows):
                    copy.write_row((number, f"row {number}"))
            session.commit()
            self.committed += rows
            self._stopping.wait(0.002)


def wait_until(condition: Callable[[], bool], timeout_seconds: float = 60) -> None:
    deadline = time.monotonic() + timeout_seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition was not met in time"
        time.sleep(0.005)


def bronze_rows(shop: Shop) -> int:
    return int(shop.query("select count() from bronze.things"))


def assert_nothing_is_missing(shop: Shop, load: Load) -> None:
    """Compare with the source, whose last commit the load may not know of."""
    shop.capture.wait_until_caught_up()
    row = shop.connect().execute("select count(*), sum(id) from things").fetchone()
    assert row is not None and row[0] >= load.committed > 0
    found = shop.query(
        "select uniqExact(_key), sumDistinct(JSONExtractUInt(payload, 'after', 'id')) from bronze.things"
    )
    assert found.split() == [str(row[0]), str(row[1])]


def test_no_event_is_lost_when_the_capture_is_killed_again_and_again(shop: Shop) -> None:
    shop.run(*THINGS)
    shop.capture.start()
    with Load(shop) as load:
        for _ in range(4):
            load.wait_for_more(3_000)
            before = bronze_rows(shop)
            wait_until(lambda before=before: bronze_rows(shop) > before)  # type: ignore[misc]
            shop.capture.kill()
            shop.capture.start()
    assert_nothing_is_missing(shop, load)


def test_no_event_is_lost_when_the_warehouse_is_killed(shop: Shop) -> None:
    shop.run(*THINGS)
    shop.capture.start()
    with Load(shop) as load:
        for _ in range(2):
            load.wait_for_more(5_000)
            shop.warehouse.restart(signal.SIGKILL)
    assert_nothing_is_missing(shop, load)


def test_no_event_is_lost_over_a_crash_of_postgresql(shop: Shop, postgres: RunningPostgres) -> None:
    shop.run(*THINGS)
    shop.capture.start()
    with Load(shop) as load:
        load.wait_for_more(5_000)
        postgres.stop(signal.SIGQUIT)
        assert shop.capture.exit_code() == 1
        postgres.start()
        shop.capture.start()
        load.wait_for_more(100)
    assert "Traceback" not in shop.capture.log and "\tat " not in shop.capture.log
    assert_nothing_is_missing(shop, load)


def test_a_capture_that_has_not_noticed_a_crash_of_postgresql_is_not_healthy(
    shop: Shop, postgres: RunningPostgres
) -> None:
    folder, url = shop.capture.home / "capture", shop.capture.owner_url
    shop.capture.start()
    health.capture(folder, url)
    assert shop.capture.process is not None
    shop.capture.process.send_signal(signal.SIGSTOP)
    postgres.stop(signal.SIGQUIT)
    postgres.start()
    with pytest.raises(Unhealthy, match="the replication slot is not in use"):
        health.capture(folder, url)
    shop.capture.process.send_signal(signal.SIGCONT)
    assert shop.capture.exit_code() == 1


def test_the_slot_is_never_confirmed_past_the_stored_offset(shop: Shop) -> None:
    shop.run(*THINGS)
    shop.capture.start()
    stored = OffsetFile(shop.capture.home / "capture", POSTGRES_SOURCE.stem)
    query = "select confirmed_flush_lsn - '0/0'::pg_lsn from pg_replication_slots where slot_name = %s"
    seen = set()
    with Load(shop) as load, shop.connect() as session:
        while load.committed < 30_000:
            row = session.execute(query, (shop.capture.slot,)).fetchone()
            offset = stored.load()
            assert row is not None and offset is not None and offset.lsn is not None
            assert int(row[0]) <= offset.lsn
            seen.add(int(row[0]))
    assert len(seen) > 3, "the slot was not confirmed at all, so that its log would grow for ever"


def test_a_snapshot_that_was_killed_leaves_no_deleted_row_behind(shop: Shop) -> None:
    shop.run(*THINGS, "insert into things select n, repeat('x', 500) from generate_series(1, 60000) n")
    shop.capture.spawn()
    wait_until(lambda: shop.query("exists table bronze.things").strip() == "1" and bronze_rows(shop) > 0)
    shop.capture.kill()
    assert 0 < bronze_rows(shop) < 60_000
    shop.run("delete from things where id <= 30000")
    shop.capture.start()
    state = shop.state("things")
    assert {row["id"] for row in state.values()} == set(range(30_001, 60_001))


def test_sigterm_stops_it_cleanly_within_seconds(shop: Shop) -> None:
    shop.run(*THINGS)
    shop.capture.start()
    with Load(shop) as load:
        load.wait_for_more(1_000)
        started = time.monotonic()
        assert shop.capture.stop() == 0
        assert time.monotonic() - started < 10
    status = shop.capture.status
    assert status is not None and status.state == "stopped"
    shop.capture.start()
    assert_nothing_is_missing(shop, load)


def test_sigterm_stops_it_while_the_warehouse_is_away(shop: Shop, tmp_path: Path) -> None:
    shop.run(*THINGS)
    shop.capture.start()
    shop.warehouse.stop(signal.SIGKILL)
    try:
        shop.run("insert into things values (1, 'waits')")
        wait_until(lambda: "next attempt" in shop.capture.log)
        assert shop.capture.stop() == 0
    finally:
        shop.warehouse.start()
    shop.capture.start()
    assert list(shop.state("things")) == ['{"id":1}']
