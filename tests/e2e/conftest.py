"""What tests of one stack share besides, and their order: first those that look, last those that break it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from docs.screenshots import browser_path, open_page
from tests.fixtures.stack import Stack
from tests.require import lacking

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


@pytest.fixture(scope="session")
def docs_site(stack: Stack) -> Iterator[str]:
    """The address where `tradewind docs` serves the site."""
    command = stack.command("docs")
    with subprocess.Popen(command, env=stack.environment(), stdout=subprocess.PIPE, text=True) as docs:
        try:
            assert docs.stdout is not None
            address = re.search(r"http://127\.0\.0\.1:\d+/", docs.stdout.readline())
            assert address
            yield address[0]
        finally:
            docs.terminate()


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """A page in a real browser, which the tests of one file share."""
    try:
        browser_path()
    except SystemExit as reason:
        lacking("browser", str(reason))
    with open_page() as opened:
        yield opened
