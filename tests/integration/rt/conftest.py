"""A warehouse whose near-real-time marts follow its change logs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.dbt import DbtWarehouse
from tests.integration.rt.marts import Marts


@pytest.fixture(scope="package")
def marts(dbt_parsed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Marts]:
    """The states and marts on empty change logs; every test empties them again."""
    running = DbtWarehouse(tmp_path_factory.mktemp("rt"), dbt_parsed)
    running.start()
    try:
        running.must("run", "--select", "rt")
        found = Marts(running)
        found.refresh_on_request()
        yield found
    finally:
        running.stop()
