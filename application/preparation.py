"""The tasks of `tradewind up` beside its services, such as creating the schema; every task is repeatable."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from application import manifest
from tradewind.settings import Endpoint, Settings
from tradewind.source.mysql import is_mysql
from tradewind.stack.errors import StackError
from tradewind.stack.private_files import write_private
from tradewind.stack.service import Task

DAGSTER_INSTANCE = """\
# Written by `tradewind up`; changes here are lost.
telemetry:
  enabled: false
nux:
  enabled: false
storage:
  custom:
    module: orchestration.internals.storage
    class: Storage
    config:
      base_dir: {dagster}
concurrency:
  runs:
    max_concurrent_runs: 4
run_monitoring:
  enabled: true
  # Dagster shows a run whose process was killed as started; this marks it as failed.
  max_runtime_seconds: 7200
retention:
  schedule:
    purge_after_days: 30
  sensor:
    purge_after_days:
      skipped: 1
      failure: 30
      success: 30
"""
DAGSTER_WORKSPACE = """\
# Written by `tradewind up`; changes here are lost.
# The socket is relative to the home, where every service runs.
load_from:
  - grpc_server:
      socket: dagster/code.sock
      location_name: tradewind
"""


def tasks(home: Path, settings: Settings, running: set[str]) -> list[Task]:
    """The tasks of `tradewind up`; the database cluster is prepared unless its server is in `running`."""

    server = "mariadb" if is_mysql(settings.database_url) else "postgres"

    def cluster() -> None:
        if server not in running:
            prepare_cluster(home, settings)

    return [
        Task("cluster", (), cluster),
        Task("schema", (server,), lambda: _create_schema(settings)),
        Task("databases", ("warehouse",), lambda: _create_databases(settings)),
        Task("manifest", (), lambda: manifest.prepare(home, settings)),
        Task("near-real-time", ("databases", "manifest"), lambda: _deploy_near_real_time(settings)),
        Task("run-storage", (), lambda: prepare_run_storage(home, settings)),
        *(_kafka_tasks(settings) if settings.kafka_url else ()),
    ]


def _kafka_tasks(settings: Settings) -> list[Task]:
    """Fetch the jars; register the connectors once there is a source and a way into the warehouse."""
    from connectors.kafka import jars

    def fetch() -> None:
        jars.fetch([jars.BROKER, jars.plugin_for(settings.database_url)])

    def register() -> None:
        from application.connectors import Connectors

        Connectors(settings).apply()

    return [Task("jars", (), fetch), Task("connectors", ("connect", "landing"), register)]


def prepare_servers(home: Path, settings: Settings) -> None:
    """Prepare services that run elsewhere: tables, databases, manifest, Dagster's files."""
    folders(home)
    dagster_home(home)
    _create_schema(settings)
    _create_databases(settings)
    manifest.prepare(home, settings)
    _deploy_near_real_time(settings)
    prepare_run_storage(home, settings)


def folders(home: Path) -> None:
    """Create the home and its folders, which only their owner can read.

    Others may traverse the home itself, because PostgreSQL may run as another user.
    """
    home.mkdir(mode=0o711, parents=True, exist_ok=True)
    for name in (
        "logs",
        "warehouse",
        "capture",
        "dagster",
        "dbt",
        "lake",
        "simulator",
        "kafka",
        "connect",
        "landing",
    ):
        (home / name).mkdir(mode=0o700, exist_ok=True)


def dagster_home(home: Path) -> None:
    """Write Dagster's instance and workspace files."""
    folder = home / "dagster"
    write_private(folder / "dagster.yaml", DAGSTER_INSTANCE.format(dagster=_quoted(folder)))
    write_private(folder / "workspace.yaml", DAGSTER_WORKSPACE)


def prepare_cluster(home: Path, settings: Settings) -> None:
    """Bring the database's data folder up to date, with the passwords of stack.env."""
    from tradewind.stack import mariadb, postgres

    if is_mysql(settings.database_url):
        mariadb.prepare(
            home / "mariadb",
            settings.database.port,
            mariadb.Passwords(
                owner=settings.database.password,
                app=Endpoint(settings.database_app_url).password,
                replication=Endpoint(settings.database_replication_url).password,
            ),
        )
        return
    passwords = postgres.Passwords(
        owner=settings.database.password,
        app=Endpoint(settings.database_app_url).password,
        replication=Endpoint(settings.database_replication_url).password,
    )
    postgres.prepare(home / "postgres", passwords)


def prepare_run_storage(home: Path, settings: Settings) -> None:
    """Create Dagster's databases in one process: services that create them at the same time would fail."""
    done = home / "dagster" / "storage.created"
    if done.exists():
        return
    command = [sys.executable, "-c", "import dagster; dagster.DagsterInstance.get().dispose()"]
    created = subprocess.run(
        command, env=os.environ | settings.exports(), capture_output=True, text=True, check=False
    )
    if created.returncode:
        raise StackError(f"Dagster's storage cannot be created: {created.stderr.strip()}")
    done.touch()


def _quoted(path: Path | str) -> str:
    """A YAML string: a JSON string is one."""
    import json

    return json.dumps(str(path))


def _create_databases(settings: Settings) -> None:
    from connectors.feeds.change_log import prepare_feeds
    from tradewind.serving.alerts import published
    from tradewind.warehouse.access import prepare_databases
    from tradewind.warehouse.client import connect
    from tradewind.warehouse.migration import move_platform_logs

    client = connect(settings.clickhouse_url)
    prepare_databases(client)
    move_platform_logs(client)
    prepare_feeds(client)
    client.command(published.create_table())


def _create_schema(settings: Settings) -> None:
    from tradewind.marketplace.schema import init

    init(settings.database_url)


def _deploy_near_real_time(settings: Settings) -> None:
    from application.near_real_time import deploy

    deploy(settings)
