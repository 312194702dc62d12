"""The syntax of run requests, and the errors for invalid ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.live.request import RunRequest, load_request
from simulator.live.scenarios import SCENARIOS, ScenarioError, parse_duration, parse_schedule
from tradewind.settings import SettingsError, SimulationSettings, simulation_settings


@pytest.mark.parametrize(
    ("text", "expected"),
    [("90s", 90), ("10m", 600), ("1h30m", 5400), ("2d", 172_800), ("1.5m", 90), ("45", 45)],
)
def test_lengths_of_time_are_read(text: str, expected: float) -> None:
    assert parse_duration(text) == expected


@pytest.mark.parametrize("text", ["", "5x", "m", "-3s", "0s", "0", "1h-5m", "inf"])
def test_what_is_no_length_of_time_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(ScenarioError) as raised:
        parse_duration(text)
    assert f"'{text}'" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_schedule_is_read_in_order_of_time() -> None:
    slots = parse_schedule("FraudAttack@5m+1m, FlashSale@2m+30s", duration=600)
    assert [(slot.scenario.name, slot.starts, slot.ends) for slot in slots] == [
        ("FlashSale", 120, 150),
        ("FraudAttack", 300, 360),
    ]


def test_a_schedule_may_begin_with_the_run() -> None:
    assert parse_schedule("FlashSale@0s+30s")[0].starts == 0


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
        parse_schedule(text, duration=600)


@pytest.mark.parametrize(
    ("run_request", "says"),
    [
        (RunRequest(scenario="Foo"), "NormalDay, FlashSale, FraudAttack, PromotionBlast"),
        (RunRequest(rate=-1), "rate must be more than 0"),
        (RunRequest(rate=float("nan")), "rate must be more than 0"),
        (RunRequest(users=0), "users must be 1 or more"),
        (RunRequest(history="huge"), "a history is small, medium, large, not 'huge'"),
        (RunRequest(user_growth=-1), "user growth must be 0 or more"),
        (RunRequest(speed_up=0), "speed-up must be more than 0"),
        (RunRequest(duration="soon"), "write it like 90s"),
    ],
)
def test_bad_parameters_are_one_clear_line(run_request: RunRequest, says: str) -> None:
    with pytest.raises(ScenarioError, match=says):
        run_request.plan(SimulationSettings())


def test_settings_fill_what_was_not_requested(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVENTS_PER_SECOND", "70")
    monkeypatch.setenv("NUM_USERS", "900")
    monkeypatch.setenv("USER_GROWTH_RATE", "30")
    plan = RunRequest(rate=55).plan(simulation_settings())
    assert (plan.rate, plan.users, plan.growth_per_hour) == (55, 900, 30)


def test_a_setting_that_is_no_number_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVENTS_PER_SECOND", "many")
    with pytest.raises(SettingsError, match="EVENTS_PER_SECOND='many'"):
        simulation_settings()


def test_the_service_loads_the_request_that_was_saved(tmp_path: Path) -> None:
    request = RunRequest("FlashSale", rate=5, users=10)
    assert load_request(tmp_path) == RunRequest()
    assert request.save(tmp_path)
    assert load_request(tmp_path) == request
    assert not request.save(tmp_path)


def test_an_incomplete_plan_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text("{")
    with pytest.raises(ScenarioError, match=r"plan\.json is incomplete or of another version"):
        load_request(tmp_path)


def test_an_ordinary_day_changes_nothing() -> None:
    usual = SCENARIOS["NormalDay"]
    assert (usual.visit_factor, usual.conversion_factor, usual.growth_factor) == (1, 1, 1)
