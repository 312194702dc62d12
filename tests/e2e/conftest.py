"""The order of the tests that share one stack: first those that look, then those that change and break it."""

from __future__ import annotations

import pytest

FIRST = "test_demo"
LAST = ("test_changes", "test_crash")
SECONDS = 900
"""A whole stack starts within these tests, on a machine that may have much else to do."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    mine = [item for item in items if "/tests/e2e/" in str(item.path)]
    for item in mine:
        item.add_marker(pytest.mark.timeout(SECONDS))
    items[:] = [item for item in items if item not in mine] + sorted(mine, key=_rank)


def _rank(item: pytest.Item) -> int:
    name = item.path.stem
    return 0 if name == FIRST else 2 + LAST.index(name) if name in LAST else 1
