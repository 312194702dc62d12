"""A reputation service started as the stack starts it, and empty feeds in the warehouse."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from clickhouse_connect.driver.client import Client

from connectors.feeds.catalog import FEEDS
from connectors.feeds.change_log import prepare_feeds
from tests.fixtures.warehouse import RunningWarehouse, free_port
from tradewind.warehouse.feeds import log_of

START_SECONDS = 30


class RunningReputation:
    """A started service: its address with the key, and its process."""

    def __init__(self, home: Path, *options: str) -> None:
        self.key = secrets.token_urlsafe(16)
        self.base = f"http://127.0.0.1:{free_port()}"
        self.url = self.base.replace("//", f"//feeds:{self.key}@")
        home.mkdir()
        others = ("DATABASE", "DATABASE_APP", "DATABASE_REPLICATION", "CLICKHOUSE", "CLICKHOUSE_WRITER")
        environment = {f"{name}_URL": "x://unused:1" for name in (*others, "CLICKHOUSE_BI", "DAGSTER")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "simulator.reputation", *options],
            env=os.environ | environment | {"TRADEWIND_HOME": str(home), "REPUTATION_URL": self.url},
        )

    def wait(self) -> None:
        """Wait until it answers."""
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            assert self.process.poll() is None and time.monotonic() < deadline, "it does not start"
            time.sleep(0.05)

    def answers(self) -> bool:
        """Whether it is healthy."""
        try:
            return bool(requests.get(f"{self.base}/health", timeout=1).json() == {"status": "ok"})
        except requests.ConnectionError:
            return False

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)


@pytest.fixture(scope="session")
def start_reputation(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[..., RunningReputation]]:
    """Starts services, with options; all of them end with the session."""
    started: list[RunningReputation] = []

    def start(*options: str) -> RunningReputation:
        started.append(RunningReputation(tmp_path_factory.mktemp("reputation") / "home", *options))
        started[-1].wait()
        return started[-1]

    yield start
    for service in started:
        service.stop()


@pytest.fixture(scope="session")
def reputation(start_reputation: Callable[..., RunningReputation]) -> RunningReputation:
    """One that answers at once and always."""
    return start_reputation("--no-latency", "--no-faults")


@pytest.fixture(scope="session")
def unreliable(start_reputation: Callable[..., RunningReputation]) -> RunningReputation:
    """One that fails as often as a real one."""
    return start_reputation("--no-latency")


@pytest.fixture
def client(warehouse: RunningWarehouse) -> Iterator[Client]:
    """The pipeline's user, with feeds that have never come."""
    admin = warehouse.client("admin")
    for feed in FEEDS:
        admin.command(f"drop table if exists {log_of(feed.name)} sync")
    admin.command("drop table if exists ops.feed_watermarks sync")
    prepare_feeds(admin)
    yield warehouse.client("writer")
