"""A source database and a warehouse for the capture's tests alone."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.fixtures.capture import RunningCapture, source_for_capture
from tests.fixtures.postgres import RunningPostgres
from tests.fixtures.warehouse import RunningWarehouse
from tradewind.warehouse import bronze
from tradewind.warehouse.access import prepare_databases

Row = dict[str, Any]


class Shop:
    """A source with the capture's own tables only, a capture of it, and the warehouse it writes to."""

    def __init__(self, capture: RunningCapture, warehouse: RunningWarehouse) -> None:
        self.capture = capture
        self.warehouse = warehouse
        self.source = psycopg.connect(capture.owner_url, autocommit=True)

    def run(self, *statements: str) -> None:
        """Statements in the source, each a transaction."""
        for statement in statements:
            self.source.execute(statement.encode())

    def query(self, query: str) -> str:
        """The warehouse's answer to a query, as text."""
        answer: bytes = self.warehouse.client().raw_query(query)
        return answer.decode()

    def connect(self) -> psycopg.Connection[Any]:
        """Another session in the source; the caller controls its transactions."""
        return psycopg.connect(self.capture.owner_url)

    def events(self, table: str) -> list[Row]:
        """A bronze table's rows in the order of the log, payloads parsed, once all is captured."""
        self.capture.wait_until_caught_up()
        columns = "_op, _position, _key, payload"
        lines = self.query(
            f"select {columns} from bronze.`{table}` order by _position, _key format JSONEachRow"
        )
        rows: list[Row] = [json.loads(line) for line in lines.splitlines()]
        return [row | {"payload": json.loads(row["payload"])} for row in rows]

    def state(self, table: str) -> dict[str, Row]:
        """The current row of each key: events in the order of the log, deletes and truncates applied."""
        current: dict[str, Row] = {}
        for event in self.events(table):
            if event["_op"] == "t":
                current.clear()
            elif event["_op"] == "d":
                current.pop(event["_key"], None)
            else:
                current[event["_key"]] = event["payload"]["after"]
        return current


@pytest.fixture(scope="module")
def private_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningWarehouse]:
    """A server that a test may empty, kill and restart."""
    running = RunningWarehouse(tmp_path_factory.mktemp("capture_warehouse"))
    running.start()
    yield running
    running.stop()


@contextmanager
def open_shop(postgres: RunningPostgres, warehouse: RunningWarehouse, folder: Path) -> Iterator[Shop]:
    """A shop on an empty database and an empty bronze; its capture is not started yet."""
    for database in (bronze.DATABASE, bronze.FEEDS_DATABASE, bronze.PLATFORM_DATABASE):
        warehouse.client().command(f"drop database if exists {database} sync")
    prepare_databases(warehouse.client())
    database = f"shop_{secrets.token_hex(4)}"
    source_for_capture(postgres, database)
    shop = Shop(RunningCapture(folder / "home", postgres, warehouse.writer_url, database), warehouse)
    try:
        yield shop
    finally:
        shop.source.close()
        shop.capture.remove()


@pytest.fixture
def shop(postgres: RunningPostgres, private_warehouse: RunningWarehouse, tmp_path: Path) -> Iterator[Shop]:
    """A shop for one test, which fills the source, starts the capture, and may kill anything."""
    with open_shop(postgres, private_warehouse, tmp_path) as opened:
        yield opened
