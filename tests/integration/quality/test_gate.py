"""The gate on a real warehouse: each rule broken once, quarantine, replay and discard."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from tests.fixtures.warehouse import RunningWarehouse
from tests.integration.dbt.changes import Change
from tradewind.quality import gate
from tradewind.quality.logs import ChangeLog
from tradewind.quality.quarantine import Quarantine, QuarantinedEvent, UnknownEvent
from tradewind.warehouse import bronze

COLUMNS = {
    "id": "bigint",
    "quantity": "int",
    "amount": "decimal(6,2)",
    "weight": "double",
    "is_new": "boolean",
    "on_day": "date",
    "at": "timestamptz",
    "tags": "array<text>",
    "sizes": "array<bigint>",
    "note": "text",
    "email": "text",
    "birth_date": "date",
}
GOOD = {
    "id": 1,
    "quantity": 2,
    "amount": "12.50",
    "weight": 0.5,
    "is_new": True,
    "on_day": "2026-01-02Z",
    "at": "2026-01-02T03:04:05.123456Z",
    "tags": ["a", None],
    "sizes": [1, None],
    "note": "a",
    "email": "ada@example.org",
    "birth_date": "1990-01-02Z",
}
UNFIT = [
    ("amount", "NaN"),
    ("amount", "12.345"),
    ("amount", "12345.00"),
    ("amount", "much"),
    ("quantity", 3_000_000_000),
    ("quantity", 1.5),
    ("weight", "heavy"),
    ("is_new", "maybe"),
    ("on_day", "2024-02-30Z"),
    ("on_day", "infinity"),
    ("at", "infinity"),
    ("at", "soon"),
    ("tags", "a"),
    ("sizes", ["a"]),
    ("sizes", [[1], [2]]),
    ("id", "one"),
]
FIT = [
    ("amount", None),
    ("amount", "12.3400"),
    ("amount", "-0012.5"),
    ("amount", "0E-8"),
    ("amount", "1E+2"),
    ("weight", "NaN"),
    ("is_new", 0),
    ("on_day", "0044-03-15Z"),
    ("tags", []),
    ("sizes", None),
    ("note", "NaN"),
]


class Gate:
    """A log of its own, and the gate before it."""

    def __init__(self, warehouse: RunningWarehouse, name: str) -> None:
        self.client: Client = warehouse.client("admin")
        self.url = warehouse.writer_url
        self.log = ChangeLog("bronze", name, name, ("id",), COLUMNS, frozenset({"email", "birth_date"}))
        self.client.command("drop table if exists ops.quarantine")
        self.client.command("drop table if exists ops.gate_arrivals")
        self.client.command(f"drop table if exists {self.log.relation}")
        self.client.command(bronze.create_table(name))
        self.lsn = 1000

    def arrive(self, op: str = "c", before: Any = None, **row: Any) -> None:
        self.lsn += 1
        self.write(Change(op, self.lsn, before=before, after=None if op in "dt" else GOOD | row).payload())

    def write(self, payload: str, **columns: Any) -> None:
        row = {
            "_topic": "t",
            "_partition": 0,
            "_offset": self.lsn,
            "_timestamp": _now(),
            "payload": payload,
        } | columns
        self.client.raw_insert(
            self.log.relation, insert_block=json.dumps(row), fmt="JSONEachRow", column_names=list(row)
        )

    def run(self) -> gate.Outcome:
        return gate.run(self.client, self.url, [self.log])

    @property
    def quarantine(self) -> Quarantine:
        return Quarantine(self.client, [self.log])

    def only(self) -> QuarantinedEvent:
        [event] = self.quarantine.list()
        return event


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


@pytest.fixture
def gated(warehouse: RunningWarehouse) -> Gate:
    return Gate(warehouse, "gated_rows")


def failed(outcome: gate.Outcome) -> dict[str, int]:
    return {each.rule: each.failed for each in outcome.rules if not each.success}


def test_valid_events_pass_and_a_look_without_new_ones_validates_nothing(gated: Gate) -> None:
    for name, value in FIT:
        gated.arrive(**{name: value})
    gated.arrive("u", before=GOOD)
    gated.arrive("d", before=GOOD)
    gated.arrive("t")
    first = gated.run()
    assert failed(first) == {}
    assert [each.events for each in first.rules] == [len(FIT) + 3] * 6
    assert first.quarantined == {}
    again = gated.run()
    assert (again.validated, again.rules) == ([], [])


def test_a_value_that_does_not_fit_is_named_by_key_column_and_value(gated: Gate) -> None:
    gated.arrive()
    for name, value in UNFIT:
        gated.arrive(**{name: value})
    assert failed(gated.run()) == {"value": len(UNFIT)}
    named = [(event.column_name, event.value) for event in gated.quarantine.list()]
    assert sorted(named) == sorted((name, _text(value)) for name, value in UNFIT)
    assert {event.rule for event in gated.quarantine.list()} == {"value"}


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


@pytest.mark.parametrize(
    ("rule", "column", "payload", "columns"),
    [
        ("payload", "payload", '{"op": "c", "after": {"id": 1', {}),
        ("payload", "payload", '{"op": "c", "after": {"id": NaN}}', {}),
        ("payload", "payload", "[1]", {}),
        ("operation", "_op", '{"op": "x", "after": {"id": 1}, "source": {"lsn": 9}}', {}),
        ("position", "_position", '{"op": "c", "after": {"id": 1}}', {}),
        ("position", "_position", '{"op": "t"}', {}),
        (
            "position",
            "_position",
            '{"op": "c", "after": {"id": 1}, "source": {"lsn": 9}}',
            {"_position": "00/16B"},
        ),
        ("envelope", "after", '{"op": "c", "before": {"id": 1}, "source": {"lsn": 9}}', {}),
        ("envelope", "before", '{"op": "d", "after": {"id": 1}, "source": {"lsn": 9}}', {}),
        ("key", "id", '{"op": "u", "after": {"quantity": 1}, "source": {"lsn": 9}}', {}),
        ("key", "id", '{"op": "d", "before": {"quantity": 1}, "source": {"lsn": 9}}', {}),
    ],
)
def test_each_rule_names_what_breaks_it(
    gated: Gate, rule: str, column: str, payload: str, columns: dict[str, str]
) -> None:
    gated.arrive()
    gated.write(payload, **columns)
    assert failed(gated.run()) == {rule: 1}
    event = gated.only()
    assert (event.rule, event.column_name, event.state) == (rule, column, "quarantined")
    assert gated.quarantine.payload(event) == payload


def test_a_deleted_row_needs_its_key_alone(gated: Gate) -> None:
    gated.arrive("d", before=GOOD | {"amount": "NaN"})
    assert failed(gated.run()) == {}


def test_personal_values_are_masked(gated: Gate) -> None:
    gated.arrive(birth_date="ada, born in 1815")
    gated.run()
    assert gated.only().value == "(personal data, 17 bytes)"


def test_an_event_that_arrives_again_is_in_quarantine_once(gated: Gate) -> None:
    gated.arrive(amount="NaN")
    gated.run()
    gated.client.command(f"insert into {gated.log.relation} select * from {gated.log.relation}")
    assert failed(gated.run()) == {"value": 2} or len(gated.quarantine.list()) == 1
    assert gated.run().quarantined == {"bronze.gated_rows": 1}


def test_what_is_discarded_stays_recorded_and_is_not_listed_again(gated: Gate) -> None:
    gated.arrive(amount="NaN")
    gated.run()
    event = gated.only()
    gated.quarantine.discard([event])
    gated.arrive(amount="NaN", note="another")
    gated.run()
    assert [each.event_id for each in gated.quarantine.list()] != [event.event_id]
    assert {each.state for each in gated.quarantine.list(every=True)} == {"discarded", "quarantined"}
    assert gated.quarantine.find(event.event_id[:12]).state == "discarded"


def test_a_replay_waits_for_the_cause_to_be_mended(gated: Gate) -> None:
    gated.arrive(amount="12345.00")
    gated.run()
    event = gated.only()
    refused = gated.quarantine.replay([event])
    assert (refused.replayed, [each.column_name for each in refused.still_invalid]) == ([], ["amount"])
    gated.log = ChangeLog(
        "bronze", "gated_rows", "gated_rows", ("id",), COLUMNS | {"amount": "decimal(18,2)"}, frozenset()
    )
    assert gated.quarantine.replay([event]).replayed == [event]
    rows = gated.client.query(
        f"select uniqExact(_position), count(), uniqExact(_ingested_at) from {gated.log.relation}"
    ).result_rows
    assert rows == [(1, 2, 2)]
    assert failed(gated.run()) == {}
    assert gated.run().quarantined == {}
    assert gated.quarantine.find(event.event_id).state == "replayed"


def test_an_unknown_name_is_an_error_that_says_where_names_are(gated: Gate) -> None:
    gated.quarantine.create()
    with pytest.raises(UnknownEvent, match="see `tradewind quarantine list --all`"):
        gated.quarantine.find("abc")
