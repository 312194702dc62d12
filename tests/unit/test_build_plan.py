"""The plan of a build on ClickHouse: what has something new to read, and what reads it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from application import build_plan
from application.warehouse_plan import Recorded
from tests.unit import plans
from tests.unit.plans import check, node
from tradewind.warehouse.model_states import ModelState

RUN = datetime(2026, 3, 1, tzinfo=UTC)
EARLIER = RUN - timedelta(hours=1)


MERGED = ("_position",)
MANIFEST = {
    "sources": {"source.orders": {"schema": "bronze", "identifier": "orders"}},
    "nodes": {
        "seed.segments": {**node("segments"), "resource_type": "seed", "depends_on": {}},
        "model.orders": node("orders", "source.orders", materialized="incremental", columns=MERGED),
        "model.users": node("users", materialized="incremental"),
        "model.history": node("history", "source.orders", materialized="incremental"),
        "model.fact": node("fact", "model.orders", "model.users"),
        "model.segment_mart": node("segment_mart", "seed.segments", "model.users"),
        "model.live": node("live", "source.orders", materialized="state"),
        "test.fact": check("fact_is_valid", "model.fact", "model.users"),
        "test.segments": check("segments_are_valid", "model.segment_mart"),
        "test.live": check("live_is_valid", "model.live"),
    },
}
STATE = ModelState(loaded_at=RUN, changed_at=EARLIER)
TABLES = ("segments", "orders", "users", "history", "fact", "segment_mart")
UP_TO_DATE = Recorded(
    tables={f"db.{name}" for name in (*TABLES, "live")},
    states={f"db.{name}": STATE for name in TABLES},
    unmerged=set(),
    passed=dict.fromkeys(("fact_is_valid", "segments_are_valid", "live_is_valid"), RUN),
)


def with_state(name: str, state: ModelState) -> Recorded:
    return replace(UP_TO_DATE, states={**UP_TO_DATE.states, name: state})


def planned(recorded: Recorded) -> tuple[set[str], set[str]]:
    return plans.planned(MANIFEST, recorded.known(MANIFEST))


def test_nothing_is_run_when_nothing_is_new() -> None:
    assert build_plan.make(MANIFEST, UP_TO_DATE.known(MANIFEST)).is_empty


def test_events_that_are_not_merged_run_their_table_and_all_that_reads_it_or_the_log() -> None:
    """The near-real-time state has them already; its test looks at them."""
    known = replace(UP_TO_DATE, unmerged={"db.orders"})
    assert planned(known) == ({"orders", "history", "fact"}, {"fact", "live"})


def test_an_input_that_changed_since_the_last_run_runs_the_model() -> None:
    """Its own last run failed, or it was left out by a selection."""
    late = ModelState(loaded_at=EARLIER - timedelta(hours=1), changed_at=EARLIER - timedelta(hours=1))
    assert planned(with_state("db.fact", late)) == ({"fact"}, {"fact"})
    assert planned(
        with_state("db.users", ModelState(RUN + timedelta(hours=1), RUN + timedelta(hours=1)))
    ) == (
        {"fact", "segment_mart"},
        {"fact", "segments"},
    )


def test_a_model_that_reads_a_log_has_read_as_much_as_its_merge() -> None:
    late = ModelState(loaded_at=EARLIER, changed_at=EARLIER)
    assert planned(with_state("db.history", late)) == ({"history"}, set())


def test_a_table_that_is_not_known_or_not_there_is_built() -> None:
    states = {name: state for name, state in UP_TO_DATE.states.items() if name != "db.segments"}
    assert planned(replace(UP_TO_DATE, states=states)) == ({"segments", "segment_mart"}, {"segments"})
    tables = UP_TO_DATE.tables - {"db.live"}
    assert planned(replace(UP_TO_DATE, tables=tables)) == ({"live"}, {"live"})


def test_a_check_that_did_not_pass_is_run_again_with_nothing_else() -> None:
    known = replace(UP_TO_DATE, passed=dict.fromkeys(("fact_is_valid", "live_is_valid"), RUN))
    assert planned(known) == (set(), {"segments"})


def test_a_check_that_passed_before_its_table_changed_is_run_again() -> None:
    """The run that changed the table was killed before it got to the check."""
    passed = {**UP_TO_DATE.passed, "fact_is_valid": EARLIER - timedelta(hours=1)}
    assert planned(replace(UP_TO_DATE, passed=passed)) == (set(), {"fact"})


def test_everything_is_run_when_nothing_is_known() -> None:
    nothing = Recorded(frozenset(), {}, frozenset(), {})
    plan = build_plan.make(MANIFEST, nothing.known(MANIFEST))
    assert plan.left_out == ()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of one model that reads a setting."""
    (tmp_path / "dbt_project" / "models").mkdir(parents=True)
    (tmp_path / "dbt_project" / "models" / "a.sql").write_text("select '{{ env_var(\"ZONE\") }}'")
    monkeypatch.setattr(build_plan, "PROJECT_ROOT", tmp_path)
    monkeypatch.setenv("TRADEWIND_REPORTING_DATE", "2026-03-01")
    monkeypatch.setenv("ZONE", "UTC")
    return tmp_path


