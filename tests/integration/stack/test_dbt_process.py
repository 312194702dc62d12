"""dbt as a process: the errors when it is not installed and when it fails."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from application import dbt
from tradewind.settings import dbt_places


def test_a_dbt_that_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(dbt.DbtError, match=f"{tmp_path / dbt.NAME} does not exist; `make setup`"):
        dbt.program()


def test_the_output_of_a_failed_dbt_is_in_the_error(tmp_path: Path) -> None:
    project = tmp_path / "empty"
    project.mkdir()
    with pytest.raises(dbt.DbtError, match=r"(?s)^dbt parse failed: .*dbt_project\.yml"):
        dbt.run(["parse"], dbt_places(tmp_path) | {"DBT_PROJECT_DIR": str(project)})
