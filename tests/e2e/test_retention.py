"""`tradewind bronze prune` and its Dagster job, on the home of the running stack."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.fixtures.stack import Stack
from tradewind.settings import PROJECT_ROOT

DAYS = "TRADEWIND_BRONZE_RETENTION_DAYS"
PRUNE = ("bronze", "prune", "--json")


def rows(stack: Stack) -> dict[str, int]:
    """How many changes of people bronze has, and how many of them arrived long ago."""
    query = "select count(), countIf(_ingested_at < now() - interval 300 day) from bronze.users"
    [(all_rows, old_rows)] = stack.warehouse().query(query).result_rows
    return {"all": all_rows, "old": old_rows}


def test_bronze_keeps_everything_by_default(stack: Stack) -> None:
    done = stack.tradewind(*PRUNE)
    assert json.loads(done.stdout) == {}
    assert f"{DAYS} is not set: bronze keeps everything" in " ".join(done.stderr.split())


def test_superseded_changes_go_after_their_time(stack: Stack) -> None:
    """A user's change of today, delivered once more as of a year ago with an earlier one."""
    with stack.shop() as shop:
        [user_id] = shop.execute("select min(user_id) from users").fetchone() or [0]
        shop.execute("update users set language = language where user_id = %s", [user_id])
    stack.tradewind("build", "--select", "ods_users")
    columns = "_topic, _partition, _offset, _timestamp, _key, payload"
    stack.warehouse().command(
        f"insert into bronze.users ({columns}, _ingested_at) "
        f"select {columns}, now64(3) - interval 400 day from bronze.users where _op = 'r' limit 1 by _key"
    )
    before = rows(stack)
    rehearsed = json.loads(stack.tradewind(*PRUNE, "--dry-run", **{DAYS: "300"}).stdout)
    assert rehearsed["users"]["removed"] == 1 < before["old"]
    assert rows(stack) == before
    assert json.loads(stack.tradewind(*PRUNE, **{DAYS: "300"}).stdout) == rehearsed
    assert rows(stack) == {"all": before["all"] - 1, "old": before["old"] - 1}


def test_the_job_does_the_same(stack: Stack) -> None:
    dagster = str(Path(stack.command()[0]).with_name("dagster"))
    command = [dagster, "job", "execute", "--module-name", "orchestration.definitions"]
    done = subprocess.run(
        [*command, "--job", "prune_bronze"],
        env=stack.environment() | stack.urls | {DAYS: "300"},
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "is not set" not in done.stderr
