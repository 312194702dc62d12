"""The same landing by the ClickHouse sink connector, where a setting names the folder with its jars."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.fixtures.kafka import KafkaShop, RunningKafka, wait_for
from tests.integration.kafka.test_landing import discard_all, event, rejected

SINK = os.environ.get("TRADEWIND_CLICKHOUSE_SINK")


@pytest.fixture(scope="module")
def by_sink(kafka: RunningKafka, kafka_shop: KafkaShop) -> Iterator[RunningKafka]:
    """The landing as the sink connector does it; the Kafka engine's before and after."""
    if not SINK:
        pytest.skip("TRADEWIND_CLICKHOUSE_SINK does not name the folder with the sink's jars")
    kafka.wait_until_captured()
    kafka.stop("landing")
    before = os.environ.get("TRADEWIND_LANDING")
    os.environ["TRADEWIND_LANDING"] = "sink"
    try:
        kafka.start("landing")
        kafka.connectors.apply()
        yield kafka
        kafka.connect.delete("clickhouse-sink")
    finally:
        os.environ.pop("TRADEWIND_LANDING")
        if before:
            os.environ["TRADEWIND_LANDING"] = before
        kafka.stop("landing")
        kafka.start("landing")


def test_changes_arrive_by_the_sink_and_nothing_reads_beside_it(
    by_sink: RunningKafka, kafka_shop: KafkaShop
) -> None:
    kafka_shop.run("update orders set status = 'by the sink' where order_id <= 50")
    kafka_shop.run("delete from orders where order_id = 51")
    by_sink.wait_until_captured()
    assert kafka_shop.state("orders", "order_id", "status") == kafka_shop.source_state(
        "orders", "order_id", "status"
    )
    tables = by_sink.client().query("select name from system.tables where database = 'kafka'").result_rows
    assert tables == []


def test_schema_and_table_are_checked_although_the_sink_routes_by_topic(
    by_sink: RunningKafka, kafka_shop: KafkaShop
) -> None:
    discard_all(by_sink)
    by_sink.produce("ecomm.cdc.orders", b'{"order_id":1}', event("customers", order_id=1), [("a", b"b")])
    by_sink.produce("ecomm.cdc.orders", b'{"order_id":1}', b"not an event")
    by_sink.produce("ecomm.cdc.orders", None, event("orders", order_id=1))
    by_sink.produce("ecomm.cdc.orders", b'{"order_id":1}', None)
    kafka_shop.run("insert into orders values (5000, 'after poison', 1, '')")
    by_sink.wait_until_captured()
    assert kafka_shop.state("orders", "order_id", "status")["5000"] == ("after poison",)
    reasons = wait_for(lambda: len(found := rejected(by_sink)) >= 3 and found, "the dead letters")
    assert set(reasons) == {
        "an event of public.customers, not of public.orders",
        "not a change envelope",
        "without a key, although its table has one",
    }
    letter = by_sink.connectors.dead_letters().find(
        reasons["an event of public.customers, not of public.orders"]
    )
    assert letter.record.headers == [("a", b"b")]
    discard_all(by_sink)
