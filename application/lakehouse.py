"""Builds of the lakehouse: bronze is copied, then dbt builds and tests every model on Spark."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime

from application import dbt
from tradewind.lakehouse.errors import LakehouseError
from tradewind.lakehouse.export import Export, export_bronze
from tradewind.lakehouse.lake import Lake, stop_foreign_session
from tradewind.settings import PROJECT_ROOT, dbt_places
from tradewind.warehouse.client import connect

TARGET = "spark"
# They test the code, not the data, and belong to `make test`.
WITHOUT_UNIT_TESTS = ("--exclude-resource-type", "unit_test")
STDERR = 2


def build(
    warehouse_url: str,
    lake: Lake,
    *,
    dbt_arguments: Sequence[str] = (),
    on_table: Callable[[str, int], None] = lambda table, rows: None,
) -> Export:
    """Copy what is new in bronze and run `dbt build`; returns what was copied.

    `dbt_arguments` go to dbt (`--select`, `--full-refresh`, ...). LakehouseError if a model or test fails.
    """
    done = export(warehouse_url, lake, on_table=on_table)
    run_dbt(lake, ["build", *WITHOUT_UNIT_TESTS, *dbt_arguments], moment=done.moment)
    return done


def export(
    warehouse_url: str, lake: Lake, *, on_table: Callable[[str, int], None] = lambda table, rows: None
) -> Export:
    """Copy what is new in bronze; returns what was copied."""
    with lake.session() as session, closing(connect(warehouse_url)) as client:
        return export_bronze(session, client, lake.landing, on_table=on_table)


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
