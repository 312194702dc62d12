"""The text of generated ODS models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from jinja2 import Environment
from jinja2.nodes import Call

from tradewind.source.layer import FOLDER, SOURCE_TABLES, Written, generate, write_models
from tradewind.source.models import model_sql
from tradewind.source.naming import TableName
from tradewind.source.table import Column, ForeignKey, Table
from tradewind.source.yaml_text import yaml_text

OWNERS = Table(
    "public", "owners", "Who owns pets.", (Column("owner_id", "bigint", False, "Key."),), ("owner_id",), ()
)
PETS = Table(
    schema="public",
    name="pets",
    comment="Pets. One row per pet.",
    columns=(
        Column("pet_id", "bigint", False, "Key."),
        Column("owner_id", "bigint", False, "Who owns it."),
        Column("kind", "text", False, "What it is.", ("cat", "dog")),
        Column("story", "text", True, "Its life: long. Personal data."),
    ),
    primary_key=("pet_id",),
    foreign_keys=(ForeignKey("pets_owner", ("owner_id",), "public", "owners", ("owner_id",)),),
)


def properties(name: str, *tables: Table) -> dict[str, object]:
    [model] = yaml.safe_load(generate(tables).files[f"{name}.yml"])["models"]
    return dict(model)


def test_a_table_is_one_call_of_the_merge_macro() -> None:
    assert model_sql(PETS, SOURCE_TABLES) == (
        f"-- Grain: one row per pet_id. {SOURCE_TABLES.header}\n"
        "{{ config(unique_key=['pet_id'], order_by=['pet_id']) }}\n"
        "{{ merge_changes(\n"
        "    source('bronze', 'pets'),\n"
        "    key=['pet_id'],\n"
        "    columns={\n"
        "        'pet_id': 'bigint',\n"
        "        'owner_id': 'bigint',\n"
        "        'kind': 'text',\n"
        "        'story': 'text',\n"
        "    },\n"
        "    toastable=[\n"
        "        'story',\n"
        "    ],\n"
        ") }}\n"
    )


def test_comments_become_descriptions_and_mark_personal_data() -> None:
    columns = {column["name"]: column for column in properties("ods_pets", PETS)["columns"]}  # type: ignore[attr-defined]
    assert columns["story"]["description"] == "Its life: long. Personal data."
    assert columns["story"]["config"] == {"meta": {"personal_data": True}}
    assert "config" not in columns["kind"]


def test_keys_nulls_values_and_references_become_tests() -> None:
    rows, references = properties("ods_pets", PETS, OWNERS)["data_tests"]  # type: ignore[misc]
    assert rows["valid_rows"]["arguments"] == {
        "key": ["pet_id"],
        "not_null": ["owner_id", "kind"],
        "accepted_values": {"kind": ["cat", "dog"]},
    }
    assert references["valid_references"]["arguments"]["references"] == [
        {"columns": ["owner_id"], "to": "ref('ods_owners')", "to_columns": ["owner_id"]}
    ]


def test_a_reference_to_a_table_that_is_not_captured_is_not_tested() -> None:
    assert len(properties("ods_pets", PETS)["data_tests"]) == 1  # type: ignore[arg-type]


def table(name: str, *columns: Column, key: tuple[str, ...] = ("id",), **more: Any) -> Table:
    return Table("public", name, "", (Column("id", "bigint", False, ""), *columns), key, (), **more)


def test_tables_that_cannot_have_a_model_are_left_out_by_name_and_the_others_are_written() -> None:
    excluded = table("archive", refusal="it is excluded")
    odd = [
        table("notes", key=()),
        excluded,
        table("Order-Archive"),
        table("order_archive"),
        table("geography"),
    ]
    generated = generate([*odd, PETS], taken=["ods_geography"])
    assert sorted(generated.files) == [
        "_bronze_sources.yml",
        "ods_Order_Archive.sql",
        "ods_Order_Archive.yml",
        "ods_pets.sql",
        "ods_pets.yml",
    ]
    assert list(generated.left_out) == [
        "public.archive",
        "public.geography",
        "public.notes",
        "public.order_archive",
    ]
    assert "no primary key" in generated.left_out["public.notes"]
    assert "add primary key" in generated.left_out["public.notes"]
    assert "the model ods_geography" in generated.left_out["public.geography"]
    assert 'public."Order-Archive"' in generated.left_out["public.order_archive"]


def test_a_table_whose_log_is_another_tables_is_left_out() -> None:
    owner = TableName("public", "user events")
    generated = generate([table("user_events")], owners={owner.collision_key: owner})
    assert str(owner) in generated.left_out["public.user_events"]


def test_a_column_with_a_backslash_in_its_name_is_left_out_by_name() -> None:
    generated = generate([table("paths", Column("a\\b", "text", True, ""))])
    assert "backslash" in generated.left_out["public.paths.a\\b"]


def test_columns_that_cannot_be_captured_are_left_out_by_name_and_the_table_is_not() -> None:
    columns = (
        Column("total", "numeric(10,2)", True, "", refusal="it is virtual"),
        Column("_op", "text", True, ""),
        Column("kept", "text", True, ""),
    )
    generated = generate([table("sums", *columns)])
    assert "'kept': 'text'" in generated.files["ods_sums.sql"]
    assert "total" not in generated.files["ods_sums.sql"] and "_op'" not in generated.files["ods_sums.sql"]
    assert list(generated.left_out) == ["public.sums._op", "public.sums.total"]


def test_a_table_whose_key_cannot_be_captured_is_left_out() -> None:
    slot = Column("slot", "interval", False, "", refusal="it may be infinite")
    generated = generate([table("slots", slot, key=("slot",))])
    assert generated.left_out == {"public.slots": "its key column slot is left out: it may be infinite"}


ODD_NAMES = ("it's", 'say "hi"', "back`tick", "two words", "ünï", "order", "1st", "%}", "yes")


def test_columns_of_any_name_give_files_that_parse() -> None:
    columns = tuple(Column(name, "text", False, f"Column {name}.", ("it's", "b")) for name in ODD_NAMES)
    keyed = Table("public", "odd", "", columns, (ODD_NAMES[0],), ())
    files = generate([keyed]).files
    call = Environment().parse(files["ods_odd.sql"]).find_all(Call)
    [merge] = [each for each in call if getattr(each.node, "name", "") == "merge_changes"]
    arguments = {argument.key: argument.value.as_const() for argument in merge.kwargs}
    assert list(arguments["columns"]) == list(ODD_NAMES) and arguments["key"] == [ODD_NAMES[0]]
    [model] = yaml.safe_load(files["ods_odd.yml"])["models"]
    assert [column["name"] for column in model["columns"]][: len(ODD_NAMES)] == list(ODD_NAMES)
    assert model["data_tests"][0]["valid_rows"]["arguments"]["accepted_values"]["1st"] == ["it's", "b"]


def test_texts_of_the_source_are_no_templates_for_dbt() -> None:
    note = Column("note", "text", True, "Filled from {{ template }}.", ("{{ a }}", "b"))
    named = Column("{% x %}", "text", True, "")
    generated = generate([table("mails", note, named)])
    [model] = yaml.safe_load(generated.files["ods_mails.yml"])["models"]
    template = Environment().from_string(model["columns"][1]["description"])
    assert template.render() == "Filled from {{ template }}."
    values = model["data_tests"][0]["valid_rows"]["arguments"]["accepted_values"]["note"]
    assert [Environment().from_string(value).render() for value in values] == ["{{ a }}", "b"]
    assert list(generated.left_out) == ["public.mails.{% x %}"]


def test_a_table_of_another_schema_reads_the_log_of_its_full_name() -> None:
    files = generate([Table("sales", "orders", "", OWNERS.columns, ("owner_id",), ())]).files
    assert "source('bronze', 'sales__orders')" in files["ods_sales__orders.sql"]
    [source] = yaml.safe_load(files["_bronze_sources.yml"])["sources"]
    assert source["tables"][0]["name"] == "sales__orders"
    assert source["tables"][0]["identifier"] == "sales.orders"


def test_models_of_tables_that_are_gone_are_removed_and_their_uses_named(tmp_path: Path) -> None:
    write_models([PETS, OWNERS], tmp_path)
    own = tmp_path / FOLDER / "ods_by_hand.sql"
    own.write_text("select 1")
    mart = tmp_path / "dbt_project" / "models" / "ads" / "ads_pets.sql"
    mart.parent.mkdir()
    mart.write_text("select * from {{ ref('ods_pets') }}")
    done = write_models([OWNERS], tmp_path)
    assert done.removed == ["ods_pets.sql", "ods_pets.yml"]
    assert done.broken == {"ods_pets": ["dbt_project/models/ads/ads_pets.sql"]}
    assert own.exists() and not (tmp_path / FOLDER / "ods_pets.sql").exists()


def test_writing_twice_changes_nothing(tmp_path: Path) -> None:
    assert write_models([PETS], tmp_path).changed == ["_bronze_sources.yml", "ods_pets.sql", "ods_pets.yml"]
    assert write_models([PETS], tmp_path) == Written()


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "yes",
        "null",
        "1.5",
        "a: b",
        "a #b",
        "- a",
        "it's",
        'a "b"',
        "{{ doc('x') }}",
        "",
        "x" * 150,
        "a " * 99 + "b",
    ],
)
def test_yaml_reads_back_as_written(text: str) -> None:
    content = {"a": text, "b": [text, "c,d"], "c": [{"d": text, "e": True}], "f": {"g": [1, 2]}}
    assert yaml.safe_load(yaml_text(content)) == content
