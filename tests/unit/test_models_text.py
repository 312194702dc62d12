"""The text of generated ODS models."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tradewind.source.models import (
    HEADER,
    ModelError,
    model_files,
    model_sql,
    neutral_type,
    write_models,
)
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
    [model] = yaml.safe_load(model_files(tables)[f"{name}.yml"])["models"]
    return dict(model)


def test_a_table_is_one_call_of_the_merge_macro() -> None:
    assert model_sql(PETS) == (
        f"-- Grain: one row per pet_id. {HEADER}\n"
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


def test_a_table_without_a_key_is_refused_by_name() -> None:
    keyless = Table("public", "notes", "", PETS.columns, (), ())
    with pytest.raises(ModelError, match=r"public\.notes has no primary key.*add primary key"):
        model_sql(keyless)


@pytest.mark.parametrize(
    ("source_type", "expected"),
    [
        ("bigint", "bigint"),
        ("smallint", "int"),
        ("numeric(18,2)", "decimal(18,2)"),
        ("numeric", "text"),
        ("character varying(40)", "text"),
        ("timestamp with time zone", "timestamptz"),
        ("time without time zone", "text"),
        ("text[]", "array<text>"),
        ("integer[]", "array<bigint>"),
        ("numeric(18,2)[]", "array<text>"),
        ("jsonb", "json"),
        ("uuid", "text"),
    ],
)
def test_source_types_have_a_neutral_type(source_type: str, expected: str) -> None:
    assert neutral_type(source_type) == expected


def test_writing_twice_changes_nothing(tmp_path: Path) -> None:
    assert write_models([PETS], tmp_path) == ["_bronze_sources.yml", "ods_pets.sql", "ods_pets.yml"]
    assert write_models([PETS], tmp_path) == []


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
