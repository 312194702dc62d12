"""What a lake knows for the plan of a build, and what a build records in it.

Iceberg tells whether a table has read its inputs as they are: the table has the digest of the snapshots that
its last finished run has read, set after the rows were committed. So a build that fails or is killed, however
far it came, leaves behind exactly the tables that it has finished.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from application import build_plan
from application.build_plan import Known, Manifest, Plan, inputs_of, table_of
from application.manifest import MANIFEST
from tradewind.lakehouse import record, tables
from tradewind.lakehouse.lake import Lake
from tradewind.lakehouse.record import Check, Record
from tradewind.lakehouse.tables import TableState
from tradewind.warehouse.model_states import WholeBuild

RESULTS = "run_results.json"
NEVER = "every model is run: none of this lake's builds has run all of them by the present definitions"
OTHER = (
    "every model is run: the project, a setting or the shop's day is another one than at the last whole build"
)


@dataclass(frozen=True)
class Decision:
    """What a build runs (no plan: everything), and why, for who started it."""

    plan: Plan | None
    note: str


def of_run(lake: Lake, definitions: WholeBuild) -> Decision:
    """What a build that starts now runs, after bronze has been copied."""
    known, manifest = record.read(lake), read_manifest(lake)
    if known.whole_build is None or manifest is None:
        return Decision(None, NEVER)
    if known.whole_build != definitions:
        return Decision(None, OTHER)
    plan = build_plan.make(manifest, knowledge(manifest, tables.table_states(lake.warehouse), known))
    return Decision(plan, plan.note)


def knowledge(manifest: Manifest, states: Mapping[str, TableState], known: Record) -> Known:
    """What is known of the nodes of the lake's manifest."""
    nodes = manifest["nodes"].items()
    models = {name: node for name, node in nodes if node["resource_type"] in ("model", "seed")}
    tests = {name: node for name, node in nodes if node["resource_type"] == "test"}
    with_news = {
        name
        for name, node in models.items()
        if table_of(node) not in states or not _is_read(states[table_of(node)].inputs, node, manifest, states)
    }
    passed = {
        node["name"]
        for node in tests.values()
        if (check := known.checks.get(node["name"]))
        and check.status == "pass"
        and _is_read(check.inputs, node, manifest, states)
    }
    return Known(states.keys(), with_news, passed)


def read_manifest(lake: Lake) -> Manifest | None:
    """What dbt has parsed for this lake when it was last run; None if that is not there.

    Without the tests of models that this engine does not have, which dbt parses and never runs.
    """
    manifest = _json(lake, MANIFEST)
    if manifest is None:
        return None
    nodes = {name: node for name, node in manifest["nodes"].items() if node["config"]["enabled"]}
    return {**manifest, "nodes": nodes}


@contextmanager
def recorded(lake: Lake, definitions: WholeBuild, *, is_whole: bool) -> Iterator[None]:
    """Record what dbt, which is run meanwhile, has found; `is_whole`: it is to run every model.

    After a run by other definitions than those of the last whole build, the next one is whole, also if this
    one is killed.
    """
    before = record.read(lake)
    if before.whole_build != definitions:
        record.write(lake, replace(before, whole_build=None))
    (lake.dbt / "target" / RESULTS).unlink(missing_ok=True)
    try:
        yield
    finally:
        # dbt writes its results also if a model or a test has failed.
        _record(lake, definitions if is_whole else None)


def _record(lake: Lake, whole_build: WholeBuild | None) -> None:
    results, manifest = _json(lake, RESULTS), read_manifest(lake)
    if results is None or manifest is None:
        return
    before = record.read(lake)
    models = [row["status"] for row in results["results"] if not row["unique_id"].startswith("test.")]
    if whole_build is None or set(models) != {"success"}:
        whole_build = before.whole_build
    checks = {**before.checks, **_checks(results, manifest, tables.table_states(lake.warehouse))}
    names = {node["name"] for node in manifest["nodes"].values()}
    kept = {name: check for name, check in checks.items() if name in names}
    record.write(lake, Record(whole_build, kept))


def _checks(
    results: Mapping[str, Any], manifest: Manifest, states: Mapping[str, TableState]
) -> dict[str, Check]:
    now = datetime.now(UTC)
    return {
        manifest["nodes"][row["unique_id"]]["name"]: Check(
            status=row["status"],
            failed_row_count=row["failures"] or 0,
            message="" if row["status"] == "pass" else (row["message"] or "").strip(),
            checked_at=now,
            inputs=_digest(manifest["nodes"][row["unique_id"]], manifest, states),
        )
        for row in results["results"]
        if row["unique_id"].startswith("test.")
    }


def _is_read(
    inputs: str, node: Mapping[str, Any], manifest: Manifest, states: Mapping[str, TableState]
) -> bool:
    return inputs != "" and inputs == _digest(node, manifest, states)


def _digest(node: Mapping[str, Any], manifest: Manifest, states: Mapping[str, TableState]) -> str:
    """The digest of what a node reads: first tables of models, then logs, each in the order of the node."""
    inputs = [
        nodes[name]
        for nodes in (manifest["nodes"], manifest["sources"])
        for name in inputs_of(node)
        if name in nodes
    ]
    return tables.inputs_digest((table_of(found) for found in inputs), states)


def _json(lake: Lake, name: str) -> dict[str, Any] | None:
    path = lake.dbt / "target" / name
    try:
        content: dict[str, Any] = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return None
    return content
