"""The merge contract for any history: however its changes arrive, the table is what the database was.

A shop's history is played on a plain dictionary, which is the expected result. Its changes are then repeated,
shuffled and spread over runs, and merged by the SQL that dbt compiled for a real model, in the real engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fixtures.dbt import DbtWarehouse
from tests.integration.dbt.changes import Change, write
from tradewind.quality.events import valid_changes
from tradewind.quality.logs import ChangeLog
from tradewind.warehouse.retention import superseded

FIXTURE = HealthCheck.function_scoped_fixture
MODEL = "ods_suppliers"
LONG_TEXT = "supplier_name"
UNAVAILABLE = "__debezium_unavailable_value"
RUN_MARK, LATER_MARK = "1999-12-31 23:59:59.000000", "1999-12-31 23:59:59.500000"
FIRST_RUN = datetime(2026, 1, 1)
# What the pre-hook of the model does (macros/cdc/watermark.sql).
ARRIVALS = """
insert into merge_test.arrivals
select 'ods.{model}', toDateTime64('{moment}', 6, 'UTC'), groupArray((_ingested_at, row_count))
from (
    select _ingested_at, count() as row_count from merge_test.log
    where _ingested_at >= toDateTime64('{moment}', 6, 'UTC') - interval 10 minute
    group by _ingested_at
)
"""
COLUMNS = ("supplier_id", "supplier_name", "country", "lead_time_days")
LOG = ChangeLog(
    database="merge_test",
    table="log",
    source="suppliers",
    key=("supplier_id",),
    columns=dict(zip(COLUMNS, ("bigint", "text", "text", "int"), strict=True)),
    personal=frozenset(),
)

Supplier = dict[str, Any]


@dataclass
class Shop:
    """A table of suppliers as the source has it, and the log of how it came to be so."""

    rows: dict[int, Supplier] = field(default_factory=dict)
    log: list[Change] = field(default_factory=list)
    lsn: int = 100

    def play(self, action: str, key: int, other: int, number: int) -> None:
        """Apply one action, or nothing where the table's state does not allow it."""
        self.lsn += 10
        row = self.rows.get(key)
        if action == "insert" and row is None:
            self._insert(key, number)
        elif action == "update" and row is not None:
            self._change(key, lead_time_days=number, supplier_name=f"name {number}")
        elif action == "update, the long text not logged" and row is not None:
            self._change(key, lead_time_days=number)
        elif action == "delete" and row is not None:
            self.log.append(Change("d", self.lsn, {"supplier_id": key}, before=self.rows.pop(key)))
        elif action == "change the key" and row is not None and other not in self.rows:
            moved = self.rows.pop(key)
            self.log.append(Change("d", self.lsn, {"supplier_id": key}, before=moved))
            self.rows[other] = moved | {"supplier_id": other}
            self.log.append(Change("c", self.lsn, {"supplier_id": other}, after=self.rows[other]))
        elif action == "truncate":
            self.rows.clear()
            self.log.append(Change("t", self.lsn))
        elif action == "snapshot":
            self.log.append(Change("t", self.lsn, is_snapshot=True))
            for one, read in self.rows.items():
                change = Change("r", self.lsn, {"supplier_id": one}, after=dict(read), is_snapshot=True)
                self.log.append(change)

    def _insert(self, key: int, number: int) -> None:
        self.rows[key] = {
            "supplier_id": key,
            "supplier_name": f"name {number}" if number % 3 else None,
            "country": "TH",
            "lead_time_days": number,
        }
        self.log.append(Change("c", self.lsn, {"supplier_id": key}, after=dict(self.rows[key])))

    def _change(self, key: int, **changed: Any) -> None:
        self.rows[key] = self.rows[key] | changed
        sent = self.rows[key] if LONG_TEXT in changed else self.rows[key] | {LONG_TEXT: UNAVAILABLE}
        self.log.append(Change("u", self.lsn, {"supplier_id": key}, after=dict(sent)))


ACTIONS = st.sampled_from(
    [
        *(["insert", "update", "update, the long text not logged"] * 2),
        *("delete", "change the key", "truncate", "snapshot"),
    ]
)
HISTORIES = st.lists(
    st.tuples(ACTIONS, st.integers(1, 2), st.integers(1, 2), st.integers(0, 99)), min_size=2, max_size=12
)


