"""Which fixtures every test can ask for, those that others build on first; and what runs beside what."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.require import required

pytest_plugins = [
    "tests.fixtures.postgres",
    "tests.fixtures.warehouse",
    "tests.fixtures.capture",
    "tests.fixtures.dbt",
    "tests.fixtures.stack",
    "tests.fixtures.lakehouse",
    "tests.fixtures.mariadb",
]

# The longest begin first, then those that wait more than they compute, while others still compute.
# Those end to end share one running stack, the README starts its own.
FIRST = (
    *("tests/integration/lakehouse/test_parity.py", "tests/e2e", "tests/integration/dbt"),
    *("tests/integration/simulator_live", "tests/integration/stack"),
    *("tests/integration", "tests/unit"),
)
OWN_STACK = ("test_readme",)


class ByFile(LoadScopeScheduling):
    """Deals out whole files to the processes, and all that share the stack to one of them."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::")[0]
        return "stack" if file.startswith("tests/e2e") and Path(file).stem not in OWN_STACK else file


def pytest_configure() -> None:
    os.environ.setdefault("TRADEWIND_CAPTURE_POLL_MS", "50")  # several captures idle beside the tests
    # Most of them are over before Java's slow compiler has earned what it costs.
    os.environ.setdefault("TRADEWIND_CAPTURE_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1")
    required()  # a name in TRADEWIND_REQUIRE that means nothing would require nothing


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    return ByFile(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: next(n for n, name in enumerate(FIRST) if item.nodeid.startswith(name)))
