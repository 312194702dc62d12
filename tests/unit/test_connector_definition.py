"""One definition for two runtimes: nothing is renamed, nothing is silently left out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from connectors.definitions.definition import embedded_properties, read_definition, source_values
from connectors.errors import CaptureError
from tradewind.settings import Endpoint
from tradewind.source.naming import TOPIC_PREFIX, TableName

SOURCE = source_values(Endpoint("postgresql://cdc:s%40cret@db.example:5433/ecomm"))


def test_the_embedded_engine_gets_the_address_and_the_decoded_password() -> None:
    properties = embedded_properties(read_definition(), SOURCE)
    assert properties["database.hostname"] == "db.example"
    assert properties["database.port"] == "5433"
    assert properties["database.password"] == "s@cret"


def test_the_embedded_engine_gets_all_but_what_belongs_to_kafka_connect() -> None:
    definition = read_definition()
    left_out = set(definition) - set(embedded_properties(definition, SOURCE))
    assert left_out == {
        "tasks.max",
        "key.converter",
        "key.converter.schemas.enable",
        "value.converter",
        "value.converter.schemas.enable",
        "producer.override.compression.type",
        "producer.override.linger.ms",
        "producer.override.acks",
        "producer.override.max.request.size",
    }


def test_the_definition_holds_no_secret() -> None:
    definition = read_definition()
    assert all(definition[f"database.{name}"].startswith("${env:") for name in ("user", "password"))


def test_deletes_and_truncates_are_captured_and_the_publication_is_not_made_here() -> None:
    definition = read_definition()
    assert definition["skipped.operations"] == "none"
    assert definition["publication.autocreate.mode"] == "disabled"
    assert definition["slot.drop.on.stop"] == "false"


def test_a_topic_names_the_table_and_its_schema_unless_it_is_public() -> None:
    definition = read_definition()
    prefix = definition["topic.prefix"]
    assert prefix + "." == TOPIC_PREFIX
    for table in (TableName("public", "orders"), TableName("sales", "orders"), TableName("cdc", "signal")):
        topic = f"{prefix}.{table.schema}.{table.table}"
        replacement = definition["transforms.route.replacement"].replace("$1", r"\1")
        routed = re.sub(f"^{definition['transforms.route.regex']}$", replacement, topic)
        assert routed == table.topic


def test_a_placeholder_without_a_value_is_named() -> None:
    with pytest.raises(CaptureError, match=r"database\.password needs TRADEWIND_SOURCE_PASSWORD"):
        embedded_properties({"database.password": "${env:TRADEWIND_SOURCE_PASSWORD}"}, {})


def test_a_definition_that_is_not_a_flat_object_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    path.write_text('{"tasks.max": 1}')
    with pytest.raises(CaptureError, match=r"broken\.json"):
        read_definition(path)
