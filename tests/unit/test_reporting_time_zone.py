"""The time zone of the shop's days: where it is set, and what the source is asked by."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tradewind.rt.queries import utc_offsets
from tradewind.settings import SettingsError, reporting_date, reporting_settings, reporting_time_zone
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


def test_the_day_to_look_back_from_is_today_in_the_shop_or_the_one_that_is_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    today = {datetime.now(UTC).date() + timedelta(days=days) for days in (0, 1)}
    assert reporting_date() in today
    monkeypatch.setenv("TRADEWIND_REPORTING_DATE", "2018-10-17")
    assert reporting_date() == date(2018, 10, 17)
    monkeypatch.setenv("TRADEWIND_REPORTING_DATE", "2018-10-32")
    with pytest.raises(SettingsError, match="TRADEWIND_REPORTING_DATE='2018-10-32'"):
        reporting_date()


def test_a_zone_that_does_not_exist_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "Asia/Krung_Thep")
    with pytest.raises(SettingsError, match=f"{NAME}='Asia/Krung_Thep'"):
        reporting_time_zone()


def test_a_zones_offsets_are_those_of_its_clock_changes() -> None:
    assert [seconds for _, seconds in utc_offsets("Asia/Bangkok")] == [7 * 3600]
    berlin = utc_offsets("Europe/Berlin")
    assert ("2024-10-27 01:00:00", 3600) in berlin and ("2024-03-31 01:00:00", 7200) in berlin
    assert berlin == sorted(berlin, reverse=True)
