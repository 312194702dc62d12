"""The stack through Kafka: its demo ends with the embedded demo's figures, also after kills."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.kafka import jars
from tests.e2e.recomputation import differences
from tests.e2e.test_crash import Load
from tests.fixtures.kafka import need_jars, wait_for
from tests.fixtures.stack import Stack

SERVICES = {
    "postgres", "warehouse", "kafka", "connect", "landing",
    "dagster-code", "dagster-webserver", "dagster-daemon", "api", "alerts", "fraud-scoring",
}  # fmt: skip


@pytest.fixture(scope="module")
def kafka_stack(tmp_path_factory: pytest.TempPathFactory, olist: Path) -> Iterator[Stack]:
    """A running stack that captures through Kafka, loaded and built by the demo itself."""
    need_jars(jars.BROKER, "debezium-postgres")
    running = Stack(tmp_path_factory.mktemp("kafka_stack") / "home")
    try:
        done = running.tradewind("demo", "--stack", "kafka", "--data", str(olist), "--keep", "--json")
        running.summary = json.loads(done.stdout)
        yield running
    finally:
        running.tradewind("down", check=False)


def test_the_demo_ends_with_the_figures_of_the_embedded_demo(stack: Stack, kafka_stack: Stack) -> None:
    ours, embedded = kafka_stack.summary, stack.summary
    assert ours["kpis"] == embedded["kpis"]
    assert ours["models"] == embedded["models"]
    assert ours["tests"] == embedded["tests"]
    for layer in ("ods", "cdm", "ads"):
        assert ours["rows"][layer] == embedded["rows"][layer]


def test_every_service_runs_and_a_second_up_finds_nothing_to_do(kafka_stack: Stack) -> None:
    services = kafka_stack.services()
    assert services.keys() == SERVICES
    assert {service["state"] for service in services.values()} == {"running"}
    pids = {name: service["pid"] for name, service in services.items()}
    kafka_stack.tradewind("up")
    assert {name: service["pid"] for name, service in kafka_stack.services().items()} == pids


def test_connectors_are_shown_planned_and_applied_by_the_command_line(kafka_stack: Stack) -> None:
    (status,) = json.loads(kafka_stack.tradewind("connectors", "status", "--json").stdout)
    assert (status["connector"], status["state"]) == ("postgres-source", "RUNNING")
    assert "nothing differed" in kafka_stack.tradewind("connectors", "apply").stdout
    assert "the source can be captured" in kafka_stack.tradewind("connectors", "check").stdout
    assert json.loads(kafka_stack.tradewind("connectors", "offsets", "postgres-source", "--json").stdout)
    assert json.loads(kafka_stack.tradewind("connectors", "drift", "--json").stdout) == []
    assert "clickhouse-sink" in kafka_stack.tradewind("connectors", "list").stdout
    for command, state in (("pause", "PAUSED"), ("resume", "RUNNING"), ("stop", "STOPPED")):
        kafka_stack.tradewind("connectors", command, "postgres-source")
        (status,) = json.loads(kafka_stack.tradewind("connectors", "status", "--json", check=False).stdout)
        assert status["state"] == state
    assert kafka_stack.tradewind("connectors", "plan", check=False).returncode == 2
    kafka_stack.tradewind("connectors", "apply")
    kafka_stack.tradewind("connectors", "restart", "postgres-source", "--only-failed")
    assert kafka_stack.tradewind("connectors", "plan").returncode == 0


def test_status_shows_connectors_lag_and_dead_letters(kafka_stack: Stack) -> None:
    shown = json.loads(kafka_stack.tradewind("status", "--json").stdout)["kafka"]
    assert shown["connectors"] == {"postgres-source": "RUNNING (tasks: RUNNING)"}
    assert shown["dead_letters"] == 0
    assert shown["lag_records"] is not None
    assert "dead_letters: 0" in kafka_stack.tradewind("status").stdout


def test_no_password_is_in_a_file_or_log_of_kafka(kafka_stack: Stack) -> None:
    passwords = {
        url.split(":")[2].split("@")[0].encode()
        for name, url in kafka_stack.urls.items()
        if name.endswith("_URL") and "@" in url
    }
    assert len(passwords) > 4
    kafka_stack.tradewind("connectors", "logs", "postgres-source")
    for folder in ("kafka", "connect", "landing", "logs"):
        for path in (kafka_stack.home / folder).rglob("*"):
            if path.is_file() and path.suffix != ".jsa":
                content = path.read_bytes()
                assert not any(password in content for password in passwords), path


def test_a_home_stays_of_its_kind(kafka_stack: Stack) -> None:
    refused = kafka_stack.tradewind("up", "--stack", "embedded", check=False)
    assert refused.returncode == 1
    assert "another kind" in refused.stderr


def test_marts_are_exact_after_every_process_was_killed_under_load(kafka_stack: Stack) -> None:
    with Load(kafka_stack.urls["DATABASE_URL"]) as load:
        for name in ("connect", "kafka", "warehouse", "landing", "postgres"):
            load.wait_for_more()
            os.kill(kafka_stack.services()[name]["pid"], signal.SIGKILL)
        load.wait_for_more()
        wait_for(
            lambda: {service["state"] for service in kafka_stack.services().values()} == {"running"},
            "the supervisor has started everything again",
            240,
        )
        load.wait_for_more()
    assert load.errors == []
    kafka_stack.tradewind("up")
    kafka_stack.tradewind("build")
    with kafka_stack.shop() as shop:
        assert differences(shop, kafka_stack.warehouse(), kafka_stack.urls) == {}
