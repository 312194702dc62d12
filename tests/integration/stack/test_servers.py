"""The same parts on servers of one's own: addresses from the environment, no embedded stack."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import yaml

from tests.fixtures.postgres import RunningPostgres
from tests.fixtures.warehouse import RunningWarehouse
from tradewind.settings import PROJECT_ROOT
from tradewind.warehouse.access import DATABASES


def environment(home: Path, source: RunningPostgres, warehouse: RunningWarehouse) -> dict[str, str]:
    return os.environ | {
        "TRADEWIND_HOME": str(home),
        "DAGSTER_HOME": str(home / "dagster"),
        "DATABASE_URL": source.owner_url,
        "DATABASE_APP_URL": source.app_url,
        "DATABASE_REPLICATION_URL": source.replication_url,
        "CLICKHOUSE_URL": warehouse.admin_url,
        "CLICKHOUSE_WRITER_URL": warehouse.writer_url,
        "CLICKHOUSE_BI_URL": warehouse.bi_url,
        "DAGSTER_URL": "http://127.0.0.1:3000",
    }


def test_prepare_makes_servers_ready_for_capture_and_dagster(
    tmp_path: Path, postgres: RunningPostgres, warehouse: RunningWarehouse
) -> None:
    variables = environment(tmp_path / "home", postgres, warehouse)
    for _ in range(2):
        command = [sys.executable, "-m", "application.cli", "prepare"]
        done = subprocess.run(command, env=variables, cwd=PROJECT_ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    with psycopg.connect(postgres.owner_url) as shop:
        assert shop.execute("select count(*) from orders").fetchone() is not None
    found = warehouse.client().query("select name from system.databases").result_columns[0]
    assert set(DATABASES) <= set(found)
    count = "print(len(defs.resolve_asset_graph().get_all_asset_keys()))"
    load = f"from orchestration.definitions import defs; {count}"
    loaded = subprocess.run(
        [sys.executable, "-c", load], env=variables, cwd=PROJECT_ROOT, capture_output=True, text=True
    )
    assert loaded.returncode == 0, loaded.stderr
    assert int(loaded.stdout) > 70


def test_compose_pins_images_binds_to_this_machine_and_has_no_default_password() -> None:
    compose = yaml.safe_load((PROJECT_ROOT / "docker-compose.yml").read_text())
    for service in compose["services"].values():
        name, _, version = service["image"].partition(":")
        assert version and version != "latest", name
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
        assert set(service.get("depends_on", {})) <= set(compose["services"])
    secrets = {
        value
        for service in compose["services"].values()
        for name, value in service.get("environment", {}).items()
        if name.endswith("PASSWORD")
    }
    assert secrets and all(":?" in value for value in secrets), json.dumps(sorted(secrets))
