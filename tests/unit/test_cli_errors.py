"""The message of the command line for an error of the operating system."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from application.cli import message


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRADEWIND_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def refused(path: Path | None, number: int = errno.EACCES) -> OSError:
    return OSError(number, os.strerror(number), None if path is None else str(path))


def test_a_write_error_in_the_home_comes_with_advice(home: Path) -> None:
    for path in (home, home / "logs" / "x.log", home.parent):
        assert "TRADEWIND_HOME" in message(refused(path))
    assert "free disk space" in message(refused(None, errno.ENOSPC))


def test_a_file_elsewhere_that_cannot_be_read_is_named_without_advice_on_the_home(home: Path) -> None:
    text = message(refused(home.parent / "data" / "orders.csv"))
    assert text == f"cannot use {home.parent / 'data' / 'orders.csv'}: Permission denied"


def test_any_other_error_keeps_its_message(home: Path) -> None:
    assert message(ValueError("the message")) == "the message"
    assert message(ValueError()) == "ValueError"
