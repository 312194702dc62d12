"""A small dbt manifest, and what a plan of it runs."""

from __future__ import annotations

from typing import Any

from application import build_plan
from application.build_plan import Known


def node(
    name: str, *inputs: str, materialized: str = "table", columns: tuple[str, ...] = ()
) -> dict[str, Any]:
    return {
        "resource_type": "model",
        "name": name,
        "schema": "db",
        "alias": name,
        "columns": dict.fromkeys(columns),
        "config": {"materialized": materialized, "enabled": True},
        "depends_on": {"nodes": list(inputs)},
    }


def check(name: str, *inputs: str) -> dict[str, Any]:
    return {
        "resource_type": "test",
        "name": name,
        "config": {"enabled": True},
        "depends_on": {"nodes": list(inputs)},
    }


def planned(manifest: dict[str, Any], known: Known) -> tuple[set[str], set[str]]:
    """The models and the tests that are run, by the short names of their nodes."""
    plan = build_plan.make(manifest, known)
    chosen = {manifest["nodes"][name]["name"] for name in plan.models | plan.tests}
    every = {node["name"] for node in manifest["nodes"].values()}
    assert set(plan.left_out) == every - chosen
    return ({name.split(".")[1] for name in plan.models}, {name.split(".")[1] for name in plan.tests})