@st.composite
def arrivals(draw: st.DrawFn) -> tuple[Shop, list[list[Change]]]:
    """A history, and its changes in the batches they arrive in: any order, some more than once."""
    shop = Shop()
    for action in draw(HISTORIES):
        shop.play(*action)
    repeated = draw(st.lists(st.sampled_from(shop.log), max_size=4)) if shop.log else []
    shuffled = draw(st.permutations(shop.log + repeated))
    cuts = sorted(draw(st.lists(st.integers(0, len(shuffled)), max_size=4)))
    edges = [0, *cuts, len(shuffled)]
    return shop, [list(shuffled[start:end]) for start, end in pairwise(edges)]


@dataclass(frozen=True)
class Merge:
    """The model's SQL, for a first and for every later run, on tables of this test alone."""

    client: Client
    first: str
    later: str

    def run_all(self, batches: Sequence[Sequence[Change]]) -> None:
        """Start anew, then merge batch after batch; no run reads what an earlier one has read."""
        for table in ("log", "state", "models", "arrivals"):
            self.client.command(f"truncate table merge_test.{table}")
        for number, batch in enumerate(batches):
            started = FIRST_RUN + timedelta(hours=number)
            write(self.client, "merge_test.log", batch, arrived_at=started - timedelta(minutes=30))
            self.run(started, is_first=number == 0)

    def run(self, started: datetime, is_first: bool = False) -> None:
        moment = started.strftime("%Y-%m-%d %H:%M:%S.%f")
        sql = (self.first if is_first else self.later).replace(RUN_MARK, moment)
        self.client.command(ARRIVALS.format(model=MODEL, moment=moment))
        self.client.command(f"insert into merge_test.state {sql}")
        self.client.command(
            f"insert into merge_test.models (model, loaded_at) values ('ods.{MODEL}', '{moment}')"
        )

    def rebuild(self) -> None:
        """Merge the whole log once more, as of the first run."""
        self.client.command("truncate table merge_test.state")
        self.run(FIRST_RUN, is_first=True)

    def whole_state(self) -> list[tuple[Any, ...]]:
        """Every column of every row, tombstones among them."""
        query = "select * from merge_test.state order by supplier_id settings final = 0"
        return [tuple(row) for row in self.client.query(query).result_rows]

    def state(self) -> dict[int, Supplier]:
        """The live rows, as any reader of the warehouse sees them."""
        found = self.client.query(f"select {', '.join(COLUMNS)} from merge_test.state")
        return {row[0]: dict(zip(COLUMNS, row, strict=True)) for row in found.result_rows}

    def stored_rows(self) -> int:
        """How many rows were written and are still kept, superseded ones among them."""
        return int(self.client.command("select count() from merge_test.state settings final = 0"))


@pytest.fixture(scope="module")
def merge(dbt_warehouse: DbtWarehouse) -> Merge:
    texts = []
    for mark in (RUN_MARK, LATER_MARK):
        dbt_warehouse.must("run", "--select", MODEL, environment={"TRADEWIND_RUN_STARTED": mark})
        texts.append(dbt_warehouse.compiled(MODEL).replace(mark, RUN_MARK))
    client = dbt_warehouse.client()
    client.command("create database merge_test")
    client.command("create table merge_test.log as bronze.suppliers")
    client.command(f"create table merge_test.state as ods.{MODEL}")
    for table in ("models", "arrivals"):
        client.command(f"create table merge_test.{table} as ops.dbt_{table}")
    return Merge(client, *(_on_test_tables(text) for text in texts))


def _on_test_tables(sql: str) -> str:
    for table, moved in {
        "`bronze`.`suppliers`": "merge_test.log",
        f"`ods`.`{MODEL}`": "merge_test.state",
        "ops.dbt_": "merge_test.",
    }.items():
        sql = sql.replace(table, moved)
    return sql


def test_the_two_compiled_texts_differ_as_first_and_later_runs_do(merge: Merge) -> None:
    assert "merge_test.models" not in merge.first
    assert "merge_test.models" in merge.later
    assert "merge_test.state" in merge.later


