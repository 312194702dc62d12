"""Plans: what differs, with secrets masked."""

from __future__ import annotations

import json

import pytest

from connectors.kafka.declared import FOLDER, NAMES, declared
from connectors.kafka.errors import KafkaError
from connectors.kafka.plan import Change, ConnectorPlan, _changes
from connectors.kafka.source_tables import SourceTables
from connectors.kafka.topics import TopicTable, read_topics
from tradewind.settings import KafkaSettings
from tradewind.source.naming import TableName

ORDERS, USERS = TableName("public", "orders"), TableName("public", "users")
SOURCE = SourceTables(
    [TopicTable(ORDERS, ("order_id",)), TopicTable(USERS, ("user_id",))],
    {ORDERS: ("order_id",), USERS: ("user_id",)},
    {},
    properties={"table.exclude.list": "public[.]others"},
)


def test_secrets_are_masked_and_placeholders_are_shown() -> None:
    changes = _changes(
        {"database.password": "hunter2", "sasl.jaas.config": "x", "slot.name": "a"},
        {"database.password": "${env:TRADEWIND_SOURCE_PASSWORD}", "slot.name": "b"},
    )
    assert changes == [
        Change("database.password", "********", "${env:TRADEWIND_SOURCE_PASSWORD}"),
        Change("sasl.jaas.config", "********", None),
        Change("slot.name", "a", "b"),
    ]
    assert [change.sign for change in changes] == ["~", "-", "~"]


def test_what_to_do_follows_from_what_is_there() -> None:
    change = [Change("a", None, "b")]
    assert ConnectorPlan("x", {}, False, "absent", change).action == "create"
    assert ConnectorPlan("x", {}, True, "RUNNING", change).action == "update"
    assert ConnectorPlan("x", {}, True, "PAUSED", []).action == "resume"
    assert ConnectorPlan("x", {}, True, "FAILED", []).action == "resume"
    assert ConnectorPlan("x", {}, True, "RUNNING", []).action == "nothing"


@pytest.mark.parametrize("name", NAMES)
def test_every_definition_is_declared_whole_and_holds_no_secret(name: str) -> None:
    properties = declared(name, read_topics(), SOURCE, KafkaSettings())
    assert properties["connector.class"]
    for key, text in properties.items():
        if "password" in key or key.endswith((".user", "username")):
            assert text.startswith("${env:TRADEWIND_"), key
    if name.endswith("-sink"):
        assert properties["topics"] == "ecomm.cdc.orders,ecomm.cdc.users"
    else:
        assert properties["topic.creation.default.partitions"] == "6"
        assert properties["table.exclude.list"] == "public[.]others"


def test_sources_of_both_families_write_events_of_one_shape() -> None:
    shared = (
        "decimal.handling.mode", "time.precision.mode", "binary.handling.mode", "tombstones.on.delete",
        "skipped.operations", "topic.prefix", "transforms.route.replacement", "key.converter",
    )  # fmt: skip
    definitions = [json.loads((FOLDER / f"{name}.json").read_text()) for name in NAMES if "source" in name]
    for key in shared:
        assert len({definition[key] for definition in definitions}) == 1, key


def test_an_unknown_connector_is_named() -> None:
    with pytest.raises(KafkaError, match="no connector nothing is declared; there are postgres-source"):
        declared("nothing", read_topics(), SOURCE, KafkaSettings())
