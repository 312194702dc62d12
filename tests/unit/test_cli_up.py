"""Options of `tradewind up` that would do nothing are refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from application.cli import commands


@pytest.mark.parametrize(
    "words",
    [("--rate", "5"), ("--users", "10"), ("--user-growth", "1"), ("--speed-up", "1440"), ("--seed", "small")],
    ids=" ".join,
)
def test_what_is_for_the_simulator_goes_with_it(
    words: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("TRADEWIND_HOME", str(tmp_path / "file" / "home"))
    done = CliRunner().invoke(commands, ["up", *words])
    assert done.exit_code == 2
    assert f"{words[0]} needs --simulate" in done.output
