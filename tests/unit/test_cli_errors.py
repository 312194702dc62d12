"""What the command line says of an operating system's error."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from tradewind.app.cli import said


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRADEWIND_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def refused(path: Path | None, number: int = errno.EACCES) -> OSError:
    return OSError(number, os.strerror(number), None if path is None else str(path))


def test_what_cannot_be_written_in_the_home_says_how_to_go_on(home: Path) -> None:
    for path in (home, home / "logs" / "x.log", home.parent):
        assert "TRADEWIND_HOME" in said(refused(path))
    assert "make room" in said(refused(None, errno.ENOSPC))


def test_a_file_elsewhere_that_cannot_be_read_is_named_without_advice_on_the_home(home: Path) -> None:
    text = said(refused(home.parent / "data" / "orders.csv"))
    assert text == f"{home.parent / 'data' / 'orders.csv'}: Permission denied"


def test_another_error_is_its_own_words(home: Path) -> None:
    assert said(ValueError("the words")) == "the words"
    assert said(ValueError()) == "ValueError"
