"""Snapshot reads and concurrent changes: the newer one wins, whatever their log sequence numbers."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from typing import Any

import psycopg

from tests.integration.capture.conftest import Shop
from tests.integration.capture.test_capture_faults import wait_until

THINGS = (
    "create table things (id bigint primary key, name text)",
    "alter table things replica identity full",
    "insert into things values (1, 'old'), (2, 'untouched')",
)


def waits_for_a_transaction(session: psycopg.Connection[Any], slot: str) -> str | None:
    """The transaction that the slot's creation waits for, if it waits."""
    query = """
        select pg_locks.transactionid::text
        from pg_stat_activity inner join pg_locks using (pid)
        where pg_stat_activity.query ilike '%%create_replication_slot%%' || %s || '%%'
            and pg_locks.locktype = 'transactionid' and not pg_locks.granted"""
    row = session.execute(query, (slot,)).fetchone()
    session.commit()
    return None if row is None else str(row[0])


def wait_for_slot_to_wait(session: psycopg.Connection[Any], slot: str, other_than: str | None = None) -> str:
    deadline = time.monotonic() + 60
    while (transaction := waits_for_a_transaction(session, slot)) in (None, other_than):
        assert time.monotonic() < deadline, "the slot's creation did not wait for a transaction"
        time.sleep(0.01)
    assert transaction is not None
    return transaction


def test_a_change_in_flight_during_the_snapshot_wins_over_its_read(shop: Shop) -> None:
    """The change is written to the log before the snapshot's place, and committed after it."""
    shop.run(*THINGS, "create table locks (id bigint primary key)")
    with ExitStack() as sessions:
        first, second, third = (sessions.enter_context(closing(shop.connect())) for _ in range(3))
        watcher = sessions.enter_context(closing(psycopg.connect(shop.capture.superuser_url)))
        first.execute("insert into locks values (1)")
        shop.capture.spawn()
        waited_for = wait_for_slot_to_wait(watcher, shop.capture.slot)
        second.execute("insert into locks values (2)")
        first.commit()
        wait_for_slot_to_wait(watcher, shop.capture.slot, other_than=waited_for)
        third.execute("update things set name = 'new' where id = 1")
        second.commit()
        shop.capture.wait_for(lambda status: status.state == "streaming")
        third.commit()
    events = [event for event in shop.events("things") if event["_key"] == '{"id":1}']
    assert [event["_op"] for event in events] == ["r", "u"]
    assert int(events[1]["payload"]["source"]["lsn"]) < int(events[0]["payload"]["source"]["lsn"])
    assert shop.state("things")['{"id":1}']["name"] == "new"


def read_again(shop: Shop, table: str) -> None:
    """Ask the capture to read a table anew beside the stream."""
    data = f'{{"data-collections": ["public.{table}"], "type": "incremental"}}'
    shop.source.execute("insert into cdc.signal values ('again', 'execute-snapshot', %s)", (data,))


def wait_for_reads(shop: Shop, rows: int) -> None:
    query = (
        "select count() from bronze.things where _op = 'r' "
        "and JSONExtractString(ifNull(payload, ''), 'source', 'snapshot') = 'incremental'"
    )
    deadline = time.monotonic() + 60
    while int(shop.query(query)) < rows:
        assert time.monotonic() < deadline, "the incremental snapshot did not come"
        time.sleep(0.05)


def test_an_incremental_snapshot_stands_between_the_changes_around_it(shop: Shop) -> None:
    shop.run(*THINGS)
    shop.capture.start()
    shop.run("update things set name = 'before' where id = 1")
    with closing(shop.connect()) as pending:
        pending.execute("update things set name = 'in flight' where id = 2")
        read_again(shop, "things")
        wait_for_reads(shop, 2)
        pending.commit()
    shop.run("update things set name = 'after' where id = 1")
    assert shop.state("things") == {
        '{"id":1}': {"id": 1, "name": "after"},
        '{"id":2}': {"id": 2, "name": "in flight"},
    }
    first = [event["_op"] for event in shop.events("things") if event["_key"] == '{"id":1}']
    second = [event["_op"] for event in shop.events("things") if event["_key"] == '{"id":2}']
    assert first == ["r", "u", "r", "u"]
    assert second == ["r", "r", "u"]


def test_an_incremental_snapshot_voids_nothing(shop: Shop) -> None:
    shop.run(*THINGS, "create table others (id bigint primary key)", "insert into others values (5)")
    shop.capture.start()
    read_again(shop, "things")
    wait_for_reads(shop, 2)
    assert len(shop.state("others")) == 1
    assert all(event["_op"] != "t" for event in shop.events("things") + shop.events("others"))


def test_an_incremental_snapshot_survives_a_kill_of_the_capture(shop: Shop) -> None:
    shop.run(*THINGS, "insert into things select n, 'bulk' from generate_series(10, 30000) n")
    shop.capture.start()
    read_again(shop, "things")
    wait_for_reads(shop, 1)
    shop.capture.kill()
    shop.capture.start()
    wait_for_reads(shop, 29_993)
    assert len(shop.state("things")) == 29_993


def test_waiting_that_began_before_the_first_snapshot_ends_after_it(shop: Shop) -> None:
    shop.run(
        "create table things (id bigint primary key)",
        "insert into things select generate_series(1, 1000)",
    )
    marker = "select xmin::text from cdc.heartbeat"
    before = shop.source.execute(marker).fetchone()
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(shop.capture.wait_until_caught_up)
        wait_until(lambda: shop.source.execute(marker).fetchone() != before)
        shop.capture.start()
        waiting.result()
    assert shop.query("select count() from bronze.things") == "1000\n"
