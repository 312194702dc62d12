"""What the warehouse does with records of any origin: to the log of their table, or aside with the reason."""

from __future__ import annotations

import datetime as dt
import json
import signal
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from connectors.bronze.warehouse_http import WarehouseHttp
from connectors.kafka import routing
from connectors.kafka.register import Register
from connectors.kafka.topics import TopicTable
from tests.fixtures.warehouse import RunningWarehouse
from tradewind.settings import Endpoint
from tradewind.source.naming import TableName
from tradewind.warehouse.access import prepare_databases

TABLES = [
    TopicTable(TableName("cdc", "heartbeat"), ("heartbeat_id",)),
    TopicTable(TableName("public", "orders"), ("order_id",)),
    TopicTable(TableName("sales", "orders"), ("order_id",)),
    TopicTable(TableName("a", "b.c"), ("id",)),
    TopicTable(TableName("public", "payments"), ("payment_id",), database="shop"),
    TopicTable(TableName("cdc", "signal"), ("id",), database="cdc"),
]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningWarehouse]:
    running = RunningWarehouse(tmp_path_factory.mktemp("routing") / "warehouse")
    running.start()
    prepare_databases(running.client("admin"))
    http = WarehouseHttp(Endpoint(running.admin_url), threading.Event(), 5)
    Register(http).owners()
    for _ in range(2):  # all statements can be repeated
        for statement in routing.statements(TABLES, 1_000):
            http.run(statement)
    yield running
    running.stop(signal.SIGKILL)


def land(warehouse: RunningWarehouse, topic: str, **source: Any) -> None:
    """A record as both ways in write it."""
    common = {"ts_ms": 1_750_000_000_000, "snapshot": "false"}
    payload = json.dumps({"op": "c", "after": {}, "source": common | source})
    values = [topic, 0, 1, dt.datetime(2026, 1, 1, tzinfo=dt.UTC), "{}", payload]
    columns = ["_topic", "_partition", "_offset", "_timestamp", "_key", "payload"]
    warehouse.client("writer").insert(routing.EVENTS, [values], column_names=columns)


def postgres(schema: str, table: str) -> dict[str, Any]:
    return {"schema": schema, "table": table, "db": "shop", "lsn": 5, "sequence": '["4","5"]'}


def mysql(database: str, table: str) -> dict[str, Any]:
    return {"db": database, "table": table, "file": "binlog.000002", "pos": 7, "row": 1}


@pytest.mark.parametrize(
    ("topic", "source", "log"),
    [
        ("ecomm.cdc.orders", postgres("public", "orders"), "bronze.orders"),
        ("ecomm.cdc.sales.orders", postgres("sales", "orders"), "bronze.`sales.orders`"),
        ("ecomm.cdc.cdc.heartbeat", postgres("cdc", "heartbeat"), "ops.heartbeat"),
        ("ecomm.cdc.payments", mysql("shop", "payments"), "bronze.payments"),
        ("ecomm.cdc.cdc.signal", mysql("cdc", "signal"), "ops.signal"),
    ],
)
def test_an_event_goes_to_the_log_of_the_table_that_it_names(
    warehouse: RunningWarehouse, topic: str, source: dict[str, Any], log: str
) -> None:
    client = warehouse.client("admin")
    land(warehouse, topic, **source)
    ((landed, op, position),) = client.query(f"select _topic, _op, _position from {log}").result_rows
    assert (landed, op) == (topic, "c")
    by_lsn, by_file = "000" + "4".zfill(17) + "2" + "5".zfill(17), "000" + "2".zfill(10) + "7".zfill(14)
    assert position == (by_lsn if "lsn" in source else by_file + "2" + "1".zfill(10))


@pytest.mark.parametrize(
    ("topic", "source", "reason"),
    [
        (
            "ecomm.cdc.orders",
            postgres("sales", "orders"),
            "an event of sales.orders, not of public.orders",
        ),
        (
            "ecomm.cdc.sales.orders",
            postgres("public", "sales.orders"),
            "an event of public.sales.orders, not of sales.orders",
        ),
        (  # the dot is in another name
            "ecomm.cdc.a.b.c",
            postgres("a.b", "c"),
            "an event of a.b.c, not of a.b.c",
        ),
        (
            "ecomm.cdc.payments",
            mysql("other", "payments"),
            "an event of other.payments, not of shop.payments",
        ),
        ("ecomm.cdc.orders", {"table": "orders", "schema": "public"}, "without a log position"),
        (
            "ecomm.cdc.refunds",
            postgres("public", "refunds"),
            "no captured table has the topic ecomm.cdc.refunds",
        ),
    ],
)
def test_what_is_no_event_of_its_topics_table_is_set_aside(
    warehouse: RunningWarehouse, topic: str, source: dict[str, Any], reason: str
) -> None:
    client = warehouse.client("admin")
    client.command(f"truncate table {routing.REJECTED}")
    land(warehouse, topic, **source)
    assert client.query(f"select reason from {routing.REJECTED}").result_rows == [(reason,)]
