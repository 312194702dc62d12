"""What ClickHouse knows for the plan of a build: which tables have not read all of their inputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import yaml

from application import build_plan
from application.build_plan import Known, Manifest, Plan, fills_itself, inputs_of, table_of
from tradewind.settings import PROJECT_ROOT
from tradewind.warehouse import check_results, model_states
from tradewind.warehouse.model_states import ModelState, WholeBuild

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

NOT_FINISHED = ""
"""In place of the definitions of a whole build."""


@dataclass(frozen=True)
class Recorded:
    """What the warehouse has recorded of its tables and of earlier runs."""

    tables: Set[str]
    states: Mapping[str, ModelState]
    unmerged: Set[str]
    """Tables whose change log has events that they have not merged."""
    passed: Mapping[str, datetime]
    """Names of the tests that passed when they were last run, and when that was (UTC)."""

    def known(self, manifest: Manifest) -> Known:
        """The same in terms of dbt's nodes."""
        nodes = manifest["nodes"].items()
        models = {name: node for name, node in nodes if node["resource_type"] in ("model", "seed")}
        with_news = {name for name, node in models.items() if self._has_news(node, manifest)}
        passed = {node["name"] for _, node in nodes if self._holds(node, models)}
        return Known(self.tables, with_news, passed)

    def _has_news(self, node: Mapping[str, Any], manifest: Manifest) -> bool:
        """Whether a table has not read all of its inputs as they are now, or a view shows something else."""
        table, inputs = table_of(node), inputs_of(node)
        logs = [log for log in inputs if log in manifest["sources"]]
        mergers = [table_of(merger) for log in logs for merger in _mergers(log, manifest)]
        if self.unmerged & set(mergers):
            return True
        if fills_itself(node):
            return False
        state = self.states.get(table)
        if state is None or (logs and not mergers):
            return True
        parents = [table_of(manifest["nodes"][name]) for name in inputs if name in manifest["nodes"]]
        changes = [self.states[parent].changed_at for parent in parents if parent in self.states]
        # A model that reads a log, as the merge of the log does, has read as much if it ran in the same run.
        merges = [
            self.states[merger].loaded_at for merger in mergers if merger != table and merger in self.states
        ]
        return any(moment > state.loaded_at for moment in changes + merges)

    def _holds(self, test: Mapping[str, Any], models: Mapping[str, Any]) -> bool:
        """Whether a test passed after the last change of each table that it reads.

        A run that is killed may have changed them and not have got to the test.
        """
        if test["name"] not in self.passed:
            return False
        tables = [table_of(models[name]) for name in inputs_of(test) if name in models]
        changes = [self.states[table].changed_at for table in tables if table in self.states]
        return all(moment <= self.passed[test["name"]] for moment in changes)


def of_run(client: Client, manifest: Manifest, started: datetime, definitions: WholeBuild) -> Plan | None:
    """The plan of a run that starts now (UTC); None if it runs everything."""
    if model_states.last_whole_build(client) != definitions:
        return None
    return build_plan.make(manifest, ask(client, manifest, started, _overlap()).known(manifest))


def forget_other_definitions(client: Client, definitions: WholeBuild) -> None:
    """Forget the last whole build if it ran by others: this run may be killed, and leave tables of both."""
    if model_states.last_whole_build(client) not in (None, definitions):
        model_states.record_whole_build(client, WholeBuild(NOT_FINISHED, definitions.shop_date))


def ask(client: Client, manifest: Manifest, started: datetime, overlap: timedelta) -> Recorded:
    """What the warehouse says at the start of a build (UTC)."""
    tables = model_states.tables(client)
    if not {"ops.dbt_models", "ops.dbt_arrivals", check_results.TABLE} <= tables:
        return Recorded(frozenset(), {}, frozenset(), {})
    states = model_states.model_states(client)
    logs = {
        table_of(node): table_of(manifest["sources"][inputs_of(node)[0]]) for node in merged_models(manifest)
    }
    readable = {table: log for table, log in logs.items() if table in states and log in tables}
    return Recorded(
        tables,
        states,
        model_states.unmerged(client, readable, states, started, overlap) | (logs.keys() - readable.keys()),
        check_results.passed(client),
    )


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
        and not fills_itself(node)
        and inputs_of(node)[0] in manifest["sources"]
    )


def _overlap() -> timedelta:
    project = yaml.safe_load((PROJECT_ROOT / "dbt_project.yml").read_text())
    return timedelta(minutes=int(project["vars"]["overlap_minutes"]))
