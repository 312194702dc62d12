"""A lock file that a crash left torn does not keep PostgreSQL from starting again."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from tests.fixtures.postgres import RunningPostgres, free_port
from tradewind.stack import postgres as server


@pytest.mark.parametrize("content", ["", "\n", "torn"])
def test_a_lock_file_without_a_process_number_is_taken_away(tmp_path: Path, content: str) -> None:
    lock = tmp_path / "postmaster.pid"
    lock.write_text(content)
    server._settle(tmp_path)
    assert not lock.exists()


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
