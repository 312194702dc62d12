"""The REST client against a real Kafka Connect."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from connectors.kafka.connect_client import ConnectClient
from connectors.kafka.connect_errors import ConnectError, ConnectorFailed, ConnectUnavailable
from connectors.kafka.connect_types import Offset
from connectors.kafka.declared import declared
from tests.fixtures.kafka import KafkaShop, RunningKafka, wait_for
from tests.fixtures.postgres import free_port

NAME = "client test é?"  # a name that has to be quoted in addresses


@pytest.fixture
def connect(kafka: RunningKafka) -> Iterator[ConnectClient]:
    client = kafka.connect
    yield client
    if NAME in client.connectors():
        client.delete(NAME)


@pytest.fixture
def config(kafka: RunningKafka, kafka_shop: KafkaShop) -> dict[str, str]:
    """A connector beside the shop's own, with a slot and topics of its own."""
    connectors = kafka.connectors
    own = {"slot.name": "client_test", "slot.drop.on.stop": "true", "topic.prefix": "client"}
    whole = declared("postgres-source", connectors.topics, connectors.source(), connectors.kafka)
    return whole | own | {"snapshot.mode": "no_data", "transforms.route.regex": "none"}


def test_a_connector_is_created_paused_resumed_restarted_stopped_and_deleted(
    connect: ConnectClient, config: dict[str, str]
) -> None:
    created = connect.create(NAME, config, "STOPPED")
    assert (created.name, created.kind) == (NAME, "source")
    connect.wait_until(NAME, "STOPPED", 30)
    connect.resume(NAME)
    status = connect.wait_until(NAME, "RUNNING", 60)
    assert [task.state for task in status.tasks] == ["RUNNING"]
    assert connect.task_status(NAME, 0).state == "RUNNING"
    assert [task.config["slot.name"] for task in connect.tasks(NAME)] == ["client_test"]
    connect.pause(NAME)
    connect.wait_until(NAME, "PAUSED", 30)
    connect.resume(NAME)
    connect.wait_until(NAME, "RUNNING", 30)
    connect.restart(NAME, include_tasks=True)
    connect.restart_task(NAME, 0)
    connect.wait_until(NAME, "RUNNING", 30)
    connect.restart(NAME, only_failed=True)
    connect.stop(NAME)
    connect.wait_until(NAME, "STOPPED", 30)
    assert NAME in connect.statuses()
    connect.delete(NAME)
    wait_for(lambda: NAME not in connect.connectors(), "the connector is gone")


def test_a_configuration_is_replaced_patched_and_read_with_its_placeholders(
    connect: ConnectClient, config: dict[str, str]
) -> None:
    connect.create(NAME, config, "STOPPED")
    connect.put_config(NAME, config | {"poll.interval.ms": "77"})
    connect.patch_config(NAME, {"max.batch.size": "512", "snapshot.fetch.size": None})
    found = connect.config(NAME)
    assert (found["poll.interval.ms"], found["max.batch.size"]) == ("77", "512")
    assert "snapshot.fetch.size" not in found
    assert found["database.password"] == "${env:TRADEWIND_SOURCE_PASSWORD}"
    assert connect.info(NAME).config == found


def test_offsets_are_altered_and_reset_only_while_stopped(
    connect: ConnectClient, config: dict[str, str]
) -> None:
    connect.create(NAME, config, "STOPPED")
    connect.wait_until(NAME, "STOPPED", 30)
    assert connect.offsets(NAME) == []
    place = Offset({"server": "client"}, {"lsn": 1, "lsn_commit": 1, "ts_usec": 1})
    assert "success" in connect.alter_offsets(NAME, [place])
    assert connect.offsets(NAME) == [place]
    assert "success" in connect.reset_offsets(NAME)
    assert connect.offsets(NAME) == []


def test_offsets_of_a_running_connector_are_refused_with_the_reason(
    connect: ConnectClient, kafka_shop: KafkaShop
) -> None:
    with pytest.raises(ConnectError, match="must be in the STOPPED state") as caught:
        connect.reset_offsets("postgres-source")
    assert caught.value.status == 400


def test_topics_of_a_connector_are_listed_and_forgotten(
    connect: ConnectClient, kafka_shop: KafkaShop
) -> None:
    assert "ecomm.cdc.orders" in connect.topics("postgres-source")
    connect.reset_topics("postgres-source")
    wait_for(lambda: "ecomm.cdc.orders" not in connect.topics("postgres-source"), "the topics are forgotten")


def test_the_worker_its_plugins_and_loggers_are_known(connect: ConnectClient) -> None:
    assert connect.cluster()["version"] == "4.3.1"
    sources = {plugin.class_name: plugin for plugin in connect.plugins()}
    assert sources["io.debezium.connector.postgresql.PostgresConnector"].version == "3.7.0.Final"
    assert any(plugin.kind == "transformation" for plugin in connect.plugins(connectors_only=False))
    connect.set_log_level("io.debezium.relational", "DEBUG")
    wait_for(lambda: connect.loggers().get("io.debezium.relational") == "DEBUG", "the level is set")
    connect.set_log_level("io.debezium.relational", "INFO")


def test_validation_names_each_wrong_property(connect: ConnectClient, config: dict[str, str]) -> None:
    wrong = {"name": "x", **config, "max.batch.size": "many", "snapshot.mode": "sometimes"}
    reports = {report.name: report for report in connect.validate(wrong) if report.errors}
    assert set(reports) == {"max.batch.size", "snapshot.mode"}
    assert "integer" in reports["max.batch.size"].errors[0]


def test_a_refused_configuration_carries_connects_words_and_the_properties(
    connect: ConnectClient, config: dict[str, str]
) -> None:
    with pytest.raises(ConnectError, match=r"tasks\.max") as caught:
        connect.put_config(NAME, config | {"tasks.max": "none"})
    assert caught.value.status == 400
    assert caught.value.properties == ("tasks.max",)


def test_what_does_not_exist_and_what_exists_already_are_errors(
    connect: ConnectClient, config: dict[str, str]
) -> None:
    with pytest.raises(ConnectError, match="nowhere") as missing:
        connect.info("nowhere")
    assert missing.value.status == 404
    connect.create(NAME, config, "STOPPED")
    begun = time.monotonic()
    with pytest.raises(ConnectError, match="already exists") as taken:
        connect.create(NAME, config)
    assert taken.value.status == 409
    assert time.monotonic() - begun < 10  # not repeated


def test_a_failed_task_is_reported_by_its_innermost_cause(
    connect: ConnectClient, config: dict[str, str]
) -> None:
    connect.put_config(NAME, config | {"publication.name": "missing", "slot.name": "client_test_failing"})
    with pytest.raises(ConnectorFailed, match="task 0: ConnectException: Publication autocreation is"):
        connect.wait_until(NAME, "RUNNING", 60)


def test_a_name_that_connect_cannot_address_is_refused_before_it_is_created(connect: ConnectClient) -> None:
    with pytest.raises(ConnectError, match=r"a/b.*may not hold a slash"):
        connect.create("a/b", {})
    assert "a/b" not in connect.connectors()


def test_a_worker_that_is_away_is_waited_for_only_as_long_as_allowed() -> None:
    away = ConnectClient(f"http://127.0.0.1:{free_port()}", retry_seconds=1)
    begun = time.monotonic()
    with pytest.raises(ConnectUnavailable, match="does not accept connections") as caught:
        away.connectors()
    assert 0.9 < time.monotonic() - begun < 10
    assert not caught.value.was_sent
