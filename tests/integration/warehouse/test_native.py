"""Native in the protocol version that a client asks for, decoded by clickhouse-connect's column readers."""

from __future__ import annotations

import json

import pytest
from clickhouse_connect.datatypes.registry import get_from_name
from clickhouse_connect.driver.query import QueryContext
from clickhouse_connect.driverc.buffer import ResponseBuffer

from tests.integration.warehouse.conftest import Ask

Columns = list[tuple[str, str, list[object]]]
TYPES = {
    "UInt8": "number % 7",
    "Int256": "number * -1000000007",
    "Decimal(38, 4)": "number / 4",
    "Bool": "number % 2",
    "Date32": "number",
    "DateTime64(6, 'Asia/Tokyo')": "number",
    "UUID": "reinterpretAsUUID(number)",
    "IPv6": "'::1'",
    "FixedString(3)": "substring(toString(number), 1, 3)",
    "Enum8('a' = 0, 'b, c)' = 1)": "number % 2",
    "String": "repeat('é', number % 200)",
    "Nullable(String)": "if(number % 3 = 0, NULL, toString(number))",
    "LowCardinality(String)": "toString(number % 10)",
    "LowCardinality(Nullable(String))": "if(number % 4 = 0, NULL, toString(number % 5))",
    "Array(String)": "arrayMap(x -> toString(x), range(number % 4))",
    "Array(Array(Nullable(UInt16)))": "[[number % 5, NULL], []]",
    "Array(LowCardinality(String))": "if(number % 2 = 0, [], [toString(number % 3), 'x'])",
    "Tuple(a UInt8, `b c` Array(String))": "tuple(number % 4, ['y'])",
    "Map(String, Array(UInt32))": "map('k', [number])",
    "Map(LowCardinality(String), String)": "map('k', toString(number))",
    "Point": "(toFloat64(number), 1.5)",
    "Polygon": "[[(1., 2.), (toFloat64(number), 4.)], [(5., 6.)]]",
}


def decode(data: bytes, marks: bool) -> Columns:
    """All blocks of a Native body with block descriptions, and with a byte before each column's data."""
    source = ResponseBuffer(_Source(data))
    columns: dict[str, tuple[str, list[object]]] = {}
    context = QueryContext()
    while True:
        try:
            assert source.read_bytes(8) == b"\x01\x00\x02\xff\xff\xff\xff\x00"
        except Exception as error:
            if type(error).__name__ == "StreamCompleteException":
                return [(name, kind, values) for name, (kind, values) in columns.items()]
            raise
        count, rows = source.read_leb128(), source.read_leb128()
        for _ in range(count):
            name, kind = source.read_leb128_str(), source.read_leb128_str()
            if marks:
                assert source.read_byte() == 0
            values = get_from_name(kind).read_column(source, rows, context)
            columns.setdefault(name, (kind, []))[1].extend(values)


class _Source:
    """What a ResponseBuffer reads from."""

    def __init__(self, data: bytes) -> None:
        self.gen = iter([data])
        self.exception_tag = None
        self.last_message = None

    def close(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize("version", [54405, 54454, 54483])
def test_columns_of_every_type_are_found_again(ask: Ask, version: int) -> None:
    columns = ", ".join(
        f"CAST({expression}, {json.dumps(kind)[1:-1]!r}) AS c{number}"
        if "'" not in kind
        else f"CAST({expression}, '" + kind.replace("'", "\\'") + f"') AS c{number}"
        for number, (kind, expression) in enumerate(TYPES.items())
    )
    query = f"SELECT {columns}, toString(number) AS last FROM numbers(70000)"
    answer = ask(query, "bi", default_format="Native", client_protocol_version=version)
    assert answer.status_code == 200, answer.text
    found = decode(answer.content, marks=version >= 54454)
    assert [kind for _, kind, _ in found[:-1]] == list(TYPES)
    assert all(len(values) == 70_000 for _, _, values in found)
    assert found[-1][2] == [str(number) for number in range(70_000)]
    plain = ask(query + " FORMAT Native", "bi").content
    assert len(plain) < len(answer.content)


@pytest.mark.parametrize("role", ["admin", "bi"])
@pytest.mark.parametrize("version", [54337, 54460])
def test_a_datetime_keeps_its_time_zone(ask: Ask, role: str, version: int) -> None:
    query = (
        "SELECT toString(number) AS s, toDateTime(number, 'Asia/Tokyo') AS at, now() AS n, "
        "toDateTime({t:UInt32}, 'UTC') AS u FROM numbers(3) FORMAT Native SETTINGS max_threads = 1"
    )
    answer = ask(query, role, client_protocol_version=version, param_t="5")
    types = [kind for _, kind, _ in decode(answer.content, marks=version >= 54454)]
    assert types == ["String", "DateTime('Asia/Tokyo')", "DateTime", "DateTime('UTC')"]


def test_an_old_version_has_no_time_zones(ask: Ask) -> None:
    query = "SELECT toLowCardinality('x') AS l, toDateTime(1, 'UTC') AS t FORMAT Native"
    found = decode(ask(query, "bi", client_protocol_version=54000).content, marks=False)
    assert [kind for _, kind, _ in found] == ["LowCardinality(String)", "DateTime"]


def test_results_that_are_not_of_a_select_are_rewritten_too(ask: Ask) -> None:
    for text in ("SHOW DATABASES", "DESCRIBE TABLE system.one", "EXISTS TABLE system.one"):
        plain = ask(text, default_format="TSVRaw").text.splitlines()
        found = decode(ask(text, default_format="Native", client_protocol_version=54460).content, marks=True)
        assert len(found[0][2]) == len(plain)


def test_an_empty_result_is_empty(ask: Ask) -> None:
    assert ask("SELECT 1 WHERE 0 FORMAT Native", client_protocol_version=54460).content == b""


def test_a_type_that_cannot_be_measured_is_refused_unless_it_is_last(ask: Ask) -> None:
    json_column = "CAST('{\"a\": 1}', 'JSON') AS j"
    last = ask(f"SELECT 1 AS n, {json_column} FORMAT Native", client_protocol_version=54460)
    assert last.status_code == 200
    first = ask(f"SELECT {json_column}, 1 AS n FORMAT Native", client_protocol_version=54460)
    assert "convert it to String or select it as the last column" in first.text
    assert (
        ask(f"SELECT {json_column}, 1 AS n FORMAT Native", client_protocol_version=54405).status_code == 200
    )


def test_a_version_that_is_no_number_is_refused(ask: Ask) -> None:
    assert ask("SELECT 1", client_protocol_version="new").headers["X-ClickHouse-Exception-Code"] == "36"
