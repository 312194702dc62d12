"""Prometheus' configuration and rules: Prometheus accepts them, and each alert is tested and explained."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.require import need_program
from tradewind.settings import PROJECT_ROOT

FOLDER = PROJECT_ROOT / "deploy" / "prometheus"
CONFIGURATION = FOLDER / "prometheus.yml"
RULE_FILES = sorted(FOLDER.glob("rules/*.yml"))
CASES = Path(__file__).with_name("rules_test.yml")
GUIDE = PROJECT_ROOT / "docs" / "monitoring.md"
RULES: list[dict[str, Any]] = [
    rule
    for file in RULE_FILES
    for group in yaml.safe_load(file.read_text())["groups"]
    for rule in group["rules"]
]
ALERTS = [rule for rule in RULES if "alert" in rule]
LONGEST_SECONDS = 15
"""From one look at the rules to the next."""


def promtool(*arguments: str) -> None:
    need_program("prometheus", "prometheus")
    done = subprocess.run(("promtool", *arguments), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_prometheus_accepts_the_configuration_and_the_rules() -> None:
    promtool("check", "config", str(CONFIGURATION))
    assert len(RULE_FILES) == 2
    promtool("check", "rules", *map(str, RULE_FILES))


def test_rules_fire_where_they_should_and_only_there() -> None:
    promtool("test", "rules", str(CASES))


def test_the_intervals_are_stated_and_short() -> None:
    configuration = yaml.safe_load(CONFIGURATION.read_text())["global"]
    for name in ("scrape_interval", "evaluation_interval"):
        assert 10 <= int(configuration[name].removesuffix("s")) <= LONGEST_SECONDS
    assert all("interval" not in yaml.safe_load(file.read_text())["groups"][0] for file in RULE_FILES)


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_an_alert_says_how_bad_it_is_and_what_to_do(alert: dict[str, Any]) -> None:
    assert alert["labels"]["severity"] in ("warning", "critical")
    assert alert["annotations"]["summary"].endswith(".")
    page, _, section = alert["annotations"]["runbook_url"].partition("#")
    assert page.endswith("/docs/monitoring.md")
    headings = re.findall(r"^### (\w+)$", GUIDE.read_text(), re.MULTILINE)
    assert alert["alert"] in headings and section == alert["alert"].lower()


def test_every_alert_has_a_case_in_which_it_fires_and_one_in_which_it_does_not() -> None:
    cases = [case for test in yaml.safe_load(CASES.read_text())["tests"] for case in test["alert_rule_test"]]
    names = {alert["alert"] for alert in ALERTS}
    assert {case["alertname"] for case in cases if case.get("exp_alerts")} == names
    assert {case["alertname"] for case in cases if not case.get("exp_alerts")} == names


def test_no_section_explains_an_alert_that_is_gone() -> None:
    _, _, runbooks = GUIDE.read_text().partition("\n## Runbooks\n")
    assert re.findall(r"^### (\w+)$", runbooks, re.MULTILINE) == [alert["alert"] for alert in ALERTS]
