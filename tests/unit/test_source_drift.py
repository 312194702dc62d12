"""Which differences between the source's tables and the models are found, and which of them are breaking."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from application.drift import Drift, DriftError, Report, reached
from tradewind.source.drift import Difference, compare_with_catalog, compare_with_events
from tradewind.source.layer import write_models
from tradewind.source.naming import TableName
from tradewind.source.shape import Shape, fits, parse_model
from tradewind.source.table import Column, Table

PRICES = Table(
    schema="public",
    name="prices",
    comment="Prices.",
    columns=(
        Column("price_id", "bigint", False, "Key."),
        Column("amount", "numeric(10,2)", False, "What it costs."),
        Column("quantity", "integer", True, "How many."),
        Column("size", "box", True, "How large."),
        Column("it's", "text", True, "Odd name."),
    ),
    primary_key=("price_id",),
    foreign_keys=(),
)
NOTES = Table("public", "notes", "", (Column("note_id", "bigint", False, ""),), ("note_id",), ())


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write_models([PRICES], tmp_path)
    return tmp_path


def with_column(table: Table, column: str, **changes: Any) -> Table:
    columns = [replace(c, **changes) if c.name == column else c for c in table.columns]
    return replace(table, columns=tuple(columns))


def without_column(table: Table, name: str) -> Table:
    return replace(table, columns=tuple(c for c in table.columns if c.name != name))


def found(project: Path, *tables: Table) -> list[Difference]:
    return compare_with_catalog(tables, project, {})


def changes(project: Path, *tables: Table) -> list[tuple[str, bool, str]]:
    return [(d.place, d.is_breaking, d.change) for d in found(project, *tables)]


def test_models_that_were_just_written_have_no_drift(project: Path) -> None:
    assert found(project, PRICES) == []


def test_a_renamed_column_is_breaking_and_its_new_name_is_guessed(project: Path) -> None:
    assert changes(project, with_column(PRICES, "quantity", name="pieces")) == [
        ("public.prices.quantity", True, "it is gone; was it renamed to pieces?"),
        ("public.prices.pieces", False, "it is new"),
    ]


def test_a_dropped_column_is_breaking(project: Path) -> None:
    assert changes(project, without_column(PRICES, "it's")) == [("public.prices.it's", True, "it is gone")]


def test_a_type_with_other_values_is_breaking_and_asks_for_a_whole_build(project: Path) -> None:
    [difference] = found(project, with_column(PRICES, "amount", source_type="numeric(10,3)"))
    assert difference.change == "it is numeric(10,3) now, the model reads decimal(10,2)"
    assert difference.is_breaking and difference.is_of_type


def test_a_type_that_the_capture_encodes_is_breaking_where_plain_text_was_read(project: Path) -> None:
    [difference] = found(project, with_column(PRICES, "it's", source_type="box"))
    assert difference.is_breaking and "the model reads text" in difference.change


def test_a_type_with_fewer_values_is_additive(project: Path) -> None:
    assert changes(project, with_column(PRICES, "amount", source_type="numeric(8,1)")) == [
        (
            "public.prices.amount",
            False,
            "it is numeric(8,1) now, the model reads decimal(10,2), which has room for every value",
        )
    ]


def test_a_column_that_cannot_be_captured_any_more_is_breaking(project: Path) -> None:
    [difference] = found(project, with_column(PRICES, "quantity", refusal="interval: infinity"))
    assert difference.is_breaking and "not captured any more: interval: infinity" in difference.change


def test_another_key_is_breaking(project: Path) -> None:
    [difference] = found(project, replace(PRICES, primary_key=("price_id", "amount")))
    assert difference.is_breaking and "its key is price_id, amount now" in difference.change


def test_a_new_table_is_additive(project: Path) -> None:
    assert changes(project, PRICES, NOTES) == [("public.notes", False, "it is new and has no model")]


def test_a_dropped_table_is_breaking(project: Path) -> None:
    assert changes(project, NOTES)[0] == ("prices", True, "it is gone")


def test_a_renamed_table_is_breaking_and_its_new_name_is_guessed(project: Path) -> None:
    assert changes(project, replace(PRICES, name="tariffs"))[0] == (
        "prices",
        True,
        "it is gone; was it renamed to public.tariffs?",
    )


def test_an_excluded_table_that_has_a_model_is_breaking(project: Path) -> None:
    [difference] = found(project, replace(PRICES, refusal="it is excluded", is_excluded=True))
    assert difference.is_breaking and "not captured any more: it is excluded" in difference.change


def test_a_table_from_which_others_inherit_now_is_breaking(project: Path) -> None:
    parent = replace(PRICES, children=(TableName("public", "notes"),))
    assert ("public.prices", True, "other tables inherit from it now") in changes(project, parent, NOTES)
    write_models([parent, NOTES], project)
    assert found(project, parent, NOTES) == []
    wider = replace(parent, columns=(*parent.columns, Column("note", "text", True, "")))
    assert changes(project, wider, NOTES) == [("public.prices.note", False, "it is new")]
    more = replace(parent, children=(*parent.children, TableName("public", "more")))
    table = replace(NOTES, name="more")
    assert ("public.prices", True, "the tables that inherit from it have changed") in changes(
        project, more, NOTES, table
    )


def test_a_column_that_may_be_null_now_is_additive(project: Path) -> None:
    assert changes(project, with_column(PRICES, "amount", nullable=True)) == [
        ("public.prices", False, "its comments or rules have changed")
    ]


def test_without_a_catalogue_the_newest_events_are_compared(project: Path) -> None:
    name = TableName("public", "prices")
    seen = Shape(("price_id",), dict.fromkeys(("price_id", "amount", "quantity", "size", "it's"), ""))
    assert compare_with_events({name: seen}, project) == []
    assert compare_with_events({}, project) == []
    assert compare_with_events({name: seen, TableName("public", "gone"): seen}, project) == []
    assert compare_with_events({name: replace(seen, columns={**seen.columns, "a\\b": ""})}, project) == []
    renamed = replace(seen, columns=dict.fromkeys(("price_id", "cost", "quantity", "size", "it's"), ""))
    assert [(d.place, d.is_breaking) for d in compare_with_events({name: renamed}, project)] == [
        ("public.prices.amount", True),
        ("public.prices.cost", False),
    ]


@pytest.mark.parametrize(
    ("model", "source", "expected"),
    [
        ("bigint", "int", True),
        ("int", "bigint", False),
        ("decimal(10,2)", "decimal(12,2)", False),
        ("decimal(10,2)", "decimal(10,3)", False),
        ("decimal(12,3)", "decimal(10,2)", True),
        ("decimal(12,4)", "decimal(10,2)", True),
        ("decimal(11,4)", "decimal(10,2)", False),
        ("text", "json", False),
        ("text", "encoded text", False),
    ],
)
def test_a_type_has_room_for_another(model: str, source: str, expected: bool) -> None:
    assert fits(model, source) is expected


def test_a_model_that_merges_no_change_log_has_no_shape() -> None:
    assert parse_model("select 1 as one") is None


def node(name: str, schema: str, code: str) -> dict[str, str]:
    return {"name": name, "schema": schema, "raw_code": code}


def test_a_difference_reaches_the_models_that_name_the_column_and_all_behind_them() -> None:
    manifest = {
        "nodes": {
            "model.x.ods_prices": node("ods_prices", "ods", ""),
            "model.x.fct_sales": node("fct_sales", "cdm", "select amount from prices"),
            "model.x.dim_sizes": node("dim_sizes", "cdm", "select size, amounts from prices"),
            "model.x.ads_sales": node("ads_sales", "ads", "select sum(money) from sales"),
        },
        "child_map": {
            "model.x.ods_prices": ["model.x.fct_sales", "model.x.dim_sizes", "test.x.valid"],
            "model.x.fct_sales": ["model.x.ads_sales"],
            "model.x.dim_sizes": [],
        },
    }
    assert [n["name"] for n in reached(manifest, "ods_prices", "amount")] == [
        "ods_prices",
        "fct_sales",
        "ads_sales",
    ]
    assert len(reached(manifest, "ods_prices", "")) == 4


def test_breaking_drift_is_an_error_with_all_that_is_needed_to_mend_it() -> None:
    breaking = Drift("public.prices", "amount", "it is gone", True, ["ods_prices"], ["ads_sales"], "do this")
    additive = Drift("public.notes", "", "it is new", False, [], [], "do that")
    report = Report([breaking, additive], "catalogue")
    assert report.notes == ["public.notes: it is new; to take it over: do that"]
    with pytest.raises(DriftError) as error:
        report.require_none_breaking()
    assert "public.prices.amount: it is gone" in str(error.value)
    assert "models: ods_prices; marts: ads_sales" in str(error.value)
    assert "to mend it: do this" in str(error.value) and "notes" not in str(error.value)
    Report([additive], "catalogue").require_none_breaking()
