"""A Prometheus over the running stack: it collects, its rules hold, and panels have what they ask for."""

from __future__ import annotations

import math
import os
import re
import signal
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from dashboards.grafana import operations
from tests.fixtures.prometheus import RunningPrometheus
from tests.fixtures.stack import Stack
from tests.require import need_program
from tradewind.stack import supervisor

WINDOW = "20s"
"""What Grafana would put for `$__rate_interval`: several collections."""
MAY_BE_EMPTY = {"Alerts of Prometheus"}
EXPRESSIONS: list[tuple[str, str]] = [
    (panel["title"], target["expr"].replace("$__rate_interval", WINDOW))
    for panel in operations.DASHBOARD["panels"]
    for target in panel["targets"]
]


@pytest.fixture(scope="module")
def prometheus(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPrometheus]:
    """Collecting from the stack's API."""
    need_program("prometheus", "prometheus")
    running = RunningPrometheus(tmp_path_factory.mktemp("prometheus"), urlsplit(stack.urls["API_URL"]).netloc)
    try:
        running.wait_until(running.is_ready)
        yield running
    finally:
        running.stop()


def look(stack: Stack) -> None:
    """Somebody looks at the shop: one answer that is computed, and one from the cache."""
    for _ in range(2):
        headers = {"Authorization": f"Bearer {stack.urls['API_KEY']}"}
        answer = requests.get(f"{stack.urls['API_URL']}/api/v1/gmv/daily", headers=headers, timeout=30)
        assert answer.status_code == 200


def has_value(series: list[dict[str, Any]]) -> bool:
    return any(math.isfinite(float(one["value"][1])) for one in series)


def test_every_target_is_up_and_every_rule_is_well(prometheus: RunningPrometheus) -> None:
    def targets() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = prometheus.get("targets")["activeTargets"]
        return found

    prometheus.wait_until(lambda: {target["health"] for target in targets()} == {"up"})
    assert {target["labels"]["job"] for target in targets()} == {"prometheus", "api"}

    def rules() -> list[dict[str, Any]]:
        return [rule for group in prometheus.get("rules")["groups"] for rule in group["rules"]]

    prometheus.wait_until(lambda: {rule["health"] for rule in rules()} == {"ok"}, rules)
    assert {rule["type"] for rule in rules()} == {"recording", "alerting"}

    def states() -> dict[str, str]:
        return {rule["name"]: rule["state"] for rule in rules() if rule["type"] == "alerting"}

    # Before the first collection there was no target yet, and a busy machine may take long for a reading.
    quiet = ("ApiDown", "WarehouseDown", "ReadingFails", "AlertsUndelivered")
    prometheus.wait_until(lambda: {states()[name] for name in quiet} == {"inactive"}, states)


def test_every_panel_of_operations_has_its_figures(stack: Stack, prometheus: RunningPrometheus) -> None:
    def empty() -> set[str]:
        look(stack)
        return {title for title, expression in EXPRESSIONS if not has_value(prometheus.query(expression))}

    prometheus.wait_until(lambda: empty() <= MAY_BE_EMPTY, empty)


def test_what_rules_and_panels_name_is_exposed(prometheus: RunningPrometheus) -> None:
    groups = prometheus.get("rules")["groups"]
    asked = [expression for _, expression in EXPRESSIONS]
    asked += [rule["query"] for group in groups for rule in group["rules"]]
    # The name of a recorded figure has colons before and after.
    names = {name for text in asked for name in re.findall(r"(?<![\w:])tradewind_\w+(?![\w:])", text)}
    exposed = prometheus.get("metadata").keys()
    assert {name.removesuffix("_bucket") for name in names} <= exposed
    assert len(names) > 10


def test_a_service_that_is_killed_is_up_again_and_its_restart_is_counted(
    stack: Stack, prometheus: RunningPrometheus
) -> None:
    control = supervisor.connect(stack.home)
    assert control is not None

    def states() -> dict[str, supervisor.ProcessState]:
        return {name: state for name, state in control.states().items() if state.state == "RUNNING"}

    def up() -> set[str]:
        return {one["metric"]["service"] for one in prometheus.query("tradewind_service_up == 1")}

    prometheus.wait_until(lambda: up() == states().keys())
    pid = states()["alerts"].pid
    assert pid
    os.kill(pid, signal.SIGKILL)
    restarts = 'changes(tradewind_service_start_time_seconds{service="alerts"}[1m]) > 0'
    prometheus.wait_until(lambda: bool(prometheus.query(restarts)))
    prometheus.wait_until(lambda: "alerts" in states())