def test_a_changed_file_setting_or_day_is_another_definition(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [build_plan.present_definitions(), build_plan.present_definitions()]
    assert found[0] == found[1]
    monkeypatch.setenv("ZONE", "Asia/Bangkok")
    found.append(build_plan.present_definitions())
    (project / "dbt_project" / "models" / "a.sql").write_text("select 2 -- '{{ env_var(\"ZONE\") }}'")
    found.append(build_plan.present_definitions())
    monkeypatch.setenv("TRADEWIND_REPORTING_DATE", "2026-03-02")
    found.append(build_plan.present_definitions())
    assert len(set(found)) == 4


def test_the_day_is_that_of_the_run(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of one that began before midnight, the day before."""
    monkeypatch.delenv("TRADEWIND_REPORTING_DATE")
    monkeypatch.setenv("TRADEWIND_HOME", str(project))
    (project / "stack.env").write_text("TRADEWIND_REPORTING_TIME_ZONE=Asia/Bangkok\n")
    days = [
        build_plan.present_definitions(datetime(2026, 3, 1, 16, minute, tzinfo=UTC)).shop_date
        for minute in (0, 59)
    ]
    days.append(build_plan.present_definitions(datetime(2026, 3, 1, 17, tzinfo=UTC)).shop_date)
    assert [day.isoformat() for day in days] == ["2026-03-01", "2026-03-01", "2026-03-02"]


def test_where_the_warehouse_is_is_no_definition(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "profiles.yml").write_text("port: {{ env_var('DBT_CLICKHOUSE_PORT', '8123') }}")
    found = build_plan.present_definitions()
    monkeypatch.setenv("DBT_CLICKHOUSE_PORT", "8199")
    assert build_plan.present_definitions() == found


def test_a_run_that_dagster_starts_has_the_definitions_of_one_from_the_command_line(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has none of the variables that the command line sets; the home's settings hold for both."""
    model = "select '{{ env_var(\"TRADEWIND_REPORTING_TIME_ZONE\") }}'"
    (project / "dbt_project" / "models" / "a.sql").write_text(model)
    (project / "stack.env").write_text("TRADEWIND_REPORTING_TIME_ZONE=America/Sao_Paulo\n")
    monkeypatch.setenv("TRADEWIND_HOME", str(project))
    monkeypatch.delenv("TRADEWIND_REPORTING_TIME_ZONE", raising=False)
    scheduled = build_plan.present_definitions()
    monkeypatch.setenv("TRADEWIND_REPORTING_TIME_ZONE", "America/Sao_Paulo")
    assert build_plan.present_definitions() == scheduled
    (project / "stack.env").write_text("")
    monkeypatch.setenv("TRADEWIND_REPORTING_TIME_ZONE", "UTC")
    assert build_plan.present_definitions() != scheduled
