"""A pytest plugin for a suite of another project: its expected failures, which may only become fewer.

An expected failure that passes fails the run, and so does an entry that names no test. It is loaded in
the suite's own environment and configured by variables: EXPECTED_FAILURES is the YAML file; WHOLE_SUITE is 1
if all tests run; WITHOUT_USERS is 1 if the suite's set-up creates users, which this engine cannot do.
That statement is then left out, and the tests of such users fail by themselves.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml


def _entries(section: str) -> dict[str, str]:
    """Test (or file, or folder) -> reason."""
    content = yaml.safe_load(Path(os.environ["EXPECTED_FAILURES"]).read_text())
    return {test: group["reason"] for group in content.get(section, []) for test in group["tests"]}


def _matches(entry: str, nodeid: str) -> bool:
    """Whether an entry is this test, all variants of it, or a file or folder that holds it."""
    without_parameters = nodeid.split("[", 1)[0]
    return entry in {nodeid, without_parameters} or nodeid.startswith((f"{entry}::", f"{entry}/"))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    unused = _mark(items, _entries("failures"), lambda reason: pytest.mark.xfail(reason=reason, strict=True))
    unused |= _mark(items, _entries("left_out"), lambda reason: pytest.mark.skip(reason=reason))
    is_whole = not config.option.keyword and os.environ.get("WHOLE_SUITE") == "1"
    if unused and is_whole:
        raise pytest.UsageError("entries that name no test: " + ", ".join(sorted(unused)))


def _mark(
    items: list[pytest.Item], entries: dict[str, str], mark: Callable[[str], pytest.MarkDecorator]
) -> set[str]:
    """Mark the tests that entries name; the entries that name none."""
    unused = set(entries)
    for item in items:
        for entry, reason in entries.items():
            if _matches(entry, item.nodeid):
                item.add_marker(mark(reason))
                unused.discard(entry)
    return unused


def pytest_configure() -> None:
    if os.environ.get("WITHOUT_USERS") == "1":
        _leave_out_users()


def _leave_out_users() -> None:
    from clickhouse_connect.driver.httpclient import HttpClient

    command = HttpClient.command

    def without_users(self: Any, cmd: Any, *args: Any, **kwargs: Any) -> Any:
        if str(cmd).startswith(("CREATE USER", "DROP USER")):
            return ""
        return command(self, cmd, *args, **kwargs)

    HttpClient.command = without_users
