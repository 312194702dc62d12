"""Grafana's dashboards: the files are what the code gives, and show only what may be read."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from typing import Any

import pytest
import yaml

from dashboards.grafana.files import DASHBOARDS, FOLDER, texts
from tradewind.settings import PROJECT_ROOT
from tradewind.warehouse.access import BI_TABLES

DEPLOY = PROJECT_ROOT / "deploy" / "grafana"
SOURCES: list[dict[str, Any]] = [
    source
    for file in sorted(DEPLOY.glob("datasources/*.yaml"))
    for source in yaml.safe_load(file.read_text())["datasources"]
]
GRAFANA: dict[str, Any] = yaml.safe_load((PROJECT_ROOT / "docker-compose.yml").read_text())["services"][
    "grafana"
]
PANELS = [panel for dashboard in DASHBOARDS for panel in dashboard["panels"]]
SHOP = {
    "Daily active users", "Conversion", "Revenue today", "Total events", "Event stream", "Revenue per minute",
    "Revenue by category", "Top categories",
}  # fmt: skip
OPERATIONS = {
    "Request rate", "Error ratio", "Latency, p50", "Latency, p99", "Cache hit rate", "Live clients",
    "Data freshness", "Stale marts", "Services up", "Restarts", "Alerts firing", "Failed checks",
    "Capture lag", "Records landed",
}  # fmt: skip
TABLE = re.compile(r"\b(?:from|join)\s+([\w.]+)")


def statements() -> list[tuple[str, str]]:
    """(panel, SQL) of every query of the warehouse, those of variables included."""
    asked = [
        (panel["title"], target["rawSql"])
        for panel in PANELS
        for target in panel["targets"]
        if "rawSql" in target
    ]
    variables = [
        (variable["name"], variable["query"])
        for dashboard in DASHBOARDS
        for variable in dashboard["templating"]["list"]
    ]
    return asked + variables


def test_the_files_are_what_the_code_gives() -> None:
    stored = {path.name: path.read_text() for path in FOLDER.glob("*.json")}
    assert stored == texts(), "`make grafana` writes the dashboards anew"


@pytest.mark.parametrize(("uid", "titles"), [("shop-live", SHOP), ("operations", OPERATIONS)])
def test_a_dashboard_shows_what_it_is_for_every_ten_seconds(uid: str, titles: set[str]) -> None:
    [dashboard] = [found for found in DASHBOARDS if found["uid"] == f"tradewind-{uid}"]
    assert titles <= {panel["title"] for panel in dashboard["panels"]}
    assert dashboard["refresh"] == "10s"


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda dashboard: dashboard["uid"])
def test_panels_have_a_number_and_a_place_of_their_own(dashboard: dict[str, Any]) -> None:
    panels = dashboard["panels"]
    assert len({panel["id"] for panel in panels}) == len({panel["title"] for panel in panels}) == len(panels)
    cells = [
        (x, y)
        for place in (panel["gridPos"] for panel in panels)
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(set(cells)) == len(cells) and max(x for x, _ in cells) < 24


def test_every_query_is_of_a_data_source_that_is_declared() -> None:
    declared = [{"type": source["type"], "uid": source["uid"]} for source in SOURCES]
    for panel in PANELS:
        assert panel["targets"] and panel["datasource"] in declared, panel["title"]
        assert all(target["datasource"] == panel["datasource"] for target in panel["targets"])
    variables = [variable for dashboard in DASHBOARDS for variable in dashboard["templating"]["list"]]
    assert all(variable["datasource"] in declared for variable in variables)


def test_panels_read_marts_that_a_bi_user_may_read_and_nothing_else() -> None:
    asked = statements()
    assert len(asked) > len(SHOP)
    for title, statement in asked:
        tables = TABLE.findall(statement)
        assert tables, title
        for table in tables:
            assert table.startswith(("ads.", "rt.")), (title, table)
            assert any(fnmatch(table, allowed) for allowed in BI_TABLES), (title, table)


def test_amounts_of_money_say_their_currency() -> None:
    money = re.compile(r"revenue|gmv|total_amount", re.IGNORECASE)
    for panel in PANELS:
        if any(money.search(target.get("rawSql", "")) for target in panel["targets"]):
            assert "$currency" in panel["description"], panel["title"]


def test_no_file_names_a_host_or_a_password() -> None:
    for source in SOURCES:
        options = source | source["jsonData"] | source.get("secureJsonData", {})
        places = [
            options[name] for name in ("url", "host", "port", "username", "password") if name in options
        ]
        assert places and all(re.fullmatch(r"\$\{\w+\}", place) for place in places)
    for text in texts().values():
        assert "://" not in text and not re.search(r"localhost|:\d{4}\b", text)


def test_compose_gives_grafana_what_its_files_name() -> None:
    files = [*DEPLOY.glob("*/*.yaml")]
    named = {name for file in files for name in re.findall(r"\$\{(\w+)\}", file.read_text())}
    assert named and named <= GRAFANA["environment"].keys()
    mounted = dict(volume.split(":")[:2] for volume in GRAFANA["volumes"])
    [provider] = yaml.safe_load((DEPLOY / "dashboards" / "tradewind.yaml").read_text())["providers"]
    assert mounted["./dashboards/grafana/json"] == provider["options"]["path"]
    assert mounted["./deploy/grafana/datasources"] == "/etc/grafana/provisioning/datasources"
    assert mounted["./deploy/grafana/dashboards"] == "/etc/grafana/provisioning/dashboards"


def test_the_plugins_of_data_sources_that_grafana_lacks_are_installed_in_one_version() -> None:
    pinned = re.findall(r"([\w-]+)@(\d+\.\d+\.\d+)", GRAFANA["environment"]["GF_PLUGINS_PREINSTALL_SYNC"])
    assert {name for name, _ in pinned} == {source["type"] for source in SOURCES} - {"prometheus"}


def test_the_types_that_dashboards_are_checked_against_are_of_the_grafana_that_is_started() -> None:
    package = (FOLDER.parent / "types" / "package.json").read_text()
    version = GRAFANA["image"].partition(":")[2]
    assert f'"@grafana/schema": "{version}"' in package
