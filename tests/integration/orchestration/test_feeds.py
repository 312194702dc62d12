"""Feeds in Dagster: the sensor sees a dropped file, a run takes it in, a refused one fails it by name."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connectors.feeds.samples import write_samples
from tests.fixtures.warehouse import RunningWarehouse
from tradewind.warehouse.feeds import prepare_feeds

LOOK_AND_RUN = """
import json
import dagster as dg
from orchestration.definitions import defs
from orchestration.defs.feeds.sensors import watch_drops
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
def home(location: dict[str, str], warehouse: RunningWarehouse) -> Path:
    """The location's home, with a warehouse that runs."""
    folder = Path(location["TRADEWIND_HOME"])
    prepare_feeds(warehouse.client("admin"))
    settings = (folder / "stack.env").read_text()
    writer = f"CLICKHOUSE_WRITER_URL={warehouse.writer_url}"
    (folder / "stack.env").write_text(re.sub("CLICKHOUSE_WRITER_URL=.*", writer, settings))
    return folder


def look_and_run(location: dict[str, str]) -> tuple[dict[str, Any], str]:
    """What a fresh interpreter's sensor and job say, and their log."""
    done = subprocess.run(
        [sys.executable, "-c", LOOK_AND_RUN], env=location, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said, done.stderr


def test_a_dropped_file_is_seen_and_taken_in_and_a_refused_one_fails_the_run(
    location: dict[str, str], home: Path
) -> None:
    write_samples(home / "drops", date(2031, 3, 1), seed=1)
    said, _ = look_and_run(location)
    assert said == {
        "before": "RunRequest",
        "after": "SkipReason",
        "success": True,
        "rows": {"bronze/feed_geography": 43, "bronze/feed_economic_indicators": 7},
    }
    (home / "drops" / "geography" / "bad.csv").write_text("nonsense\n")
    said, log = look_and_run(location)
    assert (said["success"], said["after"]) == (False, "SkipReason")
    assert "1 files refused: bad.csv, line 1, column period_date: column is missing" in log
