"""When the manifest is older than what it is made from, and where a new one comes from."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from application import dbt, manifest
from tradewind.settings import Settings

ADDRESSES = {
    **dict.fromkeys(
        ("database_url", "database_app_url", "database_replication_url"),
        "postgresql://a:b@127.0.0.1:5432/ecomm",
    ),
    **dict.fromkeys(
        ("clickhouse_url", "clickhouse_writer_url", "clickhouse_bi_url"), "http://a:b@127.0.0.1:8123"
    ),
    "dagster_url": "http://127.0.0.1:3000",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project last changed at the second 1,000."""
    folder = tmp_path / "project"
    monkeypatch.setattr(manifest, "PROJECT_ROOT", folder)
    monkeypatch.setattr(manifest, "PARSED_AHEAD", tmp_path / "ahead")
    (folder / "macros" / "cdc").mkdir(parents=True)
    files = [folder / "macros" / "x.sql", folder / "macros" / "cdc" / "y.sql", folder / "dbt_project.yml"]
    for file in files:
        file.touch()
    for path in (*files, folder / "macros" / "cdc", folder / "macros"):
        os.utime(path, (1_000, 1_000))
    return folder


@pytest.fixture
def parsed_ahead(project: Path) -> None:
    """What set-up left, a second after the project's last change."""
    folder = manifest.PARSED_AHEAD
    folder.mkdir()
    for name in (manifest.MANIFEST, manifest.PARTIAL_PARSE, manifest.SEMANTIC):
        (folder / name).write_text(f"ahead: {name}")
        os.utime(folder / name, (1_001, 1_001))


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The folders for which dbt was asked to parse; what it leaves there."""
    targets: list[str] = []

    def run(_: Sequence[str], environment: Mapping[str, str]) -> None:
        targets.append(environment["DBT_TARGET_PATH"])
        folder = Path(targets[-1])
        folder.mkdir(parents=True, exist_ok=True)
        for name in (manifest.MANIFEST, manifest.PARTIAL_PARSE, manifest.SEMANTIC):
            (folder / name).write_text("parsed")

    monkeypatch.setattr(dbt, "run", run)
    return targets


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    monkeypatch.setenv("TRADEWIND_HOME", str(folder))
    return folder


def prepare(home: Path, port: int = 8123) -> Path:
    """The folder in which the manifest should be now."""
    addresses = {name: text.replace(":8123", f":{port}") for name, text in ADDRESSES.items()}
    manifest.prepare(home, Settings(**addresses))
    return home / "dbt" / "target"


def test_a_new_home_takes_over_what_was_parsed_ahead(
    home: Path, parsed_ahead: None, parsed: list[str]
) -> None:
    target = prepare(home)
    for name in (manifest.MANIFEST, manifest.PARTIAL_PARSE, manifest.SEMANTIC):
        assert (target / name).read_text() == f"ahead: {name}"
    (target / manifest.PARTIAL_PARSE).unlink()
    assert not (prepare(home) / manifest.PARTIAL_PARSE).exists(), "it is new enough now: nothing is done"
    assert parsed == []


@pytest.mark.parametrize("name", ["x.sql", "cdc/y.sql"])
def test_a_file_that_is_removed_counts_as_a_change(
    home: Path, project: Path, parsed_ahead: None, parsed: list[str], name: str
) -> None:
    (project / "macros" / name).unlink()
    assert [str(prepare(home))] == parsed


def test_a_file_that_is_written_counts_as_a_change(
    home: Path, project: Path, parsed_ahead: None, parsed: list[str]
) -> None:
    prepare(home)
    os.utime(project / "macros" / "cdc" / "y.sql", (2_000, 2_000))
    assert [str(prepare(home))] == parsed


def test_without_anything_parsed_ahead_dbt_parses(home: Path, project: Path, parsed: list[str]) -> None:
    assert [str(prepare(home))] == parsed


def test_a_home_with_another_port_takes_it_over_as_well(
    home: Path, parsed_ahead: None, parsed: list[str]
) -> None:
    target = prepare(home, 8199)
    assert (target / manifest.MANIFEST).read_text() == f"ahead: {manifest.MANIFEST}"
    assert parsed == []
