"""The server as a process: start, stop, crash, a taken port, a held folder."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.fixtures.warehouse import RunningWarehouse
from tests.integration.warehouse.conftest import asker
from tests.integration.warehouse.test_stopping import ENDLESS, InBackground, runs, wait_until


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningWarehouse]:
    server = RunningWarehouse(tmp_path, "--stop-seconds", "2")
    server.start()
    yield server
    server.stop()


def second_start(server: RunningWarehouse, **changed: str) -> subprocess.CompletedProcess[str]:
    """Start another server with some arguments changed; it is expected to end by itself."""
    command = list(server.command)
    for option, value in changed.items():
        command[command.index(f"--{option}") + 1] = value
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_every_acknowledged_row_survives_a_crash(server: RunningWarehouse) -> None:
    ask = asker(server)
    ask("CREATE TABLE rows (id UInt64) ORDER BY id")
    acknowledged: list[int] = []

    def insert() -> None:
        for number in range(1_000_000):
            try:
                if ask("INSERT INTO rows FORMAT TSV", data=f"{number}\n").status_code != 200:
                    return
            except requests.RequestException:
                return
            acknowledged.append(number)

    thread = threading.Thread(target=insert)
    thread.start()
    wait_until(lambda: len(acknowledged) > 50)
    server.restart(signal.SIGKILL)
    thread.join()
    kept = {int(line) for line in ask("SELECT id FROM rows").text.splitlines()}
    assert set(acknowledged) <= kept
    assert len(kept) <= len(acknowledged) + 1


def test_a_stop_finishes_short_queries_and_cancels_long_ones(server: RunningWarehouse) -> None:
    ask = asker(server)
    short, long = InBackground(ask, "SELECT sleep(1.5)"), InBackground(ask, ENDLESS)
    wait_until(lambda: runs(ask, short.query_id) and runs(ask, long.query_id))
    assert server.stop() == 0
    assert short.code() == "none"
    assert long.code() == "394"
    assert list((server.data / "running").iterdir()) == []


def test_a_taken_port_is_one_clear_line(server: RunningWarehouse, tmp_path: Path) -> None:
    done = second_start(server, data=str(tmp_path / "other"))
    assert done.returncode == 1
    reason = f"cannot listen on 127.0.0.1:{server.port}: Address already in use; give another --port"
    assert done.stderr == f"clickhouse_server: {reason}\n"
    assert server.answers()


def test_a_held_folder_is_one_clear_line(server: RunningWarehouse) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    done = second_start(server, port=str(port))
    assert done.returncode == 1
    expected = f"data folder {server.data} is in use by process {server.pid}; stop it or give another --data"
    assert done.stderr == f"clickhouse_server: {expected}\n"
    assert server.answers()


def test_a_folder_whose_name_means_several_is_one_clear_line(
    server: RunningWarehouse, tmp_path: Path
) -> None:
    folder = tmp_path / "a{b,c}"
    done = second_start(server, data=str(folder))
    assert done.returncode == 1
    assert done.stderr.startswith(f"clickhouse_server: data folder {folder} has one of *?{{}} in its name")


def test_a_users_file_that_others_can_read_is_refused(server: RunningWarehouse, tmp_path: Path) -> None:
    users = tmp_path / "open.json"
    users.write_text(json.dumps({"admin": {"password": "x", "role": "admin"}}))
    os.chmod(users, 0o644)
    done = second_start(server, users=str(users))
    assert done.returncode == 1
    assert "chmod 600" in done.stderr
    assert done.stderr.count("\n") == 1


def test_views_tables_and_rows_are_there_after_a_restart(server: RunningWarehouse) -> None:
    ask = asker(server)
    ask("CREATE TABLE source (id UInt64) ORDER BY id")
    ask(
        "CREATE MATERIALIZED VIEW doubled (id UInt64) ENGINE = MergeTree ORDER BY id "
        "AS SELECT id * 2 AS id FROM source"
    )
    ask("INSERT INTO source VALUES (1), (2)")
    server.restart()
    ask("INSERT INTO source VALUES (3)")
    assert ask("SELECT sum(id) FROM doubled").text == "12\n"


def test_passwords_are_not_in_the_log(server: RunningWarehouse) -> None:
    ask = asker(server)
    ask("SELECT 1")
    ask("SELECT nonsense")
    log = server.log.read_text()
    assert not any(user.password in log for user in server.users.values())
