"""The time zone of the shop's days: where it is set, and what the source is asked by."""

from __future__ import annotations

from pathlib import Path

import pytest

from tradewind.rt.queries import utc_offsets
from tradewind.settings import SettingsError, reporting_settings, reporting_time_zone
from tradewind.stack import environment

NAME = "TRADEWIND_REPORTING_TIME_ZONE"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRADEWIND_HOME", str(tmp_path))
    monkeypatch.delenv(NAME, raising=False)
    return tmp_path


def test_without_a_setting_it_is_that_of_the_project() -> None:
    assert reporting_time_zone() == "Asia/Bangkok"
    assert reporting_settings().exports() == {}


def test_a_home_keeps_the_zone_that_it_was_started_with(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "America/Sao_Paulo")
    environment.prepare(home, set())
    for zone in ("Europe/Berlin", ""):
        monkeypatch.setenv(NAME, zone)
        environment.prepare(home, set())
        assert reporting_settings().exports() == {NAME: "America/Sao_Paulo"}


def test_a_zone_that_does_not_exist_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "Asia/Krung_Thep")
    with pytest.raises(SettingsError, match=f"{NAME}='Asia/Krung_Thep'"):
        reporting_time_zone()


def test_a_zones_offsets_are_those_of_its_clock_changes() -> None:
    assert [seconds for _, seconds in utc_offsets("Asia/Bangkok")] == [7 * 3600]
    berlin = utc_offsets("Europe/Berlin")
    assert ("2024-10-27 01:00:00", 3600) in berlin and ("2024-03-31 01:00:00", 7200) in berlin
    assert berlin == sorted(berlin, reverse=True)
