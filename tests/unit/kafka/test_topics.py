"""topics.yaml: one list, and what differs from it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from connectors.kafka.errors import KafkaError
from connectors.kafka.topics import FILE, TopicTable, compare, read_topics, write_tables
from tradewind.source.naming import TableName
from tradewind.warehouse.bronze import LogTable

ORDERS, USERS = TableName("public", "orders"), TableName("public", "users")


def test_topics_are_declared_as_the_platform_promises() -> None:
    topics = read_topics()
    orders = topics.topic(ORDERS)
    assert (orders.name, orders.partitions) == ("ecomm.cdc.orders", 6)
    assert orders.settings["compression.type"] == "snappy"
    assert orders.settings["retention.ms"] == str(7 * 24 * 3600 * 1000)
    tables = {table.topic: table for table in topics.tables}
    assert tables["ecomm.cdc.cart_items"].key == ("cart_id", "sku_id")
    assert tables["ecomm.cdc.cart_items"].log == LogTable("bronze", "cart_items")
    assert tables["ecomm.cdc.cdc.heartbeat"].log == LogTable("ops", "heartbeat")


def test_connect_makes_a_new_tables_topic_as_if_it_were_listed() -> None:
    properties = read_topics().creation_properties(3)
    assert properties["topic.creation.default.partitions"] == "6"
    assert properties["topic.creation.default.replication.factor"] == "3"
    assert properties["topic.creation.default.compression.type"] == "snappy"


def test_what_differs_is_named_by_topic_and_setting() -> None:
    topics = read_topics()
    wanted = [topics.topic(ORDERS), topics.topic(USERS)]
    found = replace(
        wanted[0], partitions=3, settings=wanted[0].settings | {"retention.ms": "1", "other": "x"}
    )
    differences = [(item.topic, item.what, item.found) for item in compare(wanted, {found.name: found})]
    assert differences == [
        ("ecomm.cdc.orders", "partitions", "3"),
        ("ecomm.cdc.orders", "retention.ms", "1"),
        ("ecomm.cdc.users", "topic", None),
    ]
    assert compare(wanted, {topic.name: topic for topic in wanted}) == []


def test_tables_are_written_below_what_is_kept_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "topics.yaml"
    path.write_text(FILE.read_text())
    written = [
        TopicTable(TableName("public", "Odd, name: x"), ()),
        TopicTable(TableName("public", "a"), ("x", "y, z")),
        TopicTable(TableName("sales", "a"), ("x",)),
    ]
    write_tables(reversed(written), path)
    assert path.read_text().startswith(FILE.read_text().partition("tables:\n")[0])
    assert "  ecomm.cdc.sales.a: {table: sales.a, key: [x]}\n" in path.read_text()
    assert list(read_topics(path).tables) == written


def test_a_topic_that_is_not_its_tables_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "topics.yaml"
    path.write_text(FILE.read_text() + "  ecomm.cdc.other: {table: sales.orders, key: []}\n")
    with pytest.raises(KafkaError, match=r"topic of sales\.orders is ecomm\.cdc\.sales\.orders"):
        read_topics(path)


def test_a_missing_entry_is_named(tmp_path: Path) -> None:
    path = tmp_path / "topics.yaml"
    path.write_text("change_data: {partitions: 1}\ndead_letters: {}\ntables: {}\n")
    with pytest.raises(KafkaError, match=r"topics\.yaml has no 'largest_message_bytes'"):
        read_topics(path)
