"""Builds of the lakehouse: bronze is copied, then dbt builds on Spark what has something new to read."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

from application import dbt, lake_plan
from application.build_plan import Plan, present_definitions
from application.lake_plan import Decision
from tradewind.lakehouse.errors import LakehouseError
from tradewind.lakehouse.export import Export, export_bronze
from tradewind.lakehouse.lake import Lake, stop_foreign_session
from tradewind.settings import PROJECT_ROOT, dbt_places
from tradewind.warehouse.client import connect
from tradewind.warehouse.model_states import WholeBuild

TARGET = "spark"
# They test the code, not the data, and belong to `make test`.
WITHOUT_UNIT_TESTS = ("--exclude-resource-type", "unit_test")
STDERR = 2


@dataclass(frozen=True)
class Request:
    """What is to be built; by default, what has something new to read."""

    select: Sequence[str] = ()
    """Only these models, in dbt's syntax."""
    full_refresh: bool = False
    everything: bool = False
    """Every model and test, also those with nothing new to read."""
    tests: bool = True

    @property
    def dbt_arguments(self) -> list[str]:
        """The same as options of `dbt build`."""
        words = [word for name in self.select for word in ("--select", name)]
        words += ["--full-refresh"] if self.full_refresh else []
        return words + ([] if self.tests else ["--exclude-resource-type", "test"])


@dataclass(frozen=True)
class Build:
    """A finished build: what was copied, and what was run (no plan: all that was requested) and why."""

    copied: Export
    plan: Plan | None = None
    note: str = ""


def build(
    warehouse_url: str,
    lake: Lake,
    request: Request = Request(),
    *,
    on_table: Callable[[str, int], None] = lambda table, rows: None,
    on_plan: Callable[[str], object] = lambda note: None,
) -> Build:
    """Copy what is new in bronze and run `dbt build` for it; `on_plan` is told what is run and why.

    LakehouseError if a model or test fails.
    """
    done = export(warehouse_url, lake, on_table=on_table)
    definitions = present_definitions(done.moment)
    decision = decide(lake, request, definitions)
    if decision.note:
        on_plan(decision.note)
    built = Build(done, decision.plan, decision.note)
    plan = decision.plan
    if plan is not None and not (plan.models or (plan.tests and request.tests)):
        return built
    words = [*request.dbt_arguments, *(plan.dbt_arguments if plan is not None else [])]
    with lake_plan.recorded(lake, definitions, is_whole=plan is None and not request.select):
        run_dbt(lake, ["build", *WITHOUT_UNIT_TESTS, *words], moment=done.moment)
    return built


def decide(lake: Lake, request: Request, definitions: WholeBuild) -> Decision:
    """What dbt is to run."""
    if request.select or request.full_refresh or request.everything:
        return Decision(None, "")
    return lake_plan.of_run(lake, definitions)


def export(
    warehouse_url: str, lake: Lake, *, on_table: Callable[[str, int], None] = lambda table, rows: None
) -> Export:
    """Copy what is new in bronze; returns what was copied."""
    with closing(connect(warehouse_url)) as client:
        return export_bronze(lake, client, on_table=on_table)


def run_dbt(lake: Lake, arguments: Sequence[str], *, moment: datetime) -> None:
    """Run dbt on this lake, its output shown on stderr as it comes; LakehouseError if it fails.

    `moment`, the time of the export, becomes the run's start, which the next run reads from: later changes
    are not in the lake yet.
    """
    lake.prepare()
    command = [str(dbt.program()), *arguments, "--target", TARGET]
    # In the Java process that copied bronze, if there is one: a new one needs 20 s of processor time to warm
    # up.
    environment = dbt_environment(lake) | dbt.run_started(moment) | lake.java()
    try:
        done = subprocess.run(command, cwd=PROJECT_ROOT, env=environment, stdout=STDERR, check=False)
    finally:
        stop_foreign_session()
    if done.returncode != 0:
        raise LakehouseError(
            f"dbt {arguments[0]} failed on Spark (exit code {done.returncode}); see its output above "
            f"and {lake.dbt / 'logs' / 'dbt.log'}"
        )


def dbt_environment(lake: Lake) -> dict[str, str]:
    """The environment in which dbt finds this project and this lake, and writes into the lake's folder."""
    return {**os.environ, **lake.environment(), **dbt_places(lake.dbt)}
