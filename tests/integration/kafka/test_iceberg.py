"""Topics in the lake by the Iceberg sink connector, read back by the lakehouse's own Spark."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.fixtures.kafka import KafkaShop, RunningKafka, need_jars, wait_for
from tradewind.lakehouse.lake import Lake

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

NAME, TOPIC = "iceberg-sink", "ecomm.cdc.parcels"
TABLE = "lake.bronze.change_events"
READ = f"select kafka_partition, kafka_offset, payload from {TABLE} where kafka_topic = '{TOPIC}'"

Row = tuple[int, int, str]


@pytest.fixture(scope="module")
def lake(spark: None, kafka: RunningKafka, kafka_shop: KafkaShop) -> Iterator[SparkSession]:
    """Spark on the lake that the sink writes, with the sink running."""
    need_jars("iceberg")
    if not any("Iceberg" in plugin.class_name for plugin in kafka.connect.plugins()):
        kafka.stop("connect")  # it looks for plugins when it starts
        kafka.start("connect")
    kafka_shop.create_table("parcels", "parcel_id bigint primary key, place text")
    kafka_shop.run("insert into parcels select n, 'depot' from generate_series(1, 200) as n")
    kafka.connectors.apply([NAME])
    with Lake(kafka.folder / "lake").session() as session:
        yield session
    kafka.connect.delete(NAME)


def rows(lake: SparkSession) -> list[Row]:
    """What the table holds of the topic."""
    if not lake.catalog.tableExists(TABLE):
        return []
    return [(row[0], row[1], row[2]) for row in lake.sql(READ).collect()]


def state(found: list[Row]) -> dict[str, str]:
    """The latest state of each row: all changes of a key are in one partition, in order."""
    latest: dict[str, str] = {}
    for _, _, payload in sorted(found):
        event: dict[str, Any] = json.loads(payload)
        key = str((event["after"] or event["before"])["parcel_id"])
        if event["op"] == "d":
            latest.pop(key, None)
        else:
            latest[key] = event["after"]["place"]
    return latest


def in_source(shop: KafkaShop) -> dict[str, str]:
    return {key: place for key, (place,) in shop.source_state("parcels", "parcel_id", "place").items()}


def test_changes_are_in_the_lake_each_once_also_after_a_kill(
    kafka: RunningKafka, kafka_shop: KafkaShop, lake: SparkSession
) -> None:
    kafka_shop.run("update parcels set place = 'road' where parcel_id <= 100")
    kafka_shop.run("delete from parcels where parcel_id between 90 and 110")
    wait_for(lambda: state(rows(lake)) == in_source(kafka_shop), "the lake has the changes", 120)
    kafka_shop.run("update parcels set place = 'door' where parcel_id <= 50")
    kafka.kill("connect")
    kafka_shop.run("update parcels set place = 'house' where parcel_id <= 20")
    kafka.start("connect")
    wait_for(lambda: state(rows(lake)) == in_source(kafka_shop), "the lake has what came after", 180)
    places = [(partition, offset) for partition, offset, _ in rows(lake)]
    assert len(places) == len(set(places)), "a record is in the lake twice"
