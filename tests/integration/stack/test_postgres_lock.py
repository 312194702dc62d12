"""A lock file that a crash left incomplete does not keep PostgreSQL from starting again."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.fixtures.postgres import RunningPostgres, free_port
from tradewind.stack import postgres as server


@pytest.mark.parametrize("content", ["", "\n", "incomplete"])
def test_a_lock_file_without_a_process_id_is_removed(tmp_path: Path, content: str) -> None:
    lock = tmp_path / "postmaster.pid"
    lock.write_text(content)
    server._end_orphans(tmp_path)
    assert not lock.exists()


def test_a_child_of_a_killed_server_has_ended_before_the_next_server_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one that was killed is still ending it holds the shared memory, and the server does not start."""
    monkeypatch.setattr(server, "_EXIT_SECONDS", 0.1)
    (tmp_path / "postmaster.pid").write_text("")
    title = f"postgres: {server._cluster_name(tmp_path)}: busy"
    with subprocess.Popen([title, "60"], executable="/bin/sleep") as child:
        _wait_for_title(child.pid)
        server._end_orphans(tmp_path)
        assert psutil.Process(child.pid).status() == psutil.STATUS_ZOMBIE
    assert child.returncode == -signal.SIGKILL


def test_it_starts_over_an_empty_lock_file(tmp_path: Path) -> None:
    running = RunningPostgres(tmp_path / "data", free_port())
    server.prepare(running.data, running.passwords)
    (running.data / "postmaster.pid").touch()
    running.start()
    try:
        with psycopg.connect(running.owner_url) as session:
            assert session.execute("select 1").fetchone() == (1,)
    finally:
        running.stop()


def _wait_for_title(pid: int) -> None:
    """A process has no command line for a moment after it was started."""
    deadline = time.monotonic() + 60
    while not psutil.Process(pid).cmdline():
        assert time.monotonic() < deadline, "the process got no command line"
        time.sleep(0.01)