@settings(max_examples=40, deadline=None, suppress_health_check=[FIXTURE])
@given(arrivals())
def test_any_order_of_arrival_gives_the_state_of_the_source(
    merge: Merge, arrived: tuple[Shop, list[list[Change]]]
) -> None:
    shop, batches = arrived
    merge.run_all(batches)
    assert merge.state() == shop.rows


@settings(max_examples=6, deadline=None, suppress_health_check=[FIXTURE])
@given(arrivals())
def test_a_replay_of_everything_changes_nothing(
    merge: Merge, arrived: tuple[Shop, list[list[Change]]]
) -> None:
    shop, batches = arrived
    merge.run_all([*batches, shop.log, [*reversed(shop.log)]])
    assert merge.state() == shop.rows


def test_a_replay_writes_no_row(merge: Merge) -> None:
    shop = Shop()
    for number in (1, 2, 4):
        shop.play("insert", number, 0, number)
    shop.play("update, the long text not logged", 2, 0, 9)
    shop.play("delete", 4, 0, 0)
    merge.run_all([shop.log])
    written = merge.stored_rows()
    merge.run_all([shop.log, shop.log])
    assert merge.stored_rows() == written == 3


def test_a_run_that_did_not_finish_is_read_again(merge: Merge) -> None:
    """ClickHouse inserts block by block: half a run's rows may be there, stamped with its start."""
    shop = Shop()
    for number in (1, 2):
        shop.play("insert", number, 0, number)
    merge.run_all([shop.log[:1]])
    killed = FIRST_RUN + timedelta(hours=2)
    write(merge.client, "merge_test.log", shop.log[1:], arrived_at=killed - timedelta(minutes=30))
    merge.client.command(
        "insert into merge_test.state select * replace ("
        f"toDateTime64('{killed}', 6, 'UTC') as _loaded_at) from merge_test.state"
    )
    merge.run(FIRST_RUN + timedelta(hours=3))
    assert merge.state() == shop.rows


def test_a_truncate_reaches_rows_of_earlier_runs(merge: Merge) -> None:
    shop = Shop()
    for number in (1, 2):
        shop.play("insert", number, 0, number)
    shop.play("truncate", 0, 0, 0)
    shop.play("insert", 2, 0, 5)
    merge.run_all([shop.log[:2], shop.log[2:]])
    assert merge.state() == shop.rows
    assert list(shop.rows) == [2]


def test_an_event_that_cannot_be_read_is_left_out(merge: Merge) -> None:
    shop = Shop()
    shop.play("insert", 1, 0, 1)
    keyless = Change("c", 100_000, after={"supplier_name": "nobody"})
    misfit = Change("c", 100_001, after={"supplier_id": "first", "supplier_name": "nobody"})
    merge.run_all([[keyless, misfit], shop.log])
    assert merge.state() == shop.rows


def test_rows_of_a_merged_arrival_that_become_visible_late_are_merged(merge: Merge) -> None:
    """Two inserts within the overlap: one is merged, and some rows of the other are visible only later."""
    shop = Shop()
    for number in (1, 2, 4):
        shop.play("insert", number, 0, number)
    merge.run_all([[]])
    started = FIRST_RUN + timedelta(hours=1)
    for change, minutes in zip(shop.log[:2], (5, 4), strict=True):
        write(merge.client, "merge_test.log", [change], arrived_at=started - timedelta(minutes=minutes))
    merge.run(started)
    write(merge.client, "merge_test.log", shop.log[2:], arrived_at=started - timedelta(minutes=4))
    merge.run(started + timedelta(minutes=1))
    assert merge.state() == shop.rows


@settings(max_examples=40, deadline=None, suppress_health_check=[FIXTURE])
@given(arrivals())
def test_a_log_without_its_superseded_changes_gives_the_same_table(
    merge: Merge, arrived: tuple[Shop, list[list[Change]]]
) -> None:
    shop, batches = arrived
    merge.run_all([[change for batch in batches for change in batch]])
    before = merge.whole_state()
    condition = superseded(partial(valid_changes, LOG), FIRST_RUN.replace(tzinfo=UTC))
    merge.client.command(f"alter table merge_test.log delete where {condition} settings mutations_sync = 2")
    merge.rebuild()
    assert merge.whole_state() == before
    assert merge.state() == shop.rows
