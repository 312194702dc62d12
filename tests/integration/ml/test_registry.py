"""Versions in a real warehouse: kept whole, promoted only if better, refused if damaged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.warehouse import RunningWarehouse
from tradewind.ml.errors import RegistryError
from tradewind.ml.registry import CHALLENGER, CHAMPION, RETIRED, Registry, Trained


@pytest.fixture
def registry(warehouse: RunningWarehouse, tmp_path: Path) -> Iterator[Registry]:
    client = warehouse.client("writer")
    found = Registry(client, tmp_path)
    found.create()
    yield found
    client.command("drop table ml.model_versions")


def trained(error: float, second: int) -> Trained:
    return Trained(
        "demand", {"model.ubj": b"trees", "settings.json": b"{}"}, dt.date(2025, 1, 1), dt.date(2025, 12, 31),
        ["lag_1", "lag_7"], {"error": error}, "ab12", 7, dt.datetime(2026, 1, 1, 0, 0, second, tzinfo=dt.UTC),
    )  # fmt: skip


def test_a_version_is_kept_with_all_that_it_takes_to_repeat_it(registry: Registry) -> None:
    added = registry.add(trained(2.0, 1))
    (listed,) = registry.list("demand")
    assert listed == added
    assert (listed.stage, listed.seed, listed.data_checksum) == (CHALLENGER, 7, "ab12")
    assert (str(listed.train_from), str(listed.train_until)) == ("2025-01-01", "2025-12-31")
    assert registry.files(listed) == {"model.ubj": b"trees", "settings.json": b"{}"}
    assert registry.list("other") == []


def test_only_a_better_challenger_becomes_the_champion(registry: Registry) -> None:
    first, worse, better = (registry.add(trained(error, at)) for at, error in enumerate((2.0, 2.5, 1.5)))
    registry.promote(first, "error")
    with pytest.raises(RegistryError, match=r"has error 2\.5, the champion .* has 2\.0"):
        registry.promote(worse, "error")
    assert registry.find("demand").version == first.version
    registry.promote(better, "error")
    stages = {each.version: each.stage for each in registry.list()}
    assert stages == {first.version: RETIRED, worse.version: CHALLENGER, better.version: CHAMPION}
    registry.promote(worse, "error", is_forced=True)
    champion = registry.champion("demand")
    assert champion is not None and champion.version == worse.version


def test_a_changed_or_missing_file_is_refused_by_its_path(registry: Registry, tmp_path: Path) -> None:
    version = registry.add(trained(2.0, 1))
    file = tmp_path / "demand" / version.version / "model.ubj"
    file.write_bytes(b"other trees")
    with pytest.raises(RegistryError, match=r"model\.ubj is not what was written"):
        registry.files(version)
    file.unlink()
    with pytest.raises(RegistryError, match=r"model\.ubj is missing"):
        registry.files(version)


def test_a_version_that_does_not_exist_says_how_to_find_one(registry: Registry) -> None:
    with pytest.raises(RegistryError, match="has no champion; train a version"):
        registry.find("demand")
    with pytest.raises(RegistryError, match="tradewind ml list demand"):
        registry.find("demand", "2031")
