"""How PostgreSQL's types are carried."""

from __future__ import annotations

import pytest

from tradewind.source.types import carriage, neutral_type


@pytest.mark.parametrize(
    ("source_type", "expected"),
    [
        ("bigint", "bigint"),
        ("smallint", "int"),
        ("numeric(18,2)", "decimal(18,2)"),
        ("numeric(3,5)", "decimal(5,5)"),
        ("numeric(50,2)", "text"),
        ("numeric", "text"),
        ("character varying(40)", "text"),
        ("timestamp with time zone", "timestamptz"),
        ("timestamp(3) without time zone", "timestamptz"),
        ("time without time zone", "text"),
        ("interval day to second(3)", "text"),
        ("money", "decimal(19,2)"),
        ("bit(1)", "boolean"),
        ("text[]", "array<text>"),
        ("character varying(10)[]", "array<text>"),
        ("integer[]", "array<bigint>"),
        ("real[]", "array<double>"),
        ("numeric(18,2)[]", "array<text>"),
        ("jsonb", "json"),
        ("uuid", "text"),
    ],
)
def test_source_types_have_a_neutral_type(source_type: str, expected: str) -> None:
    assert neutral_type(source_type) == expected
    assert not carriage(source_type).refusal


@pytest.mark.parametrize(
    "source_type", ["price", "box", "polygon", "pg_lsn", "int4multirange", "cube", "xid8"]
)
def test_types_that_debezium_does_not_know_come_as_encoded_text(source_type: str) -> None:
    assert carriage(source_type).is_encoded and neutral_type(source_type) == "text"


def test_an_enumeration_is_text() -> None:
    assert not carriage("mood", is_enum=True).is_encoded
    assert carriage("mood[]", is_enum=True).neutral_type == "array<text>"


@pytest.mark.parametrize(
    "source_type",
    [
        *("time with time zone", "bit(8)", "bit varying(8)", "bit varying", "int2vector", "numeric(5,-2)"),
        *("price[]", "date[]", "interval[]", "money[]", "time without time zone[]", "bit(1)[]", "xml[]"),
        *("timestamp without time zone[]", "point[]"),
    ],
)
def test_types_that_cannot_be_carried_are_refused_with_the_way_out(source_type: str) -> None:
    assert "use " in carriage(source_type).refusal


def test_values_that_would_be_altered_depend_on_the_server() -> None:
    assert carriage("interval", server_version=160_000).altered == ()
    assert len(carriage("interval", server_version=170_000).altered) == 2
    assert carriage("time(0) without time zone").altered == ("'24:00'::time",)
    assert carriage("numeric(4,1)[]").altered and not carriage("integer[]").altered
