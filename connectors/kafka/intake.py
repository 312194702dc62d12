"""ClickHouse's Kafka engine as the way in: a queue table over all topics, and the view that empties it.

The database `kafka` is made anew at each start of the warehouse and lives in memory, since the embedded
engine cannot reopen a folder that holds a queue. Nothing is lost with it: how far it has read is kept by
Kafka, under the consumer group, and moves only after the rows are in the change logs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from connectors.bronze.warehouse_http import StatementError, WarehouseHttp
from connectors.kafka.routing import EVENTS

GROUP = "tradewind-bronze"
DATABASE = "kafka"

# A block is handed on when it has so many records, or as long after the first; a poll that found nothing is
# repeated at once. Untuned, a record waits half a second longer.
SETTINGS = {
    "kafka_format": "'RawBLOB'",
    "kafka_num_consumers": "1",
    "kafka_thread_per_consumer": "0",
    "kafka_handle_error_mode": "'stream'",
    "kafka_poll_timeout_ms": "50",
    "kafka_flush_interval_ms": "100",
    "kafka_max_block_size": "65536",
    "kafka_poll_max_batch_size": "65536",
    "kafka_consumer_reschedule_ms": "10",
}

# The embedded engine answers this to the creation of a queue, which it has created by then.
_SHUTDOWN_WAS_CALLED = 49


def is_open(warehouse: WarehouseHttp, topics: Iterable[str]) -> bool:
    """Whether the queue is there and reads exactly these topics."""
    query = (
        "select engine_full, (select count() from system.tables where database = "  # noqa: S608 - our own names
        f"'{DATABASE}' and name = 'intake') from system.tables "
        f"where database = '{DATABASE}' and name = 'queue' format TabSeparatedRaw"
    )
    answer = warehouse.run(query).decode()
    return f"'{_listed(topics)}'" in answer and answer.rstrip().endswith("1")


def open_intake(warehouse: WarehouseHttp, broker: str, topics: Sequence[str], group: str = GROUP) -> None:
    """Begin to read these topics, from where the group has come to."""
    close_intake(warehouse)
    warehouse.run(f"create database if not exists {DATABASE} engine = Memory")
    settings = {
        "kafka_broker_list": f"'{broker}'",
        "kafka_topic_list": f"'{_listed(topics)}'",
        "kafka_group_name": f"'{group}'",
        **SETTINGS,
    }
    listed = ", ".join(f"{name} = {value}" for name, value in settings.items())
    try:
        warehouse.run(
            f"create table {DATABASE}.queue (payload Nullable(String)) engine = Kafka settings {listed}"
        )
    except StatementError as error:
        if error.code != _SHUTDOWN_WAS_CALLED:
            raise
    warehouse.run(
        f"create materialized view {DATABASE}.intake to {EVENTS} as "  # noqa: S608 - our own names
        "select _topic, toInt32(_partition) as _partition, toInt64(_offset) as _offset, "
        "ifNull(_timestamp_ms, now64(3, 'UTC')) as _timestamp, "
        f"nullIf(toString(_key), '') as _key, payload from {DATABASE}.queue"
    )


def close_intake(warehouse: WarehouseHttp) -> None:
    """Stop reading; what has been read is in the change logs."""
    for kind, name in (("view", "intake"), ("table", "queue")):
        if DATABASE.encode() in warehouse.run("show databases").split():
            warehouse.run(f"drop {kind} if exists {DATABASE}.{name} sync")


def _listed(topics: Iterable[str]) -> str:
    return ",".join(sorted(topics))
