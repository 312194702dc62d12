"""The server as a process: start, stop, crash, a taken port, a held folder."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.fixtures.warehouse import RunningWarehouse, free_port
from tests.integration.warehouse.conftest import asker
from tests.integration.warehouse.test_stopping import ENDLESS, InBackground, runs, wait_until
from tests.require import PROJECT_ROOT, need_program


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


def test_the_readmes_command_starts_a_server_that_answers(tmp_path: Path) -> None:
    need_program("curl", "curl")
    readme = (PROJECT_ROOT / "clickhouse_server" / "README.md").read_text()
    commands = readme.split("```sh\n")[1].split("```")[0].replace("8123", str(free_port()))
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-e", "-c", f"{commands}\nwait $!"],
        cwd=tmp_path,
        env={**os.environ, "PATH": path, "PYTHONPATH": str(PROJECT_ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert re.fullmatch(r"\d+\.\d+\.\d+\.\d+\n", done.stdout), done.stdout + done.stderr
    assert done.stderr.rstrip().endswith("clickhouse_server: stopped")


def test_without_an_access_file_there_is_one_role(tmp_path: Path) -> None:
    server = RunningWarehouse(tmp_path)
    server.users = {"admin": server.users["admin"]}
    entries = {"admin": {"password": server.users["admin"].password, "role": "admin"}}
    server.users_file.write_text(json.dumps(entries))
    server.access_file = None
    server.start()
    try:
        ask = asker(server)
        assert ask("CREATE TABLE default.t (x UInt8) ORDER BY x").status_code == 200
        assert ask("SELECT 1", url={"role": "bi"}).headers["X-ClickHouse-Exception-Code"] == "511"
    finally:
        server.stop()
    server.users_file.write_text(json.dumps({"bi": {"password": "x" * 20, "role": "bi"}}))
    refused = subprocess.run(server.command, capture_output=True, text=True, timeout=60)
    assert "user bi needs a password and a role of admin" in refused.stderr


def test_a_malformed_access_file_is_one_clear_line(server: RunningWarehouse, tmp_path: Path) -> None:
    access = tmp_path / "broken.json"
    access.write_text('{"roles": {"bi": {"level": "king"}}}')
    done = second_start(server, access=str(access))
    assert done.returncode == 1
    assert done.stderr == (
        f'clickhouse_server: access file {access}: role "bi": "level" must be one of admin, reader, writer\n'
    )
