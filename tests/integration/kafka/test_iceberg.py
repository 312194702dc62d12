"""Topics in the lake by the Iceberg sink connector, read back with ClickHouse's own reader of Iceberg."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.kafka import KafkaShop, RunningKafka, need_jars, wait_for

NAME, TOPIC = "iceberg-sink", "ecomm.cdc.parcels"
READ = """
import chdb, sys
engine = chdb.connect(f":memory:?user_files_path={sys.argv[1]}")
print(engine.query(f"select _partition, _offset, payload from icebergLocal('{sys.argv[1]}') "
    f"where _topic = '{sys.argv[2]}' order by 1, 2", "JSONCompactEachRow"))
"""

Row = tuple[int, int, str]


@pytest.fixture(scope="module")
def lake(kafka: RunningKafka, kafka_shop: KafkaShop) -> Iterator[Path]:
    """The folder of the table that the sink writes, with the sink running."""
    need_jars("iceberg")
    if not any("Iceberg" in plugin.class_name for plugin in kafka.connect.plugins()):
        kafka.stop("connect")  # it looks for plugins when it starts
        kafka.start("connect")
    kafka_shop.create_table("parcels", "parcel_id bigint primary key, place text")
    kafka_shop.run("insert into parcels select n, 'depot' from generate_series(1, 200) as n")
    kafka.connectors.apply([NAME])
    yield kafka.folder / "lake" / "warehouse" / "bronze" / "change_events"
    kafka.connect.delete(NAME)


def rows(table: Path) -> list[Row]:
    """What the table holds of the topic; read in a process of its own, since an engine is one a process."""
    if not (table / "metadata").is_dir():
        return []
    done = subprocess.run(
        [sys.executable, "-c", READ, str(table), TOPIC], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return [tuple(json.loads(line)) for line in done.stdout.splitlines() if line.strip()]


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
    kafka: RunningKafka, kafka_shop: KafkaShop, lake: Path
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
