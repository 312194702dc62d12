"""The embedded server: who runs it, who reaches it, and how it comes back from a crash."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.fixtures.postgres import RunningPostgres, free_port
from tradewind.stack import postgres as server


@pytest.fixture
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPostgres]:
    """A server of its own, to be crashed."""
    running = RunningPostgres(tmp_path_factory.mktemp("own") / "data", free_port())
    server.prepare(running.data, running.passwords)
    running.start()
    yield running
    running.stop()


def test_the_server_is_the_process_that_was_started_and_is_not_root(postgres: RunningPostgres) -> None:
    status = Path(f"/proc/{postgres.pid}/status").read_text()
    owner = next(line for line in status.splitlines() if line.startswith("Uid:")).split()[1:]
    assert "0" not in owner
    assert Path(f"/proc/{postgres.pid}/cmdline").read_bytes().split(b"\0")[0].endswith(b"/postgres")


def test_the_server_listens_on_local_tcp_only(postgres: RunningPostgres) -> None:
    with psycopg.connect(postgres.superuser_url) as connection:
        settings = dict(connection.execute("select name, setting from pg_settings").fetchall())
    assert settings["listen_addresses"] == "127.0.0.1"
    assert settings["unix_socket_directories"] == ""
    assert (settings["fsync"], settings["synchronous_commit"], settings["wal_level"]) == (
        "on",
        "on",
        "logical",
    )
    assert int(settings["max_slot_wal_keep_size"]) > 0


def test_data_survives_kill_9_and_an_immediate_restart_while_a_backend_is_busy(own: RunningPostgres) -> None:
    with psycopg.connect(own.owner_url, autocommit=True) as connection:
        connection.execute("create table kept (id int)")
        connection.execute("insert into kept values (1)")
    busy = threading.Thread(target=_count_for_long, args=(own.owner_url,), daemon=True)
    busy.start()
    _wait_for_busy_backend(own)
    started = time.monotonic()
    own.stop(signal.SIGKILL)
    own.start()
    assert time.monotonic() - started < 40
    with psycopg.connect(own.owner_url) as connection:
        assert connection.execute("select id from kept").fetchall() == [(1,)]
    busy.join(timeout=30)
    assert not busy.is_alive()


def _count_for_long(url: str) -> None:
    """A statement that never waits, so that its backend does not notice its parent's death."""
    try:
        with psycopg.connect(url) as connection:
            connection.execute("select count(*) from generate_series(1, 100000000000) as a")
    except psycopg.OperationalError:
        return


def _wait_for_busy_backend(running: RunningPostgres) -> None:
    query = (
        "select count(*) from pg_stat_activity "
        "where state = 'active' and query like '%100000000000%' and pid <> pg_backend_pid()"
    )
    with psycopg.connect(running.superuser_url, autocommit=True) as connection:
        deadline = time.monotonic() + 30
        while connection.execute(query.encode()).fetchone() == (0,):
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_a_process_number_taken_by_a_stranger_does_not_keep_the_server_from_starting(
    own: RunningPostgres,
) -> None:
    own.stop(signal.SIGKILL)
    lock = own.data / "postmaster.pid"
    lines = lock.read_text().splitlines()
    lock.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    own.start()
    assert server.is_ready(own.port)


def test_a_running_server_is_not_prepared_again(own: RunningPostgres) -> None:
    with pytest.raises(server.PostgresError, match=f"already runs .* {own.pid}"):
        server.prepare(own.data, own.passwords)


def test_preparing_again_keeps_data_and_sets_new_passwords(own: RunningPostgres) -> None:
    with psycopg.connect(own.owner_url) as connection:
        connection.execute("create table kept (id int)")
    own.stop()
    server.prepare(own.data, server.Passwords("new owner's", "b", "c"))
    own.start()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(own.owner_url)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(own.superuser_url)
    changed = psycopg.conninfo.make_conninfo(own.owner_url, password="new owner's")
    with psycopg.connect(changed) as connection:
        assert connection.execute("select count(*) from kept").fetchone() == (0,)


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(server.PostgresError, match="neither empty nor a finished cluster"):
        server.prepare(tmp_path, server.Passwords("a", "b", "c"))
    with pytest.raises(server.PostgresError, match="holds no PostgreSQL cluster"):
        server.become_server(tmp_path, 1)
    assert (tmp_path / "letter.txt").read_text() == "dear"


def test_passwords_do_not_show_when_printed() -> None:
    assert "secret" not in repr(server.Passwords("secret", "secret", "secret", "secret"))
