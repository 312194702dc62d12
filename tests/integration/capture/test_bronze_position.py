"""The log position of an event, computed by the real engine: text order is log order."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from connectors.bronze.event_header import parse_header
from connectors.bronze.warehouse_http import WarehouseHttp
from connectors.bronze.writer import Batch, BronzeWriter
from tests.fixtures.warehouse import RunningWarehouse
from tradewind.settings import Endpoint
from tradewind.warehouse import bronze

Source = dict[str, Any]


def postgres(previous_commit: int | None, lsn: int | None, snapshot: str = "false") -> Source:
    """A source block as Debezium writes it for PostgreSQL; incremental snapshots have no lsn of their own."""
    known = [None if number is None else str(number) for number in (previous_commit, lsn)]
    own = None if snapshot == "incremental" else lsn
    return {"sequence": json.dumps(known), "lsn": own, "snapshot": snapshot, "ts_ms": 5, "ts_us": 5_123}


def mysql(file: str, pos: int, row: int, snapshot: str = "false") -> Source:
    return {"file": file, "pos": pos, "row": row, "snapshot": snapshot, "ts_ms": 5}


def padded(*parts: tuple[int, int]) -> str:
    return "".join(f"{number:0{width}}" for number, width in parts)


CASES: list[tuple[str, str, Source, str]] = [
    ("a change", "u", postgres(1_000, 1_500), "000" + padded((1_000, 17), (2, 1), (1_500, 17))),
    (
        "the first change after a snapshot",
        "c",
        postgres(None, 900),
        "000" + padded((900, 17), (2, 1), (900, 17)),
    ),
    ("a read", "r", postgres(None, 800, "true"), "000" + padded((800, 17), (1, 1), (800, 17))),
    (
        "a read of an incremental snapshot",
        "r",
        postgres(1_000, 1_000, "incremental"),
        "000" + padded((1_000, 17), (1, 1), (1_000, 17)),
    ),
    ("a truncate", "t", postgres(7, 8), "000" + padded((7, 17), (2, 1), (8, 17))),
    (
        "the start of a snapshot",
        "t",
        postgres(None, 800, "first"),
        "000" + padded((800, 17), (0, 1), (800, 17)),
    ),
    ("a source without sequence", "c", {"lsn": 42, "ts_ms": 5}, "000" + padded((42, 17), (2, 1), (42, 17))),
    (
        "the largest log of a hundred petabytes",
        "d",
        postgres(10**17 - 1, 10**17 - 1),
        "000" + padded((10**17 - 1, 17), (2, 1), (10**17 - 1, 17)),
    ),
    (
        "a change in MySQL",
        "u",
        mysql("mysql-bin.000012", 4_567, 3),
        "000" + padded((12, 10), (4_567, 14), (2, 1), (3, 10)),
    ),
    (
        "a read in MariaDB",
        "r",
        mysql("mariadb-bin.000001", 328, 0, "last"),
        "000" + padded((1, 10), (328, 14), (1, 1), (0, 10)),
    ),
]


# Each list is in log order.
ORDERS: dict[str, list[tuple[str, Source]]] = {
    "a read loses against a change that was in flight when it was made": [
        ("r", postgres(None, 800, "last")),
        ("u", postgres(800, 750)),
    ],
    "transactions go by commit, their rows by place": [
        ("u", postgres(100, 500)),
        ("u", postgres(100, 600)),
        ("u", postgres(700, 550)),
        ("u", postgres(800, 120)),
    ],
    "a read between two transactions": [
        ("u", postgres(100, 190)),
        ("r", postgres(200, 200, "incremental")),
        ("u", postgres(200, 150)),
    ],
    "a new snapshot voids what was before it and nothing after": [
        ("u", postgres(600, 700)),
        ("t", postgres(None, 800, "first")),
        ("r", postgres(None, 800, "true")),
        ("c", postgres(800, 805)),
    ],
    "more digits come later": [("u", postgres(9, 99)), ("u", postgres(10, 100)), ("u", postgres(100, 1_000))],
    "binlog files, then places, then rows": [
        ("u", mysql("bin.000009", 900, 0)),
        ("u", mysql("bin.000010", 4, 0)),
        ("u", mysql("bin.000010", 4, 1)),
        ("u", mysql("bin.000010", 30, 0)),
        ("u", mysql("bin.1000000", 4, 0)),
    ],
}


NOW = {"ts_ms": 1_764_000_000_123, "ts_us": 1_764_000_000_123_456}
EVENTS: list[dict[str, Any]] = [
    {"op": op, "source": source | NOW}
    for op, source in [
        *[(op, source) for _, op, source, _ in CASES],
        *[event for events in ORDERS.values() for event in events],
        ("c", postgres(0, 0)),
        ("t", postgres(7, 8, "true")),
        ("r", {"lsn": None, "sequence": None, "snapshot": None}),
        ("d", {"lsn": 9, "sequence": json.dumps(["5", "12"]), "snapshot": "false"}),
    ]
] + [{"op": "c", "source": {"lsn": 5, "ts_ms": 1_764_000_000_123}}]


def positions(warehouse: RunningWarehouse, events: list[tuple[str, Source]], epoch: int = 0) -> list[str]:
    """The positions bronze computes for these events, in the order given."""
    client = warehouse.client()
    client.command("drop table if exists bronze.placed sync")
    client.command(bronze.create_table("placed", epoch))
    payloads = [json.dumps({"op": operation, "source": source}) for operation, source in events]
    rows = [["ecomm.cdc.placed", 0, number, payload] for number, payload in enumerate(payloads)]
    client.insert("placed", rows, ["_topic", "_partition", "_offset", "payload"], database="bronze")
    answer = client.query("select _position from bronze.placed order by _offset").result_rows
    return [position for (position,) in answer]


@pytest.mark.parametrize(
    ("operation", "source", "expected"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_the_position_of(warehouse: RunningWarehouse, operation: str, source: Source, expected: str) -> None:
    assert positions(warehouse, [(operation, source)]) == [expected]
    assert len(expected) == bronze.POSITION_DIGITS


@pytest.mark.parametrize("events", ORDERS.values(), ids=ORDERS.keys())
def test_text_order_is_log_order(warehouse: RunningWarehouse, events: list[tuple[str, Source]]) -> None:
    found = positions(warehouse, events)
    assert found == sorted(set(found))


@pytest.mark.parametrize("event", EVENTS, ids=range(len(EVENTS)))
def test_a_writer_parses_the_header_that_bronze_computes(
    warehouse: RunningWarehouse, event: dict[str, Any]
) -> None:
    payload = json.dumps(event)
    found = parse_header(payload.encode())
    if "pos" in event["source"]:
        assert found is None, "events of other databases are left to bronze"
        return
    assert found is not None
    client = warehouse.client()
    client.command("drop table if exists bronze.placed sync")
    client.command(bronze.create_table("placed", epoch=3))
    client.insert("placed", [[0, payload]], ["_offset", "payload"], database="bronze")
    names = ["_offset", "payload", *bronze.HEADER_COLUMNS]
    row = b"\t".join([b"1", payload.encode(), found.columns()])
    client.raw_insert("bronze.placed", names, row, fmt="TabSeparatedRaw")
    answer = client.query("select _op, _position, _changed_at, payload from bronze.placed").result_rows
    assert len(answer) == 2 and answer[0] == answer[1]
    assert answer[0][1].startswith("003")


@pytest.mark.parametrize(
    "payload",
    [
        b"null",
        b"not json",
        b"{}",
        b'{"op": "c"}',
        b'{"op": "m", "source": {"lsn": 5, "ts_ms": 1764000000000}}',
        b'{"op": "c", "source": {"lsn": -5, "ts_ms": 1764000000000}}',
        b'{"op": "c", "source": {"lsn": "5", "ts_ms": 1764000000000}}',
        b'{"op": "c", "source": {"lsn": 5, "sequence": "[1, 2]", "ts_ms": 1764000000000}}',
        b'{"op": "c", "source": {"lsn": 5, "sequence": "[\\"x\\", \\"2\\"]", "ts_ms": 1764000000000}}',
        b'{"op": "c", "source": {"lsn": 100000000000000000, "ts_ms": 1764000000000}}',
        b'{"op": "c", "source": {"lsn": 5, "ts_ms": 5}}',
    ],
)
def test_an_unusual_event_is_left_to_bronze(payload: bytes) -> None:
    assert parse_header(payload) is None


def test_a_table_created_without_a_place_column_gets_it(warehouse: RunningWarehouse) -> None:
    client = warehouse.client()
    client.command("drop table if exists bronze.placed sync")
    client.command(bronze.create_table("placed"))
    query = "select default_expression from system.columns where table = 'placed' and name = '_place'"
    whole = client.query(query).result_rows[0][0]
    client.command(f"alter table bronze.placed modify column _position String default concat('000', {whole})")
    client.command("alter table bronze.placed drop column _place")
    writer = WarehouseHttp(Endpoint(warehouse.writer_url), threading.Event(), 60)
    BronzeWriter(writer).logs.prepare([])
    place = {"schema": "public", "table": "placed", "txId": 1}
    event = {"op": "u", "source": postgres(1_000, 1_500) | {"ts_us": 1_764_000_000_123_456} | place}
    BronzeWriter(writer).write(Batch([b"null"], [json.dumps(event, separators=(",", ":")).encode()]))
    expected = "000" + padded((1_000, 17), (2, 1), (1_500, 17))
    assert client.query("select _op, _position from bronze.placed").result_rows == [("u", expected)]


def test_a_raised_epoch_outranks_every_position_before_it(warehouse: RunningWarehouse) -> None:
    (old,) = positions(warehouse, [("u", postgres(10**16, 10**16))])
    (new,) = positions(warehouse, [("u", postgres(1, 1))], epoch=1)
    assert new > old


def test_an_epoch_can_be_raised_on_a_table_with_rows(warehouse: RunningWarehouse) -> None:
    positions(warehouse, [("u", postgres(10**16, 10**16))])
    client = warehouse.client()
    client.command(bronze.raise_epoch("placed", 2))
    client.insert(
        "placed", [[json.dumps({"op": "u", "source": postgres(1, 1)})]], ["payload"], database="bronze"
    )
    answer = client.query("select left(_position, 3) from bronze.placed order by _position").result_rows
    assert answer == [("000",), ("002",)]


def test_positions_fit_the_numbers_that_versions_are_kept_in(warehouse: RunningWarehouse) -> None:
    largest = "9" * bronze.POSITION_DIGITS
    query = f"select toString(toUInt128('{largest}')), toString(toDecimal128('{largest}', 0))"
    assert warehouse.client().query(query).result_rows == [(largest, largest)]


def test_the_time_of_a_change_is_the_commits_in_microseconds(warehouse: RunningWarehouse) -> None:
    positions(warehouse, [("c", postgres(1, 2)), ("c", mysql("bin.1", 2, 3))])
    query = "select toUnixTimestamp64Micro(_changed_at) from bronze.placed order by _offset"
    assert warehouse.client().query(query).result_rows == [(5_123,), (5_000,)]


def test_an_event_that_cannot_be_parsed_still_lands(warehouse: RunningWarehouse) -> None:
    positions(warehouse, [])
    client = warehouse.client()
    client.insert("placed", [[None], ["not json"], ["{}"]], ["payload"], database="bronze")
    query = "select _op, _position from bronze.placed"
    assert client.query(query).result_rows == [("", "000" + padded((0, 17), (2, 1), (0, 17)))] * 3
