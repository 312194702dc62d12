"""Run the `batch` job in this process: `python -m orchestration.run`, as `tradewind build` does.

Every line on standard output is a JSON object (see `application.build`). With `--wait` the job starts when
a line arrives on standard input, so that a caller can have this process loaded before it is needed.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from typing import Any

import dagster as dg
import psutil

from orchestration.definitions import defs
from orchestration.defs.quality.checks import SPECS
from orchestration.defs.transform.assets import models
from orchestration.defs.transform.results import read_results
from orchestration.internals import runs
from tradewind.settings import home_folder

JOB = "batch"
PROCESS_TAG = "tradewind/process"
DBT_ERRORS = "Errors parsed from dbt logs:"


def main() -> int:
    """Load, wait if asked to, run the job; 0 when every model and test succeeded."""
    parser = argparse.ArgumentParser(prog="python -m orchestration.run", description="Run the batch job.")
    parser.add_argument("--select", help="dbt's selection syntax; everything without it")
    parser.add_argument("--full-refresh", action="store_true")
    parser.add_argument("--all", action="store_true", help="also what has nothing new to read")
    parser.add_argument("--wait", action="store_true", help="start when a line arrives on standard input")
    arguments = parser.parse_args()
    job = selected_job(arguments.select)
    if arguments.wait and not sys.stdin.readline():
        return 1  # the caller has ended
    with dg.DagsterInstance.get() as instance:
        close_abandoned_runs(instance)
        return execute(instance, job, {"full_refresh": arguments.full_refresh, "everything": arguments.all})


def selected_job(select: str | None) -> dg.JobDefinition:
    """The job, or the part of it that a dbt selection names."""
    job = defs.resolve_job_def(JOB)
    if select is None:
        return job
    from dagster_dbt import build_dbt_asset_selection

    graph = defs.resolve_asset_graph()
    selection = build_dbt_asset_selection([models], dbt_select=select)
    assets = selection.resolve(graph)
    if not assets:
        sys.exit(f"nothing in the dbt project matches the selection {select!r}")
    checks = selection.resolve_checks(graph) | {spec.key for spec in SPECS}
    return job.get_subset(asset_selection=assets, asset_check_selection=checks)


def execute(instance: dg.DagsterInstance, job: dg.JobDefinition, config: dict[str, bool]) -> int:
    """Run the job in this process, with the configuration of its models, and report its events."""
    run = runs.create_run(
        instance,
        job,
        workspace=home_folder() / "dagster" / "workspace.yaml",
        run_config={"ops": {"models": {"config": config}}},
        tags={PROCESS_TAG: str(os.getpid())},
    )
    report(event="run", run_id=run.run_id)
    errors: list[str] = []
    for event in runs.execute(instance, job, run):
        if event.is_step_materialization and event.asset_key:
            report(event="model", name=event.asset_key.path[-1])
        elif event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            evaluation = event.asset_check_evaluation_data
            report(event="check", name=evaluation.check_name, passed=evaluation.passed)
        elif event.is_failure and event.message:
            errors.append(_reason(event))
    success = not errors
    report(event="summary", success=success, errors=list(dict.fromkeys(errors)), **read_results(run.run_id))
    return 0 if success else 1


def close_abandoned_runs(instance: dg.DagsterInstance) -> None:
    """Mark runs as failed whose process was killed; Dagster would show them as running for ever."""
    running = dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.NOT_STARTED])
    for run in instance.get_runs(running):
        process = run.tags.get(PROCESS_TAG)
        if process and not psutil.pid_exists(int(process)):
            instance.report_run_failed(run, "the process that executed the run was killed")


def report(**fields: Any) -> None:
    """Write one line for the caller."""
    sys.stdout.write(json.dumps(fields) + "\n")
    sys.stdout.flush()


def _reason(event: dg.DagsterEvent) -> str:
    """The innermost cause, without its class and dbt's heading."""
    error = getattr(event.event_specific_data, "error", None)
    while error and error.cause:
        error = error.cause
    text = str(error.message if error else event.message)
    if error and error.cls_name:
        text = re.sub(rf"^[\w.]*{re.escape(error.cls_name)}: ", "", text)
    return text.rpartition(DBT_ERRORS)[2].strip()


if __name__ == "__main__":
    sys.exit(main())
