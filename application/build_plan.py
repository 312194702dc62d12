"""Which models a build runs: those that have something new to read, and everything that reads them.

Each model looks for itself whether it is up to date (macros/up_to_date.sql), which costs a start of dbt and
a second or more of its time for every ten models. The plan knows it ahead for all of them: of ClickHouse by
`application.warehouse_plan`, of a lake by `application.lake_plan`. It may run a model that has nothing to do,
and never leaves out one that has. Everything is run after a change of the project or of a setting, and once a
day.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from graphlib import TopologicalSorter
from typing import Any

from application.manifest import SOURCES
from tradewind.settings import PROJECT_ROOT, reporting_date, reporting_settings
from tradewind.warehouse.model_states import WholeBuild

Manifest = Mapping[str, Any]
FILLED_WITHOUT_RUNS = ("view", "materialized_view", "state", "ephemeral")
"""Materializations that a run creates once, or when their definition has changed."""
RUN_VARIABLE = "TRADEWIND_RUN_STARTED"
PROFILES = "profiles.yml"
"""Differs in each run, and defines nothing."""


@dataclass(frozen=True)
class Known:
    """What an engine knows of its tables and of earlier runs."""

    tables: Set[str]
    """Tables and views, with their databases."""
    with_news: Set[str]
    """Nodes that have not read their inputs as they are now; views that show something else than before."""
    passed: Set[str]
    """Names of the tests that passed when they were last run, on the tables as they are now."""


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

    @property
    def dbt_arguments(self) -> list[str]:
        """What `dbt build` is told to run these alone."""
        if not self.left_out:
            return []
        # Nothing else than what is named, above all no test of a table beside one that is left out.
        return ["--indirect-selection", "empty", "--exclude", " ".join(self.left_out)]

    @property
    def note(self) -> str:
        """What is left out, for who started the build."""
        return f"{len(self.left_out)} models and tests have nothing new to read (--all runs them too)"


def make(manifest: Manifest, known: Known) -> Plan:
    """The plan, from dbt's manifest and what is known of the tables."""
    models = {
        name: node for name, node in manifest["nodes"].items() if node["resource_type"] in ("model", "seed")
    }
    tests = {name: node for name, node in manifest["nodes"].items() if node["resource_type"] == "test"}
    changed: set[str] = set()
    order = TopologicalSorter({name: _models_of(node, models) for name, node in models.items()})
    for name in order.static_order():
        if name in known.with_news or changed.intersection(inputs_of(models[name])):
            changed.add(name)
    run = {
        name
        for name, node in models.items()
        if _is_missing(node, known) or (name in changed and not fills_itself(node))
    }
    run |= {
        name
        for name, node in tests.items()
        if node["name"] not in known.passed or (changed | run).intersection(inputs_of(node))
    }
    left_out = [node["name"] for name, node in (models | tests).items() if name not in run]
    return Plan(frozenset(run & models.keys()), frozenset(run & tests.keys()), tuple(left_out))


def _is_missing(node: Mapping[str, Any], known: Known) -> bool:
    return node["config"]["materialized"] != "ephemeral" and table_of(node) not in known.tables


def fills_itself(node: Mapping[str, Any]) -> bool:
    """Whether a model shows what is new without a run: a view, or a state of the near-real-time marts."""
    return node["config"]["materialized"] in FILLED_WITHOUT_RUNS


def _models_of(node: Mapping[str, Any], models: Mapping[str, Any]) -> list[str]:
    return [name for name in inputs_of(node) if name in models]


def inputs_of(node: Mapping[str, Any]) -> list[str]:
    """The nodes that a node reads; a seed reads none."""
    return list(node["depends_on"].get("nodes", []))


def table_of(node: Mapping[str, Any]) -> str:
    """`ods.ods_orders`."""
    return f"{node['schema']}.{node.get('alias') or node['identifier']}"


def present_definitions(moment: datetime | None = None) -> WholeBuild:
    """The digest of the project's files and of the settings that they name, and the shop's day at `moment`.

    `moment`: now, unless given. Where the warehouse is, which only the profile asks, says nothing of what is
    in it.
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
    return WholeBuild(digest.hexdigest(), reporting_date(moment))
