"""Run sqlfluff over the models: `python -m tests.lint_sql [sqlfluff's options]`.

Its dbt templater asks the warehouse which tables exist, so one with no more than what a run begins with is
started for it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.fixtures.warehouse import RunningWarehouse
from tradewind.settings import PROJECT_ROOT, Endpoint
from tradewind.warehouse.access import prepare_databases


def main() -> int:
    """sqlfluff's exit code."""
    with tempfile.TemporaryDirectory(prefix="tradewind-lint-") as folder:
        server = RunningWarehouse(Path(folder))
        server.start()
        try:
            prepare_databases(server.client())
            environment = _environment(server, folder)
            _run(["dbt", "--quiet", "run-operation", "create_rt_tables"], environment).check_returncode()
            return _run(["sqlfluff", "lint", *sys.argv[1:], "dbt_project"], environment).returncode
        finally:
            server.stop()


def _run(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[bytes]:
    program = Path(sys.executable).with_name(command[0])
    return subprocess.run([program, *command[1:]], cwd=PROJECT_ROOT, env=environment)


def _environment(server: RunningWarehouse, folder: str) -> dict[str, str]:
    writer = Endpoint(server.writer_url)
    return os.environ | {
        "DBT_CLICKHOUSE_HOST": writer.host,
        "DBT_CLICKHOUSE_PORT": str(writer.port),
        "DBT_CLICKHOUSE_USER": writer.user,
        "DBT_CLICKHOUSE_PASSWORD": writer.password,
        "DBT_TARGET_PATH": f"{folder}/target",
        "DBT_LOG_PATH": f"{folder}/logs",
    }


if __name__ == "__main__":
    sys.exit(main())
