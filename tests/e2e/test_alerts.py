"""An incident in a running shop reaches a receiver, once, also over a restart of the service."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from tests.e2e.orders import order_placed
from tests.fixtures.stack import Stack
from tests.fixtures.web_hook import Hook
from tradewind.serving.alerts import rules
from tradewind.stack import supervisor

PATIENCE_SECONDS = 300
RULE = "order_is_stuck"


class Service:
    """The alerts of a stack in a process of ours, with a receiver and the rule on stuck orders alone."""

    def __init__(self, stack: Stack, hook: Hook, file: Path) -> None:
        [rule] = [rule for rule in rules.read() if rule.name == RULE]
        # An alert at once, over at once, and evaluated however slow the machine is.
        changed = rule.model_copy(
            update={"for_seconds": 0, "resolved_after_seconds": 0, "needs_fresh_data": False}
        )
        file.write_text(yaml.safe_dump({"rules": [changed.model_dump(mode="json", exclude_none=True)]}))
        self._stack = stack
        self._settings = {
            "TRADEWIND_ALERT_WEBHOOK_URL": hook.url,
            "TRADEWIND_ALERT_RULES": str(file),
            "TRADEWIND_ALERT_SECONDS": "10",
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "application.alerts"],
            env=self._stack.environment() | self._settings,
            cwd=self._stack.home,
        )

    def stop(self) -> None:
        assert self._process is not None
        self._process.terminate()
        assert self._process.wait(PATIENCE_SECONDS) == 0


@pytest.fixture
def hook() -> Iterator[Hook]:
    with Hook() as running:
        yield running


@pytest.fixture
def service(stack: Stack, hook: Hook, tmp_path: Path) -> Iterator[Service]:
    """Instead of the one that the stack supervises."""
    control = supervisor.connect(stack.home)
    assert control is not None
    control.stop("alerts")
    ours = Service(stack, hook, tmp_path / "rules.yml")
    ours.start()
    yield ours
    ours.stop()
    control.start("alerts")
    wait_until(lambda: stack.services()["alerts"]["state"] == "running")


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def messages(hook: Hook, state: str, order: int) -> list[dict[str, Any]]:
    return [
        body
        for body in hook.taken
        if (body["rule"], body["state"]) == (RULE, state)
        and str(order) in [alert["subject"] for alert in body["alerts"]]
    ]


def leave_alone(stack: Stack, order: int) -> None:
    """Nobody has moved the order for over half an hour."""
    with stack.shop() as shop:
        shop.execute(
            "update orders set ordered_at = now() - interval '40 minutes' where order_id = %s", [order]
        )


def shown_by_api(stack: Stack, order: int) -> list[tuple[str, str]]:
    answer = requests.get(
        f"{stack.urls['API_URL']}/api/v1/alerts?rule={RULE}&limit=500",
        headers={"Authorization": f"Bearer {stack.urls['API_KEY']}"},
        timeout=30,
    )
    assert answer.status_code == 200, answer.text
    rows = [row for row in answer.json()["data"] if row["subject"] == str(order)]
    return [(row["state"], row["acknowledged_by"]) for row in rows]


def test_an_order_that_nobody_moves_is_told_once_and_again_when_it_is_gone(
    stack: Stack, hook: Hook, service: Service
) -> None:
    with order_placed(stack) as first, order_placed(stack) as second:
        leave_alone(stack, first)
        wait_until(lambda: bool(messages(hook, "firing", first)))
        shown = json.loads(stack.tradewind("alerts", "list", "--json").stdout)["alerts"]
        assert [alert["state"] for alert in shown if alert["subject"] == str(first)] == ["firing"]
        assert "ada looks after 1" in stack.tradewind("alerts", "ack", RULE, str(first), "--by", "ada").stdout
        wait_until(lambda: shown_by_api(stack, first) == [("firing", "ada")])
        stack.tradewind("alerts", "test", TRADEWIND_ALERT_WEBHOOK_URL=hook.url)
        service.stop()
        leave_alone(stack, second)
        service.start()
        wait_until(lambda: bool(messages(hook, "firing", second)))
    wait_until(lambda: all(messages(hook, "resolved", order) for order in (first, second)))
    told = [
        len(messages(hook, state, order)) for state in ("firing", "resolved") for order in (first, second)
    ]
    assert told == [1, 1, 1, 1]
    assert [body["rule"] for body in hook.taken].count("test") == 1
    wait_until(lambda: shown_by_api(stack, first) == [("resolved", "ada")])


def test_the_command_line_shows_rules_and_mutes_them(stack: Stack) -> None:
    assert "revenue_is_unusual" in stack.tradewind("alerts", "rules").stdout
    assert "is muted until" in stack.tradewind("alerts", "mute", RULE, "--for", "1h").stdout
    assert f"{RULE} is muted until" in stack.tradewind("alerts", "list").stdout
    stack.tradewind("alerts", "mute", RULE, "--for", "0m")
    assert f"{RULE} is muted until" not in stack.tradewind("alerts", "list").stdout
    unknown = stack.tradewind("alerts", "mute", "no_such_rule", check=False)
    assert unknown.returncode and "there are revenue_is_unusual" in " ".join(unknown.stderr.split())
