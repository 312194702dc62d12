"""Which fixtures every test can ask for, those that others build on first; and what runs beside what."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from application.garbage_collection import collect_rarely
from tests.require import required

pytest_plugins = [
    "tests.fixtures.postgres",
    "tests.fixtures.postgres_installed",
    "tests.fixtures.warehouse",
    "tests.fixtures.clients",
    "tests.fixtures.capture",
    "tests.fixtures.dbt",
    "tests.fixtures.stack",
    "tests.fixtures.lakehouse",
    "tests.fixtures.mariadb",
    "tests.fixtures.kafka",
    "tests.fixtures.web",
]

# The longest begin first, then those that wait more than they compute, while other processes compute.
# Those end to end share one running stack, but those that start their own; those of the lake share one Java.
FIRST = (
    *("tests/integration/lakehouse", "tests/e2e"),
    *(f"tests/integration/simulator_live/{name}" for name in ("test_service", "test_run")),
    *("tests/integration/dbt", "tests/integration/stack", "tests/integration", "tests/unit"),
)
TOGETHER = ("tests/e2e", "tests/integration/lakehouse", "tests/integration/kafka")
ALONE = tuple(f"tests/e2e/test_{name}.py" for name in ("readme", "pages", "contributing"))


class ByFile(LoadScopeScheduling):
    """Deals out whole files to the processes, and those that share something to one of them."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::")[0]
        folder = str(Path(file).parent)
        return folder if folder in TOGETHER and file not in ALONE else file


def pytest_configure() -> None:
    collect_rarely()
    # A shell's background job ignores Ctrl+C, and so would what the tests start and interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ["TRADEWIND_HOME"] = "/nonexistent"  # no test looks into the home that somebody works in
    os.environ.setdefault("TRADEWIND_CAPTURE_POLL_MS", "50")  # several captures idle beside the tests
    os.environ.setdefault("TRADEWIND_ALERT_SECONDS", "20")  # in every stack marts change all the time
    # Most of them are over before Java's slow compiler has earned what it costs.
    os.environ.setdefault("TRADEWIND_CAPTURE_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1")
    os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1")  # of those of Kafka
    required()  # a name in TRADEWIND_REQUIRE that means nothing would require nothing


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    return ByFile(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: next(n for n, name in enumerate(FIRST) if item.nodeid.startswith(name)))
