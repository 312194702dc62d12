"""The folder in which a run's dbt writes, and the results that it leaves there."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from application.manifest import PARTIAL_PARSE
from orchestration.project import dbt_project
from tradewind.warehouse.check_results import CheckResult

RUNS_KEPT = 10
PREFIX = "models-"
NOTES = "notes.json"


def prepare_folder(run_id: str, notes: Sequence[str] = ()) -> Path:
    """The target folder of a run: the notes, and what dbt has parsed, so that it need not parse again."""
    folder = _folder(run_id)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    parsed = _target() / PARTIAL_PARSE
    if parsed.exists():
        shutil.copy(parsed, folder)
    (folder / NOTES).write_text(json.dumps(list(notes)))
    return folder


def read_results(run_id: str) -> dict[str, Any]:
    """Counts of models and tests by outcome, each failure with its reason, and the run's notes.

    `{"models": {"success": 60}, "tests": {}, "failures": [{"name", "kind", "reason"}], "notes": ["..."]}`
    """
    file = _folder(run_id) / "run_results.json"
    results = json.loads(file.read_text())["results"] if file.exists() else []
    counts: dict[str, dict[str, int]] = {"models": {}, "tests": {}}
    failures = []
    for result in results:
        kind, _, name = result["unique_id"].partition(".")
        group = counts["tests" if kind in ("test", "unit_test") else "models"]
        group[result["status"]] = group.get(result["status"], 0) + 1
        if result["status"] in ("error", "fail", "runtime error"):
            failures.append({"name": _short(name), "kind": kind, "reason": (result["message"] or "").strip()})
    notes = _folder(run_id) / NOTES
    return {
        **counts,
        "failures": failures,
        "notes": json.loads(notes.read_text()) if notes.exists() else [],
    }


def read_checks(run_id: str) -> list[CheckResult]:
    """What each dbt test of a run found; none if dbt ended before it wrote its results."""
    file = _folder(run_id) / "run_results.json"
    if not file.exists():
        return []
    nodes = read_manifest()["nodes"]
    return [
        CheckResult(
            check_name=_short(result["unique_id"].partition(".")[2]),
            table_name=_checked_table(nodes, result["unique_id"]),
            status=result["status"],
            failed_row_count=result["failures"] or 0,
            message="" if result["status"] == "pass" else (result["message"] or "").strip(),
        )
        for result in json.loads(file.read_text())["results"]
        if result["unique_id"].startswith("test.")
    ]


def all_models_succeeded(run_id: str) -> bool:
    """Whether a run got to its end and built every model."""
    return set(read_results(run_id)["models"]) == {"success"}


def read_manifest() -> dict[str, Any]:
    """What dbt has parsed."""
    manifest: dict[str, Any] = json.loads(dbt_project().manifest_path.read_text())
    return manifest


def _checked_table(nodes: dict[str, Any], test: str) -> str:
    """The table of the model that a test is declared with; empty for a test of its own file."""
    model = nodes.get(nodes[test].get("attached_node"))
    return f"{model['schema']}.{model['alias']}" if model else ""


def remove_old_folders() -> None:
    """Remove the folders of all but the latest runs; each holds megabytes."""
    folders = sorted(_target().glob(f"{PREFIX}*"), key=lambda folder: folder.stat().st_mtime)
    for folder in folders[:-RUNS_KEPT]:
        shutil.rmtree(folder)


def _folder(run_id: str) -> Path:
    return _target() / f"{PREFIX}{run_id}"


def _target() -> Path:
    return dbt_project().target_path


def _short(name: str) -> str:
    """`tradewind.not_null_x.0123456789` -> `not_null_x`; `tradewind.ods_orders` -> `ods_orders`."""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 else name
