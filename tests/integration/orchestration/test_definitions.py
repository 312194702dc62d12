"""The code location: it loads in a fresh interpreter, and has all models, tests and sources of dbt."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from application import services
from tradewind.settings import PROJECT_ROOT, Settings
from tradewind.warehouse.bronze import FEEDS_DATABASE

GROUPS = sorted(path.parent.name for path in PROJECT_ROOT.glob("orchestration/defs/*/definitions.py"))

LIST_EVERYTHING = """
import json, os
environment = dict(os.environ)
from orchestration import definitions
from orchestration.definitions import defs
from orchestration.resources import default_resources
graph = defs.resolve_asset_graph()
print(json.dumps({
    "assets": {
        key.to_user_string(): {
            "group": node.group_name, "description": node.description, "owners": sorted(node.owners),
            "is_external": node.is_external, "kinds": sorted(node.kinds),
            "parents": sorted(parent.to_user_string() for parent in node.parent_keys),
        }
        for key in graph.get_all_asset_keys() for node in [graph.get(key)]
    },
    "checks": [[key.asset_key.to_user_string(), key.name] for key in graph.asset_check_keys],
    "jobs": {
        name: [
            sorted(key.to_user_string() for key in job.asset_layer.selected_asset_keys),
            len(job.asset_layer.asset_graph.asset_check_keys),
        ]
        for name in ("batch", "lakehouse") for job in [defs.resolve_job_def(name)]
    },
    "executor": defs.executor.name,
    "schedules": {s.name: [s.cron_schedule, s.job_name, s.default_status.value] for s in defs.schedules},
    "sensors": [s.name for s in defs.sensors],
    "resources": {name: resource.model_dump(mode="json") for name, resource in default_resources().items()},
    "location": definitions.__name__,
    "groups": [group.__name__.split(".")[2] for group in definitions.GROUPS],
    "changed_variables": sorted({*os.environ.items()} ^ {*environment.items()}),
}))
"""

LOAD_EACH_ALONE = """
import json, sys
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from multiprocessing import get_context
import dagster, dagster_dbt  # what every group needs is loaded once, and each group in a process of its own

def load(group):
    assert not [name for name in sys.modules if name.startswith("orchestration.defs.")]
    try:
        defs = import_module(f"orchestration.defs.{{group}}.definitions").defs
        return "" if defs.assets or defs.asset_checks else "nothing is defined"
    except Exception as error:
        return repr(error)

failures = {{}}
for group in {groups}:
    with ProcessPoolExecutor(1, mp_context=get_context("fork")) as pool:
        failures[group] = pool.submit(load, group).result()
print(json.dumps(failures))
"""


@pytest.fixture(scope="module")
def manifest(location: dict[str, str]) -> dict[str, Any]:
    path = Path(location["TRADEWIND_HOME"]) / "dbt" / "target" / "manifest.json"
    content: dict[str, Any] = json.loads(path.read_text())
    return content


@pytest.fixture(scope="module")
def shown(location: dict[str, str]) -> dict[str, Any]:
    """What the code location holds, listed by a fresh interpreter."""
    done = load(location, LIST_EVERYTHING)
    assert done.returncode == 0, done.stderr
    listed: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return listed


def load(location: dict[str, str], statement: str) -> subprocess.CompletedProcess[str]:
    """Run a statement in a fresh interpreter with the location's environment."""
    return subprocess.run(
        [sys.executable, "-c", statement], env=location, capture_output=True, text=True, check=False
    )


