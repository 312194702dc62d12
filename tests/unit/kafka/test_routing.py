"""Which tables have topics, and what happens to those whose names collide."""

from __future__ import annotations

import json
import re

import pytest

from connectors.definitions.definition import Properties
from connectors.kafka.declared import FOLDER, SOURCES
from connectors.kafka.source_tables import SourceTables
from connectors.kafka.topics import TopicTable
from tradewind.source.naming import TableName

PLAIN, QUOTED = TableName("public", "user_events"), TableName("public", "user events")
SALES = TableName("sales", "orders")


def source(*tables: TableName, database: str = "", **more: Properties) -> SourceTables:
    listed = [TopicTable(table, ("id",), database) for table in tables]
    return SourceTables(listed, {table: ("id",) for table in tables}, {}, **more)  # type: ignore[arg-type]


def test_of_tables_that_would_share_a_topic_the_one_of_that_name_is_captured() -> None:
    found = source(QUOTED, PLAIN, SALES).with_owners({})
    assert [each.table for each in found.tables] == [PLAIN, SALES]
    assert set(found.columns) == {PLAIN, SALES}
    assert found.refused.keys() == {'public."user events"'}
    assert "collides with that of public.user_events" in found.refused['public."user events"']


def test_a_table_that_has_a_log_keeps_it() -> None:
    found = source(QUOTED, PLAIN).with_owners({QUOTED.collision_key: QUOTED})
    assert [each.table for each in found.tables] == [QUOTED]


def test_the_connector_does_not_read_what_is_refused() -> None:
    before = {"table.exclude.list": "(?-i:public[.]other)"}
    found = source(QUOTED, PLAIN, properties=before, snapshot_properties=before).with_owners({})
    for lists in (found.properties, found.snapshot_properties):
        first, second = lists["table.exclude.list"].split(",")
        assert first == "(?-i:public[.]other)"
        assert re.fullmatch(second.replace(r"\x{20}", " "), "public.user events")


def test_of_a_mysql_family_server_the_list_names_the_database() -> None:
    found = source(QUOTED, PLAIN, database="shop").with_owners({})
    assert found.properties["table.exclude.list"] == r"(?-i:shop[.]user\x{20}events)"


def test_without_collisions_nothing_changes() -> None:
    before = source(PLAIN, SALES)
    assert before.with_owners({}) is before


@pytest.mark.parametrize("name", SOURCES)
def test_every_source_routes_its_events_to_the_topics_of_their_tables(name: str) -> None:
    definition = json.loads((FOLDER / f"{name}.json").read_text())
    shop = "public" if name == "postgres-source" else "shop"
    regex = definition["transforms.route.regex"].replace("${env:TRADEWIND_SOURCE_DATABASE}", "shop")
    replacement = definition["transforms.route.replacement"].replace("$1", r"\1")
    for table in (TableName("public", "orders"), TableName("cdc", "heartbeat"), TableName("cdc", "signal")):
        written = f"{definition['topic.prefix']}.{shop if table.schema == 'public' else 'cdc'}.{table.table}"
        assert re.sub(f"^{regex}$", replacement, written) == table.topic
