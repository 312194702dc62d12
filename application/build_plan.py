"""Which models a build runs: those that have something new to read, and everything that reads them.

Each model looks for itself whether it is up to date (macros/up_to_date.sql), which costs a start of dbt and
a second or more of its time for every ten models. The plan asks the warehouse once for all of them. It may
run a model that has nothing to do, and never leaves out one that has. Everything is run after a change of the
project or of a setting, and once a day.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, Any

import yaml

from application.manifest import SOURCES
from tradewind.settings import PROJECT_ROOT, reporting_date, reporting_settings
from tradewind.warehouse import check_results, model_states
from tradewind.warehouse.model_states import ModelState, WholeBuild

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

Manifest = Mapping[str, Any]
FILLED_WITHOUT_RUNS = ("view", "materialized_view", "state", "ephemeral")
"""Materializations that a run creates once, or when their definition has changed."""
RUN_VARIABLE = "TRADEWIND_RUN_STARTED"
PROFILES = "profiles.yml"
"""Differs in each run, and defines nothing."""


@dataclass(frozen=True)
class Known:
    """What the warehouse says of its tables and of earlier runs."""

    tables: Set[str]
    states: Mapping[str, ModelState]
    unmerged: Set[str]
    """Tables whose change log has events that they have not merged."""
    passed: Set[str]
    """Names of the tests that passed when they were last run."""


@dataclass(frozen=True)
class Plan:
    """What a build runs: names of dbt nodes, such as `model.tradewind.ods_orders`."""

    models: frozenset[str]
    tests: frozenset[str]
    left_out: tuple[str, ...]
    """The names of the other models, seeds and tests, by which dbt leaves them out."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.models and not self.tests


def of_run(client: Client, manifest: Manifest, started: datetime) -> Plan | None:
    """The plan of a run that starts now (UTC); None if it runs everything."""
    if model_states.last_whole_build(client) != present_definitions():
        return None
    return make(manifest, ask(client, manifest, started, _overlap()))


def record_whole_build(client: Client) -> None:
    """Remember that every model was run by the project as it is now."""
    model_states.record_whole_build(client, present_definitions())


def make(manifest: Manifest, known: Known) -> Plan:
    """The plan, from dbt's manifest and what is known of the tables."""
    models = {
        name: node for name, node in manifest["nodes"].items() if node["resource_type"] in ("model", "seed")
    }
    tests = {name: node for name, node in manifest["nodes"].items() if node["resource_type"] == "test"}
    changed: set[str] = set()
    order = TopologicalSorter({name: _models_of(node, models) for name, node in models.items()})
    for name in order.static_order():
        if changed.intersection(inputs_of(models[name])) or _has_news(models[name], manifest, known):
            changed.add(name)
    run = {
        name
        for name, node in models.items()
        if _is_missing(node, known) or (name in changed and not _fills_itself(node))
    }
    run |= {
        name
        for name, node in tests.items()
        if node["name"] not in known.passed or (changed | run).intersection(inputs_of(node))
    }
    left_out = [node["name"] for name, node in (models | tests).items() if name not in run]
    return Plan(frozenset(run & models.keys()), frozenset(run & tests.keys()), tuple(left_out))


def _has_news(node: Mapping[str, Any], manifest: Manifest, known: Known) -> bool:
    """Whether a table has not read all of its inputs as they are now, or a view shows something else."""
    table, inputs = table_of(node), inputs_of(node)
    logs = [log for log in inputs if log in manifest["sources"]]
    mergers = [table_of(merger) for log in logs for merger in _mergers(log, manifest)]
    if known.unmerged & set(mergers):
        return True
    if _fills_itself(node):
        return False
    state = known.states.get(table)
    if state is None or (logs and not mergers):
        return True
    parents = [table_of(manifest["nodes"][name]) for name in inputs if name in manifest["nodes"]]
    changes = [known.states[parent].changed_at for parent in parents if parent in known.states]
    # A model that reads a log, as the merge of the log does, has read as much if it ran in the same run.
    merges = [
        known.states[merger].loaded_at for merger in mergers if merger != table and merger in known.states
    ]
    return any(moment > state.loaded_at for moment in changes + merges)


def _is_missing(node: Mapping[str, Any], known: Known) -> bool:
    return node["config"]["materialized"] != "ephemeral" and table_of(node) not in known.tables


def _fills_itself(node: Mapping[str, Any]) -> bool:
    """Whether a model shows what is new without a run: a view, or a state of the near-real-time marts."""
    return node["config"]["materialized"] in FILLED_WITHOUT_RUNS


def _models_of(node: Mapping[str, Any], models: Mapping[str, Any]) -> list[str]:
    return [name for name in inputs_of(node) if name in models]


def _mergers(log: str, manifest: Manifest) -> Iterable[Mapping[str, Any]]:
    """The models that merge a change log into a table."""
    return (node for node in merged_models(manifest) if inputs_of(node)[0] == log)


def merged_models(manifest: Manifest) -> Iterable[Mapping[str, Any]]:
    """The models whose table is merged from the change log that they name first."""
    return (
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        and "_position" in node["columns"]
        and not _fills_itself(node)
        and inputs_of(node)[0] in manifest["sources"]
    )


def inputs_of(node: Mapping[str, Any]) -> list[str]:
    """The nodes that a node reads; a seed reads none."""
    return list(node["depends_on"].get("nodes", []))


def table_of(node: Mapping[str, Any]) -> str:
    """`ods.ods_orders`."""
    return f"{node['schema']}.{node.get('alias') or node['identifier']}"


def ask(client: Client, manifest: Manifest, started: datetime, overlap: timedelta) -> Known:
    """What the warehouse says at the start of a build (UTC)."""
    tables = model_states.tables(client)
    if not {"ops.dbt_models", "ops.dbt_arrivals", check_results.TABLE} <= tables:
        return Known(frozenset(), {}, frozenset(), frozenset())
    states = model_states.model_states(client)
    logs = {
        table_of(node): table_of(manifest["sources"][inputs_of(node)[0]]) for node in merged_models(manifest)
    }
    readable = {table: log for table, log in logs.items() if table in states and log in tables}
    return Known(
        tables,
        states,
        model_states.unmerged(client, readable, states, started, overlap) | (logs.keys() - readable.keys()),
        check_results.passed(client),
    )


def _overlap() -> timedelta:
    project = yaml.safe_load((PROJECT_ROOT / "dbt_project.yml").read_text())
    return timedelta(minutes=int(project["vars"]["overlap_minutes"]))


def present_definitions() -> WholeBuild:
    """The digest of the project's files and of the settings that they name, and today in the shop.

    Where the warehouse is, which only the profile asks, says nothing of what is in it.
    """
    digest = hashlib.sha256()
    paths = (PROJECT_ROOT / name for name in SOURCES)
    files = sorted(file for path in paths for file in [path, *path.rglob("*")] if file.is_file())
    variables: set[str] = set()
    for file in files:
        content = file.read_bytes()
        digest.update(f"{file.relative_to(PROJECT_ROOT)}\0{len(content)}\0".encode() + content)
        if file.name != PROFILES:
            variables |= set(re.findall(r"env_var\(\s*['\"](\w+)", content.decode(errors="replace")))
    # A run that Dagster starts by itself has the home's settings in no variable; dbt reads them by itself.
    settings = os.environ | reporting_settings().exports()
    for name in sorted(variables - {RUN_VARIABLE}):
        digest.update(f"\0{name}={settings.get(name, '')}".encode())
    return WholeBuild(digest.hexdigest(), reporting_date())
