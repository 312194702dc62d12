"""What dbt says about a run of the job: its `run_results.json`, summed up."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

RUNS_KEPT = 10
PREFIX = "models-"


def read_results(run_id: str) -> dict[str, Any]:
    """Counts of models and tests by outcome, and each failure with its reason.

    `{"models": {"success": 60}, "tests": {"pass": 400}, "failures": [{"name", "kind", "reason"}]}`
    """
    found = sorted(_target().glob(f"{PREFIX}{run_id[:7]}-*/run_results.json"))
    results = json.loads(found[-1].read_text())["results"] if found else []
    counts: dict[str, dict[str, int]] = {"models": {}, "tests": {}}
    failures = []
    for result in results:
        kind, _, name = result["unique_id"].partition(".")
        group = counts["tests" if kind in ("test", "unit_test") else "models"]
        group[result["status"]] = group.get(result["status"], 0) + 1
        if result["status"] in ("error", "fail", "runtime error"):
            failures.append({"name": _short(name), "kind": kind, "reason": (result["message"] or "").strip()})
    return {**counts, "failures": failures}


def forget_old_runs() -> None:
    """Remove dbt's folders of all but the latest runs; each holds megabytes."""
    folders = sorted(_target().glob(f"{PREFIX}*"), key=lambda folder: folder.stat().st_mtime)
    for folder in folders[:-RUNS_KEPT]:
        shutil.rmtree(folder)


def _target() -> Path:
    return Path(os.environ["DBT_TARGET_PATH"])


def _short(name: str) -> str:
    """`tradewind.not_null_x.0123456789` -> `not_null_x`; `tradewind.ods_orders` -> `ods_orders`."""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 else name
