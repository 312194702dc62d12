"""Topics into Iceberg, by the Iceberg sink connector; read back by ClickHouse."""

from __future__ import annotations

from pathlib import Path

import chdb

from tests.fixtures.kafka import KafkaShop, RunningKafka, need_jars, wait_for


def landed(lake: Path) -> int:
    """Events of the orders' topic in the Iceberg table."""
    tables = list(lake.glob("**/change_events/metadata"))
    if not tables:
        return 0
    query = f"select count() from icebergLocal('{tables[0].parent}') where _topic = 'ecomm.cdc.orders'"
    return int(str(chdb.query(query)))


def test_every_record_of_a_topic_is_in_the_iceberg_table(kafka: RunningKafka, kafka_shop: KafkaShop) -> None:
    need_jars("iceberg")
    kafka_shop.run("update orders set status = 'in the lake' where order_id <= 20")
    kafka.wait_until_captured()
    lake = kafka.folder / "lake"
    lake.mkdir(exist_ok=True)
    kafka.connectors.apply(["iceberg-sink"])
    records = sum(kafka.cluster.ends(["ecomm.cdc.orders"]).values())
    try:
        wait_for(lambda: landed(lake) >= records, "every record is in the lake", 120)
    finally:
        kafka.connect.delete("iceberg-sink")
    assert landed(lake) == records
