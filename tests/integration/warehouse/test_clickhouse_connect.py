"""clickhouse-connect, unmodified, against the embedded warehouse."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import clickhouse_connect
import pandas as pd
import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError

from tests.fixtures.warehouse import RunningWarehouse


@pytest.fixture
def client(warehouse: RunningWarehouse) -> Iterator[Client]:
    client = warehouse.client("writer")
    yield client
    client.close()


def test_values_of_every_kind_survive_insert_and_query(client: Client) -> None:
    client.command("DROP TABLE IF EXISTS ops.kinds")
    client.command(
        "CREATE TABLE ops.kinds (id UInt64, text Nullable(String), amount Decimal(18, 2), "
        "at DateTime64(3, 'UTC'), tags Array(LowCardinality(String)), pairs Map(String, Int32)) ORDER BY id"
    )
    rows = [
        [1, "plain", Decimal("10.50"), datetime(2026, 1, 2, 3, 4, 5, 678000), ["a", "b"], {"x": 1}],
        [2, None, Decimal("-0.01"), datetime(2026, 1, 2), [], {}],
        [
            3,
            "tab\there 'quote' \\ új sor\n",
            Decimal("0"),
            datetime(1999, 12, 31, 23, 59, 59),
            ["ü"],
            {"y": -1},
        ],
    ]
    summary = client.insert("ops.kinds", rows, column_names=["id", "text", "amount", "at", "tags", "pairs"])
    assert summary.written_rows == 3
    read = client.query("SELECT * FROM ops.kinds ORDER BY id").result_rows
    assert [list(row[:3]) + list(row[4:]) for row in read] == [row[:3] + row[4:] for row in rows]
    assert [row[3].replace(tzinfo=UTC) for row in read] == [row[3].replace(tzinfo=UTC) for row in rows]


def test_server_side_parameters_carry_any_text(client: Client) -> None:
    awkward = "it's a \\ back\\tslash,\ttab, line\nbreak and ünïcode -- /* ; DROP */"
    query = (
        "SELECT {text:String}, {numbers:Array(UInt8)}, {day:Date}, {name:Identifier} FROM (SELECT 7 AS seven)"
    )
    parameters = {"text": awkward, "numbers": [1, 2], "day": datetime(2026, 5, 6).date(), "name": "seven"}
    row = client.query(query, parameters=parameters).first_row
    assert row == (awkward, [1, 2], datetime(2026, 5, 6).date(), 7)


@pytest.mark.parametrize("compression", ["lz4", "zstd", "gzip", False])
def test_compression_both_ways(warehouse: RunningWarehouse, compression: str | bool) -> None:
    user = warehouse.users["writer"]
    client = clickhouse_connect.get_client(
        host=warehouse.host,
        port=warehouse.port,
        username=user.name,
        password=user.password,
        compress=compression,
    )
    client.command("DROP TABLE IF EXISTS ops.packed")
    client.command("CREATE TABLE ops.packed (id UInt64, text String) ORDER BY id")
    rows = [[number, f"text {number % 10} " * 20] for number in range(50_000)]
    client.insert("ops.packed", rows, column_names=["id", "text"])
    read = client.query("SELECT id, text FROM ops.packed ORDER BY id")
    assert [list(row) for row in read.result_rows] == rows


def test_data_frames_go_in_and_come_out(client: Client) -> None:
    client.command("DROP TABLE IF EXISTS ops.frame")
    client.command("CREATE TABLE ops.frame (id Int64, price Float64, label Nullable(String)) ORDER BY id")
    frame = pd.DataFrame({"id": [1, 2, 3], "price": [0.5, 1.5, 2.5], "label": ["a", None, "c"]})
    client.insert_df("ops.frame", frame)
    read = client.query_df("SELECT * FROM ops.frame ORDER BY id")
    assert read["id"].tolist() == [1, 2, 3]
    assert read["price"].sum() == 4.5
    assert read["label"].isna().tolist() == [False, True, False]
    arrow = client.query_arrow("SELECT id FROM ops.frame ORDER BY id")
    assert arrow.column("id").to_pylist() == [1, 2, 3]


def test_empty_results_have_columns(client: Client) -> None:
    result = client.query("SELECT 1 AS one, 'x' AS two WHERE 0")
    assert result.result_rows == []
    assert client.query_df("SELECT 1 AS one WHERE 0").empty


def test_streams_arrive_in_blocks(client: Client) -> None:
    with client.query_row_block_stream("SELECT number FROM numbers(1000000)") as stream:
        sizes = [len(block) for block in stream]
    assert sum(sizes) == 1_000_000
    assert len(sizes) > 5


def test_raw_inserts_take_any_format(client: Client) -> None:
    client.command("DROP TABLE IF EXISTS ops.raw")
    client.command("CREATE TABLE ops.raw (id UInt64, name String) ORDER BY id")
    client.raw_insert(
        "ops.raw", ["id", "name"], '{"id": 1, "name": "x"}\n{"id": 2, "name": "y"}', fmt="JSONEachRow"
    )
    assert (
        client.command("SELECT groupArray(name) FROM (SELECT name FROM ops.raw ORDER BY id)") == "['x','y']"
    )


def test_settings_reach_their_query_only(client: Client) -> None:
    assert client.query("SELECT getSetting('max_block_size')", settings={"max_block_size": 77}).first_row == (
        77,
    )
    assert client.query("SELECT getSetting('max_block_size')").first_row != (77,)


def test_an_error_in_the_middle_of_a_stream_is_an_error(client: Client) -> None:
    query = "SELECT throwIf(number = 3000000, 'too far'), toString(number) FROM numbers(4000000)"
    with pytest.raises(DatabaseError, match="too far"), client.query_row_block_stream(query) as stream:
        for _ in stream:
            pass


def test_one_client_works_from_several_threads(client: Client) -> None:
    answers: list[int] = []

    def work(number: int) -> None:
        for _ in range(10):
            answers.append(
                client.query(f"SELECT sum(number) + {number} FROM numbers(1000)").first_row[0] - number
            )

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [499500] * 80


def test_temporary_tables_live_in_a_session(warehouse: RunningWarehouse) -> None:
    user = warehouse.users["writer"]
    client = clickhouse_connect.get_client(
        host=warehouse.host,
        port=warehouse.port,
        username=user.name,
        password=user.password,
        session_id="of one test",
    )
    client.command("CREATE TEMPORARY TABLE kept (id UInt8)")
    client.insert("kept", [[1], [2]], column_names=["id"])
    assert client.command("SELECT sum(id) FROM kept") == 3
