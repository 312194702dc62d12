"""Feeds in Dagster: the sensor sees a dropped file, a run ingests it, a refused file fails the run."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connectors.feeds.change_log import prepare_feeds
from connectors.feeds.samples import write_samples
from tests.fixtures.warehouse import RunningWarehouse

EVALUATE_AND_RUN = """
import json, sys
import dagster as dg
from orchestration.definitions import build_defs
from orchestration.defs.feeds.sensors import watch_drops
from orchestration.resources import Warehouse
defs = build_defs(resources={"warehouse": Warehouse(url=sys.argv[1])})
with dg.DagsterInstance.ephemeral() as instance:
    before = watch_drops(dg.build_sensor_context(instance=instance))
    run = defs.resolve_job_def("ingest_drops").execute_in_process(instance=instance, raise_on_error=False)
    after = watch_drops(dg.build_sensor_context(instance=instance))
    events = run.asset_materializations_for_node("dropped_files")
    print(json.dumps({
        "before": type(before).__name__, "after": type(after).__name__, "success": run.success,
        "rows": {event.asset_key.to_user_string(): event.metadata["rows"].value for event in events},
    }))
"""


@pytest.fixture
def url(warehouse: RunningWarehouse) -> str:
    """A warehouse that runs, and that the location's settings do not name."""
    prepare_feeds(warehouse.client("admin"))
    return warehouse.writer_url


def evaluate_and_run(location: dict[str, str], url: str) -> tuple[dict[str, Any], str]:
    """The results of the sensor and the job in a fresh interpreter, and their log."""
    done = subprocess.run(
        [sys.executable, "-c", EVALUATE_AND_RUN, url],
        env=location,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    results: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return results, done.stderr


def test_a_dropped_file_is_ingested_and_a_refused_one_fails_the_run_with_a_replaced_warehouse(
    location: dict[str, str], url: str
) -> None:
    drops = Path(location["TRADEWIND_HOME"]) / "drops"
    write_samples(drops, date(2031, 3, 1), seed=1)
    results, _ = evaluate_and_run(location, url)
    assert results == {
        "before": "RunRequest",
        "after": "SkipReason",
        "success": True,
        "rows": {"feeds/geography": 43, "feeds/economic_indicators": 7},
    }
    (drops / "geography" / "bad.csv").write_text("nonsense\n")
    results, log = evaluate_and_run(location, url)
    assert (results["success"], results["after"]) == (False, "SkipReason")
    assert "1 files refused: bad.csv, line 1, column period_date: column is missing" in log