def models(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """The models that are tables or views; an ephemeral one is a part of those that read it."""
    found = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    return [model for model in found if model["config"]["materialized"] != "ephemeral"]


def sources(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """The change logs of the shop and of feeds; the capture's own is read for its delay alone."""
    found = [source for source in manifest["sources"].values() if source["source_name"] != "capture"]
    assert len(found) == len(manifest["sources"]) - 1
    return found


def test_every_model_is_an_asset_in_the_group_of_its_folder(
    shown: dict[str, Any], manifest: dict[str, Any]
) -> None:
    for model in models(manifest):
        folder = Path(model["original_file_path"]).parts[2]
        assert shown["assets"][f"{folder}/{model['name']}"]["group"] == folder
        assert model["schema"] == folder


def test_every_model_is_described_and_owned(shown: dict[str, Any], manifest: dict[str, Any]) -> None:
    for model in models(manifest):
        asset = shown["assets"][f"{model['schema']}/{model['name']}"]
        assert asset["description"] == model["description"] != ""
        assert asset["owners"], model["name"]


def test_every_source_table_is_an_asset_upstream_of_its_model_and_external_unless_it_is_a_feed(
    shown: dict[str, Any], manifest: dict[str, Any]
) -> None:
    for source in sources(manifest):
        key = f"{source['schema']}/{source['name']}"
        asset = shown["assets"][key]
        assert source["schema"] in ("bronze", FEEDS_DATABASE)
        assert asset["is_external"] == (source["schema"] == "bronze")
        assert asset["group"] == source["schema"]
        assert key in shown["assets"][f"ods/ods_{source['name']}"]["parents"]


def test_every_dbt_test_is_a_check(shown: dict[str, Any], manifest: dict[str, Any]) -> None:
    tests = {node["name"] for node in manifest["nodes"].values() if node["resource_type"] == "test"}
    assert tests
    assert tests - {name for _, name in shown["checks"]} == set()


def test_the_batch_job_builds_every_model_and_runs_every_check(
    shown: dict[str, Any], manifest: dict[str, Any]
) -> None:
    assets, checks = shown["jobs"]["batch"]
    assert {f"{model['schema']}/{model['name']}" for model in models(manifest)} <= set(assets)
    assert checks == len([key for key, _ in shown["checks"] if not key.startswith(("lakehouse/", "ml/"))])


def test_models_lead_from_features_to_proposals_and_are_checked(shown: dict[str, Any]) -> None:
    chain = ("demand_features", "model_versions", "demand_forecasts", "reorder_proposals")
    for before, after in pairwise(chain):
        assert f"ml/{before}" in shown["assets"][f"ml/{after}"]["parents"]
    assert "ods/ods_inventory_log" in shown["assets"]["ml/demand_features"]["parents"]
    for before, after in pairwise(("customer_features", "customer_model_versions", "customer_scores")):
        assert f"ml/{before}" in shown["assets"][f"ml/{after}"]["parents"]
    assert "ml/fraud_model_versions" in shown["assets"]["ml/fraud_scores"]["parents"]
    for name in ("user_recommendations", "product_recommendations"):
        parents = shown["assets"][f"ml/{name}"]["parents"]
        assert {"ml/recommendation_model_versions", "ods/ods_inventory"} <= set(parents)
    assets = {name: asset for name, asset in shown["assets"].items() if name.startswith("ml/")}
    assert all(asset["description"] for asset in assets.values())
    assert {key for key, _ in shown["checks"] if key.startswith("ml/")} == set(assets)


def test_the_lakehouse_job_copies_bronze_and_builds_and_checks_every_model(
    shown: dict[str, Any], manifest: dict[str, Any]
) -> None:
    assets, checks = shown["jobs"]["lakehouse"]
    logs = {f"{source['schema']}/{source['name']}" for source in sources(manifest)}
    tables = {f"{model['schema']}/{model['name']}" for model in models(manifest) if model["schema"] != "rt"}
    assert {f"lakehouse/{table}" for table in tables | logs} <= set(assets)
    assert not [name for name in assets if name.startswith(("lakehouse/rt/", "lakehouse/ops/"))]
    assert all(shown["assets"][name]["group"] == "lakehouse" for name in assets)
    assert checks == len([key for key, _ in shown["checks"] if key.startswith("lakehouse/")]) > 50


def test_the_batch_job_runs_hourly_in_one_process(shown: dict[str, Any]) -> None:
    assert shown["schedules"] == {
        "batch_hourly": ["0 * * * *", "batch", "RUNNING"],
        "enrich_visitors_hourly": ["30 * * * *", "enrich_visitors", "STOPPED"],
        "prune_bronze_daily": ["15 3 * * *", "prune_bronze", "STOPPED"],
        "train_and_predict_daily": ["30 2 * * *", "train_and_predict", "STOPPED"],
    }
    assert shown["executor"] == "in_process"
    assert shown["sensors"] == ["observe_bronze", "watch_drops"]


def test_loading_changes_no_environment_variable(shown: dict[str, Any]) -> None:
    assert shown["changed_variables"] == []


def test_the_ui_is_shown_no_password(shown: dict[str, Any], location: dict[str, str]) -> None:
    text = (Path(location["TRADEWIND_HOME"]) / "stack.env").read_text()
    passwords = re.findall(r"//[^:]+:([^@]+)@", text)
    assert len(passwords) == 7
    assert not [password for password in passwords if password in json.dumps(shown["resources"])]


@pytest.fixture(scope="module")
def failures(location: dict[str, str]) -> dict[str, str]:
    """Each group -> the error when it is loaded and no other is; empty if it loads."""
    done = load(location, LOAD_EACH_ALONE.format(groups=GROUPS))
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("group", GROUPS)
def test_every_group_loads_alone(failures: dict[str, str], group: str) -> None:
    assert failures.pop(group) == ""


def test_every_group_is_merged(shown: dict[str, Any]) -> None:
    assert sorted(shown["groups"]) == GROUPS


def code_locations() -> list[str]:
    """The modules that the embedded stack and the compose file name as code locations."""
    settings = Settings.model_construct(
        **{name: "x://user:password@host:1" for name in Settings.model_fields}
    )
    commands = " ".join(word for service in services.declare(Path(), settings) for word in service.command)
    compose = (PROJECT_ROOT / "docker-compose.yml").read_text()
    return sorted(set(re.findall(r"--module-name[ ,]+([\w.]+)", f"{commands} {compose}")))


def test_the_one_code_location_loads_in_a_fresh_interpreter(shown: dict[str, Any]) -> None:
    assert code_locations() == [shown["location"]]


def test_the_list_of_definitions_stays_short() -> None:
    lines = (PROJECT_ROOT / "orchestration" / "definitions.py").read_text().splitlines()
    assert len(lines) < 60


def test_without_a_manifest_the_location_says_what_to_do(location: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "stack.env").write_text((Path(location["TRADEWIND_HOME"]) / "stack.env").read_text())
    done = load(location | {"TRADEWIND_HOME": str(tmp_path)}, "import orchestration.definitions")
    assert done.returncode != 0
    assert "tradewind up" in done.stderr.splitlines()[-1]
