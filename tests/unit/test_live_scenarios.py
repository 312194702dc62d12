"""The words by which people ask for a live run, and what is said to nonsense."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.live.asked import Asked, kept
from simulator.live.scenarios import SCENARIOS, ScenarioError, schedule, seconds
from tradewind.settings import SettingsError, SimulationSettings, simulation_settings


@pytest.mark.parametrize(
    ("text", "expected"),
    [("90s", 90), ("10m", 600), ("1h30m", 5400), ("2d", 172_800), ("1.5m", 90), ("45", 45)],
)
def test_lengths_of_time_are_read(text: str, expected: float) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["", "5x", "m", "-3s", "0s", "0", "1h-5m", "inf"])
def test_what_is_no_length_of_time_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(ScenarioError) as raised:
        seconds(text)
    assert f"'{text}'" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_schedule_is_read_in_order_of_time() -> None:
    slots = schedule("FraudAttack@5m+1m, FlashSale@2m+30s", duration=600)
    assert [(slot.scenario.name, slot.starts, slot.ends) for slot in slots] == [
        ("FlashSale", 120, 150),
        ("FraudAttack", 300, 360),
    ]


def test_a_schedule_may_begin_with_the_run() -> None:
    assert schedule("FlashSale@0s+30s")[0].starts == 0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("FlashSale", "write it like FlashSale@2m+30s"),
        ("FlashSale@2m", "write it like FlashSale@2m+30s"),
        ("FlashSale@2m+0s", "more than 0"),
        ("FlashSale@soon+30s", "'soon'"),
        ("BlackFriday@2m+30s", "NormalDay, FlashSale, FraudAttack, PromotionBlast"),
        ("FlashSale@1m+30s,FraudAttack@80s+10s", "before FlashSale has ended"),
        ("FlashSale@9m+2m", "longer --duration"),
    ],
)
def test_a_bad_schedule_is_refused_with_what_would_be_right(text: str, says: str) -> None:
    with pytest.raises(ScenarioError, match=says.replace("+", r"\+")):
        schedule(text, duration=600)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (Asked(scenario="Foo"), "NormalDay, FlashSale, FraudAttack, PromotionBlast"),
        (Asked(rate=-1), "rate must be more than 0"),
        (Asked(rate=float("nan")), "rate must be more than 0"),
        (Asked(users=0), "users must be 1 or more"),
        (Asked(history="huge"), "a history is small, medium, large, not 'huge'"),
        (Asked(user_growth=-1), "user growth must be 0 or more"),
        (Asked(speed_up=0), "speed-up must be more than 0"),
        (Asked(duration="soon"), "write it like 90s"),
    ],
)
def test_bad_parameters_are_one_clear_line(asked: Asked, says: str) -> None:
    with pytest.raises(ScenarioError, match=says):
        asked.plan(SimulationSettings())


def test_settings_fill_what_was_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVENTS_PER_SECOND", "70")
    monkeypatch.setenv("NUM_USERS", "900")
    monkeypatch.setenv("USER_GROWTH_RATE", "30")
    plan = Asked(rate=55).plan(simulation_settings())
    assert (plan.rate, plan.users, plan.growth_per_hour) == (55, 900, 30)


def test_a_setting_that_is_no_number_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVENTS_PER_SECOND", "many")
    with pytest.raises(SettingsError, match="EVENTS_PER_SECOND='many'"):
        simulation_settings()


def test_what_is_kept_for_the_service_is_what_it_finds(tmp_path: Path) -> None:
    asked = Asked("FlashSale", rate=5, users=10)
    assert kept(tmp_path) == Asked()
    assert asked.keep(tmp_path)
    assert kept(tmp_path) == asked
    assert not asked.keep(tmp_path)


def test_a_torn_plan_is_named(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text("{")
    with pytest.raises(ScenarioError, match=r"plan\.json is of another version or torn"):
        kept(tmp_path)


def test_an_ordinary_day_changes_nothing() -> None:
    usual = SCENARIOS["NormalDay"]
    assert (usual.visit_factor, usual.conversion_factor, usual.growth_factor) == (1, 1, 1)
