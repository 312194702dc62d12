"""The plan of a build of a lake, from the metadata of its tables and the record of earlier builds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from application import build_plan, lake_plan
from application.build_plan import Known
from tests.unit import plans
from tests.unit.plans import check, node
from tradewind.lakehouse import record, tables
from tradewind.lakehouse.lake import Lake
from tradewind.lakehouse.tables import TableState
from tradewind.warehouse.model_states import WholeBuild

PRESENT = WholeBuild("present", date(2026, 3, 1))
MANIFEST: dict[str, Any] = {
    "sources": {
        "source.orders": {"schema": "bronze", "identifier": "orders"},
        "source.users": {"schema": "bronze", "identifier": "users"},
    },
    "nodes": {
        "seed.segments": {**node("segments"), "resource_type": "seed", "depends_on": {}},
        "model.orders": node("orders", "source.orders", materialized="incremental"),
        "model.users": node("users", "source.users", materialized="incremental"),
        # As dbt notes them: in the order of the file, logs among models.
        "model.history": node("history", "source.orders", "model.users", materialized="incremental"),
        "model.fact": node("fact", "model.orders", "model.users"),
        "model.segment_mart": node("segment_mart", "seed.segments"),
        "test.fact": check("fact_is_valid", "model.fact", "model.users"),
        "test.segments": check("segments_are_valid", "model.segment_mart"),
    },
}
READ_BY = {
    "segments": (),
    "orders": ("bronze.orders",),
    "users": ("bronze.users",),
    "history": ("db.users", "bronze.orders"),
    "fact": ("db.orders", "db.users"),
    "segment_mart": ("db.segments",),
    "fact_is_valid": ("db.fact", "db.users"),
    "segments_are_valid": ("db.segment_mart",),
}
"""What each reads, in the order of the digest."""
MODELS = ("segments", "orders", "users", "history", "fact", "segment_mart")
CHECKS = ("fact_is_valid", "segments_are_valid")


class BuiltLake:
    """The metadata of a lake in which everything has been built, without the rows."""

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        for name in ("bronze.orders", "bronze.users", *(f"db.{model}" for model in MODELS)):
            self.commit(name)
        for model in MODELS:
            self.finish(model)
        (lake.dbt / "target").mkdir(parents=True)
        live = {"test.live": {**check("live_is_valid"), "config": {"enabled": False}}}
        parsed = {**MANIFEST, "nodes": MANIFEST["nodes"] | live}
        (lake.dbt / "target" / "manifest.json").write_text(json.dumps(parsed))
        self.run(*CHECKS, models=MODELS, is_whole=True)

    def commit(self, table: str, **properties: str) -> None:
        """Add rows to a table; or set properties, which leaves the rows as they are."""
        folder = self.lake.warehouse / table.replace(".", "/") / "metadata"
        folder.mkdir(parents=True, exist_ok=True)
        versions = sorted(folder.glob("v*.json"), key=lambda path: int(path.name.split(".")[0][1:]))
        known = json.loads(versions[-1].read_text()) if versions else {"properties": {}}
        if properties:
            known["properties"] |= properties
        else:
            known["current-snapshot-id"] = 1000 + len(versions)
        (folder / f"v{len(versions) + 1}.metadata.json").write_text(json.dumps(known))

    def finish(self, model: str) -> None:
        """Note what a model has read, as its post-hook does."""
        self.commit(f"db.{model}", **{tables.INPUTS: tables.inputs_digest(READ_BY[model], self.states())})

    def states(self) -> dict[str, TableState]:
        return tables.table_states(self.lake.warehouse)

    def run(
        self,
        *checks: str,
        models: tuple[str, ...] = (),
        status: str = "pass",
        is_whole: bool = False,
        definitions: WholeBuild = PRESENT,
    ) -> None:
        """Have dbt run these checks to its end."""
        ids = {node["name"]: name for name, node in MANIFEST["nodes"].items()}
        rows = [{"unique_id": ids[name], "status": "success", "failures": None} for name in models]
        rows += [{"unique_id": ids[name], "status": status, "failures": 0, "message": ""} for name in checks]
        with lake_plan.recorded(self.lake, definitions, is_whole=is_whole):
            (self.lake.dbt / "target" / lake_plan.RESULTS).write_text(json.dumps({"results": rows}))

    def known(self) -> Known:
        return lake_plan.knowledge(MANIFEST, self.states(), record.read(self.lake))

    def planned(self) -> tuple[set[str], set[str]]:
        decision = lake_plan.of_run(self.lake, PRESENT)
        assert decision.plan is not None
        assert decision.plan == build_plan.make(MANIFEST, self.known())
        assert str(len(decision.plan.left_out)) in decision.note
        return plans.planned(MANIFEST, self.known())


@pytest.fixture
def built(tmp_path: Path) -> Iterator[BuiltLake]:
    yield BuiltLake(Lake(tmp_path))


def test_nothing_is_run_when_nothing_is_new(built: BuiltLake) -> None:
    assert built.planned() == (set(), set())


def test_a_log_with_new_rows_runs_what_reads_it_and_nothing_else(built: BuiltLake) -> None:
    built.commit("bronze.orders")
    assert built.planned() == ({"orders", "history", "fact"}, {"fact"})


def test_the_newest_of_many_commits_counts(built: BuiltLake) -> None:
    """Also where its number is a digit longer."""
    for _ in range(12):
        built.commit("bronze.users")
    assert built.states()["bronze.users"].snapshot == "1012"
    assert built.planned() == ({"users", "history", "fact"}, {"fact"})
    built.finish("users")
    assert "users" not in built.known().with_news


def test_a_build_that_was_killed_after_some_tables_leaves_out_those_alone(built: BuiltLake) -> None:
    """Whether it was killed before it had noted that a table is finished, or after."""
    built.commit("bronze.orders")
    built.commit("db.orders")
    assert built.planned() == ({"orders", "history", "fact"}, {"fact"})
    built.finish("orders")
    assert built.planned() == ({"history", "fact"}, {"fact"})
    built.commit("db.fact")
    built.finish("fact")
    built.finish("history")
    assert built.planned() == (set(), {"fact"})
    built.run("fact_is_valid")
    assert built.planned() == (set(), set())


def test_a_model_that_failed_is_run_again_with_what_reads_it(built: BuiltLake) -> None:
    built.commit("bronze.users")
    built.commit("db.users")
    built.finish("users")
    built.run("fact_is_valid", status="skipped")
    assert built.planned() == ({"history", "fact"}, {"fact"})


def test_a_check_that_did_not_pass_is_run_again(built: BuiltLake) -> None:
    built.run("segments_are_valid", status="fail")
    assert built.planned() == (set(), {"segments"})
    assert record.read(built.lake).checks["segments_are_valid"].status == "fail"


def test_a_table_that_is_gone_is_built(built: BuiltLake) -> None:
    for path in (built.lake.warehouse / "db" / "segment_mart" / "metadata").iterdir():
        path.unlink()
    assert built.planned() == ({"segment_mart"}, {"segments"})


def test_a_table_that_no_run_of_dbt_finished_is_built(built: BuiltLake) -> None:
    built.commit("db.segments", **{tables.INPUTS: ""})
    assert built.planned() == ({"segments", "segment_mart"}, {"segments"})


def test_a_table_whose_log_is_gone_is_built(built: BuiltLake) -> None:
    """Of neither it is known what was read."""
    for path in (built.lake.warehouse / "bronze" / "users" / "metadata").iterdir():
        path.unlink()
    built.commit("db.users", **{tables.INPUTS: ""})
    assert built.planned() == ({"users", "history", "fact"}, {"fact"})


def test_metadata_that_cannot_be_read_counts_as_none(built: BuiltLake) -> None:
    folder = built.lake.warehouse / "db" / "segment_mart" / "metadata"
    (folder / "v9.metadata.json").write_text('{"current-snap')
    assert built.planned() == ({"segment_mart"}, {"segments"})


@pytest.mark.parametrize("change", [{"definitions": "other"}, {"shop_date": date(2026, 3, 2)}])
def test_everything_is_run_by_other_definitions_and_on_another_day(
    built: BuiltLake, change: dict[str, Any]
) -> None:
    decision = lake_plan.of_run(built.lake, replace(PRESENT, **change))
    assert (decision.plan, decision.note) == (None, lake_plan.OTHER)


def test_everything_is_run_where_nothing_was_built(built: BuiltLake, tmp_path: Path) -> None:
    assert lake_plan.of_run(Lake(tmp_path / "new"), PRESENT) == lake_plan.Decision(None, lake_plan.NEVER)
    (built.lake.folder / record.FILE).write_text('{"whole_')
    assert lake_plan.of_run(built.lake, PRESENT) == lake_plan.Decision(None, lake_plan.NEVER)


def test_a_whole_build_that_is_killed_leaves_nothing_out_later(built: BuiltLake) -> None:
    """It has built some tables by other definitions; then the project is set back."""
    run = lake_plan.recorded(built.lake, WholeBuild("other", PRESENT.shop_date), is_whole=True)
    run.__enter__()  # and never leaves it
    assert lake_plan.of_run(built.lake, PRESENT).plan is None
    built.run(models=("orders",), is_whole=False)
    assert lake_plan.of_run(built.lake, PRESENT).plan is None
    built.run(models=MODELS, is_whole=True)
    assert lake_plan.of_run(built.lake, PRESENT).plan is not None


def test_a_whole_build_counts_if_every_model_succeeded(built: BuiltLake) -> None:
    other = WholeBuild("other", PRESENT.shop_date)
    built.run(models=MODELS, is_whole=True, definitions=other)
    assert record.read(built.lake).whole_build == other
    with lake_plan.recorded(built.lake, PRESENT, is_whole=True):
        rows = [
            {"unique_id": "model.fact", "status": "error", "failures": None},
            {"unique_id": "model.orders", "status": "success", "failures": None},
        ]
        (built.lake.dbt / "target" / lake_plan.RESULTS).write_text(json.dumps({"results": rows}))
    assert record.read(built.lake).whole_build is None


def test_results_of_an_earlier_run_are_not_taken_for_those_of_one_that_failed(built: BuiltLake) -> None:
    built.run("fact_is_valid")
    built.commit("db.fact")
    built.finish("fact")
    with pytest.raises(RuntimeError), lake_plan.recorded(built.lake, PRESENT, is_whole=False):
        raise RuntimeError("dbt could not be started")
    assert built.planned() == (set(), {"fact"})
