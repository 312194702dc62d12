"""Whatever is killed in the middle, no change is lost, and the latest state of every key is the source's."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import psycopg
import pytest

from connectors.kafka.connect_client import ConnectClient
from connectors.kafka.connect_errors import ConnectError
from tests.fixtures.kafka import KafkaShop, RunningKafka, wait_for
from tests.fixtures.postgres import RunningPostgres, free_port
from tradewind.settings import PROJECT_ROOT

ROWS, TRANSACTIONS, CHANGES = 4_000, 40, 1_000


@pytest.fixture(scope="module")
def busy_shop(kafka_shop: KafkaShop) -> KafkaShop:
    kafka_shop.create_table("ledger", "entry_id bigint primary key, amount bigint, note text")
    kafka_shop.run(f"insert into ledger select n, 0, 'begin' from generate_series(1, {ROWS}) as n")
    return kafka_shop


class Changes(threading.Thread):
    """40,000 changes: updates, deletes, and inserts of deleted keys; repeated while the source is away."""

    def __init__(self, shop: KafkaShop) -> None:
        super().__init__(daemon=True)
        self.shop = shop
        self.done = 0
        self.error: Exception | None = None

    def run(self) -> None:
        while self.done < TRANSACTIONS:
            try:
                self._transaction(self.done)
                self.done += 1
            except psycopg.OperationalError:
                time.sleep(0.2)
            except psycopg.Error as error:
                self.error = error
                return

    def _transaction(self, number: int) -> None:
        first = number * 97 % (ROWS - CHANGES)
        with psycopg.connect(self.shop.owner_url) as connection:
            connection.execute(
                "update ledger set amount = amount + 1, note = %s where entry_id between %s and %s",
                (f"t{number}", first, first + CHANGES // 2 - 1),
            )
            connection.execute("delete from ledger where entry_id between %s and %s", (first, first + 99))
            connection.execute(
                "insert into ledger select n, %s, 'again' from generate_series(%s::int, %s::int) as n "
                "on conflict (entry_id) do update set amount = excluded.amount",
                (number, max(first, 1), first + CHANGES // 2 - 1),
            )

    def wait_until(self, number: int) -> None:
        wait_for(lambda: self.done >= number or self.error, f"{number} transactions", 120)
        assert self.error is None


def assert_same(kafka: RunningKafka, shop: KafkaShop) -> None:
    kafka.wait_until_captured(120)
    columns = ("amount", "note")
    assert shop.state("ledger", "entry_id", *columns) == shop.source_state("ledger", "entry_id", *columns)


def kill_connect(kafka: RunningKafka, postgres: RunningPostgres) -> None:
    kafka.kill("connect")
    kafka.start("connect")


def kill_broker(kafka: RunningKafka, postgres: RunningPostgres) -> None:
    kafka.kill("broker")
    kafka.start("broker")


def kill_warehouse(kafka: RunningKafka, postgres: RunningPostgres) -> None:
    kafka.warehouse.restart(signal.SIGKILL)


def kill_database(kafka: RunningKafka, postgres: RunningPostgres) -> None:
    postgres.stop(signal.SIGKILL)
    postgres.start()


@pytest.mark.parametrize("kill", [kill_connect, kill_broker, kill_warehouse, kill_database])
def test_no_change_is_lost_when_a_process_is_killed_in_the_middle(
    kafka: RunningKafka,
    busy_shop: KafkaShop,
    postgres: RunningPostgres,
    kill: Callable[[RunningKafka, RunningPostgres], None],
) -> None:
    changes = Changes(busy_shop)
    changes.start()
    changes.wait_until(TRANSACTIONS // 4)
    kill(kafka, postgres)
    changes.wait_until(TRANSACTIONS)
    restart_if_failed(kafka)
    assert_same(kafka, busy_shop)


def restart_if_failed(kafka: RunningKafka) -> None:
    """What a task of Debezium that gave up needs; `tradewind connectors apply` does the same."""
    kafka.connectors.apply()


def test_a_column_added_while_connect_is_down_arrives(kafka: RunningKafka, busy_shop: KafkaShop) -> None:
    kafka.stop("connect")
    busy_shop.run("alter table ledger add column currency text default 'THB'")
    busy_shop.run("update ledger set currency = 'EUR' where entry_id <= 10")
    kafka.start("connect")
    kafka.wait_until_captured(120)
    assert busy_shop.state("ledger", "entry_id", "currency")["5"] == ("EUR",)


def test_a_topic_that_was_deleted_is_made_again_and_read_from_its_beginning(
    kafka: RunningKafka, busy_shop: KafkaShop
) -> None:
    kafka.wait_until_captured(120)
    before = kafka.cluster.identities(["ecomm.cdc.ledger"])
    kafka.cluster.delete(["ecomm.cdc.ledger"])
    wait_for(
        lambda: kafka.cluster.identities(["ecomm.cdc.ledger"]) not in ({}, before), "the topic is there again"
    )
    busy_shop.run("update ledger set note = 'after the new topic'")
    assert_same(kafka, busy_shop)


def test_a_broker_that_is_away_under_load_is_waited_for(kafka: RunningKafka, busy_shop: KafkaShop) -> None:
    kafka.kill("broker")
    changes = Changes(busy_shop)
    changes.start()
    changes.wait_until(TRANSACTIONS)
    time.sleep(20)  # longer than every session: members are thrown out, and have to come back
    kafka.start("broker")
    restart_if_failed(kafka)
    assert_same(kafka, busy_shop)


def test_a_second_worker_takes_over_from_one_that_is_killed(
    kafka: RunningKafka, busy_shop: KafkaShop
) -> None:
    port = free_port()
    command = [sys.executable, "-m", "connectors.kafka.worker", "--state", "connect2", "--port", str(port)]
    with (kafka.folder / "connect2.log").open("ab") as log:
        second = subprocess.Popen(
            command,
            cwd=kafka.folder,
            env=kafka.environment(PYTHONPATH=str(PROJECT_ROOT)),
            stdout=log,
            stderr=log,
        )
    try:
        wait_for(lambda: answers(port), "the second worker runs", 240)
        kafka.kill("connect")
        busy_shop.run("update ledger set note = 'by the second worker' where entry_id <= 50")
        kafka.settings = kafka.settings.model_copy(update={"connect_url": f"http://127.0.0.1:{port}"})
        assert_same(kafka, busy_shop)
    finally:
        kafka.settings = kafka.settings.model_copy(update={"connect_url": kafka.urls["CONNECT_URL"]})
        kafka.start("connect")
        second.kill()
        second.wait(30)


def answers(port: int) -> bool:
    try:
        return bool(ConnectClient(f"http://127.0.0.1:{port}", retry_seconds=0).plugins())
    except ConnectError:
        return False
