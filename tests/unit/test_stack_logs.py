"""Reading logs that are written and rotated meanwhile."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from tradewind.stack import logs


def test_last_lines_of_a_log(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text("1\n2\n3\n")
    assert logs.last_lines(log, 2) == ["2", "3"]


def test_a_log_that_does_not_exist_has_no_lines(tmp_path: Path) -> None:
    assert logs.last_lines(tmp_path / "a.log", 2) == []


def test_following_shows_a_line_only_when_it_is_whole(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text("old\n")
    offsets = {log: log.stat().st_size}
    with log.open("a") as file:
        file.write("new\nhal")
    assert logs._new_lines(log, offsets) == ["new"]
    with log.open("a") as file:
        file.write("f\n")
    assert logs._new_lines(log, offsets) == ["half"]


def test_following_survives_rotation(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text("a long line before\n")
    offsets = {log: log.stat().st_size}
    log.write_text("after\n")
    assert logs._new_lines(log, offsets) == ["after"]


def test_a_log_that_appears_later_is_read_from_its_start(tmp_path: Path) -> None:
    early, late = tmp_path / "early.log", tmp_path / "late.log"
    early.write_text("old\n")
    following = logs.follow([early, late])
    late.write_text("1\n2\n")
    assert list(islice(following, 2)) == [(late, "1"), (late, "2")]
