"""A job run in this process, its events as they happen, and shown by the UI as a run of the code location.

Dagster's public ways are `execute_in_process`, which gives no event before the end and no link from the UI to
the job, and a run launched through its daemon, whose process loads the definitions once more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.definitions.job_base import InMemoryJob
from dagster._core.execution.api import execute_run_iterator
from dagster._core.remote_origin import RemoteJobOrigin, RemoteRepositoryOrigin
from dagster._core.workspace.load import location_origins_from_yaml_paths

REPOSITORY = "__repository__"
"""The name Dagster gives to the definitions of a module."""


def create_run(
    instance: dg.DagsterInstance,
    job: dg.JobDefinition,
    workspace: Path,
    run_config: Mapping[str, Any],
    tags: Mapping[str, str],
) -> dg.DagsterRun:
    """Record a run of `job`, which the first code location of the workspace file serves."""
    return instance.create_run_for_job(
        job,
        run_config=run_config,
        tags=tags,
        asset_selection=job.asset_selection,
        remote_job_origin=_origin(workspace, job.name),
    )


def execute(
    instance: dg.DagsterInstance, job: dg.JobDefinition, run: dg.DagsterRun
) -> Iterator[dg.DagsterEvent]:
    """Run it here; every event once it has been recorded."""
    return execute_run_iterator(InMemoryJob(job), run, instance)


def _origin(workspace: Path, job_name: str) -> RemoteJobOrigin:
    location = next(iter(location_origins_from_yaml_paths([str(workspace)])))
    return RemoteRepositoryOrigin(location, REPOSITORY).get_job_origin(job_name)
