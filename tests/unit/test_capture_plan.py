"""What a changed table demands of the capture: a row of the register, or to be read again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.definitions.plan import plan
from connectors.definitions.selection import pattern
from tradewind.source.naming import TableName
from tradewind.source.structure import ColumnStructure, LiveTable, Structure, lost_rows
from tradewind.warehouse.captured_tables import CapturedTable

THINGS = TableName("public", "things")
COLUMNS = {
    1: ColumnStructure("id", "bigint", "", False),
    2: ColumnStructure("name", "text", "", False),
}
STRUCTURE = Structure(oid=10, file=100, key=("id",), checks="", columns=COLUMNS, partitions={})


def live(structure: Structure = STRUCTURE, name: TableName = THINGS, **more: bool) -> LiveTable:
    return LiveTable(name, structure, more.get("is_complete", False), frozenset(structure.partitions))


def registered(structure: Structure = STRUCTURE, name: TableName = THINGS) -> CapturedTable:
    return CapturedTable(name, name.log_name, structure.text, ("id", "name"))


def with_column(number: int, column: ColumnStructure, **more: int) -> Structure:
    return replace(STRUCTURE, columns=STRUCTURE.columns | {number: column}, **more)


def test_a_structure_reads_back_as_written() -> None:
    partitioned = replace(STRUCTURE, partitions={11: 110, 12: 120})
    assert Structure.parse(partitioned.text) == partitioned


@pytest.mark.parametrize(
    ("after", "reason"),
    [
        (replace(STRUCTURE, oid=11), "it is another table of that name"),
        (with_column(3, ColumnStructure("note", "text", "", True)), "it has filled the new column note"),
        (
            with_column(3, ColumnStructure("note", "text", "", False), file=101),
            "it has filled the new column note",
        ),
        (with_column(2, ColumnStructure("title", "text", "", False)), "name was renamed to title"),
        (with_column(2, ColumnStructure("name", "integer", "", False), file=101), "it has converted name"),
        (with_column(2, ColumnStructure("name", "text", "upper(x)", False)), "it has converted name"),
        (with_column(3, ColumnStructure("note", "text", "", False)), ""),
        (with_column(2, ColumnStructure("name", "varchar(9)", "", False)), ""),
        (replace(STRUCTURE, file=101), ""),
        (replace(STRUCTURE, checks="x"), ""),
        (replace(STRUCTURE, columns={1: COLUMNS[1]}), "it has lost the column name"),
        (
            replace(STRUCTURE, columns={1: COLUMNS[1], 3: COLUMNS[2]}),
            "it has lost the column name",
        ),
        (replace(STRUCTURE, key=("id", "name")), "it has another key"),
        (replace(STRUCTURE, key=()), ""),
    ],
)
def test_rows_are_lost_by_what_changes_them_without_events(after: Structure, reason: str) -> None:
    names = [column.name for column in after.columns.values()]
    assert lost_rows(STRUCTURE, live(after), ["id", "name"], names) == reason


def test_a_label_that_is_renamed_is_another_value_in_all_rows() -> None:
    def mood(**labels: str) -> Structure:
        return with_column(3, ColumnStructure("mood", "mood", "", False, labels))

    columns = ["id", "name", "mood"]
    before = mood(a="good")
    assert lost_rows(before, live(mood(a="good", b="bad")), columns, columns) == ""
    assert lost_rows(before, live(mood(a="fine")), columns, columns) == "a label was renamed of mood"
    unknown = Structure.parse(mood().text.replace(', "labels": {}', ""))
    assert lost_rows(unknown, live(before), columns, columns) == ""


def test_what_is_not_captured_does_not_matter() -> None:
    after = with_column(3, ColumnStructure("note", "text", "", True))
    assert lost_rows(STRUCTURE, live(after), ["id", "name"], ["id", "name"]) == ""
    assert lost_rows(STRUCTURE, live(), ["id"], ["id", "name"]) == "it is captured now: name"
    assert lost_rows(STRUCTURE, live(replace(STRUCTURE, columns={1: COLUMNS[1]})), ["id"], ["id"]) == ""


@pytest.mark.parametrize(
    ("before", "after", "full", "reason"),
    [
        ({1: 1, 2: 2}, {1: 1}, {1}, "a partition is gone"),
        ({1: 1}, {1: 1, 2: 2}, {2}, "a partition with rows was attached"),
        ({1: 1}, {1: 1, 2: 2}, {1}, ""),
        ({1: 1}, {1: 5}, {1}, "a partition was truncated or rewritten"),
    ],
)
def test_partitions_that_change_by_themselves(
    before: dict[int, int], after: dict[int, int], full: set[int], reason: str
) -> None:
    now = LiveTable(THINGS, replace(STRUCTURE, partitions=after), False, frozenset(full))
    assert lost_rows(replace(STRUCTURE, partitions=before), now, ["id", "name"], ["id", "name"]) == reason


def test_nothing_new_demands_nothing() -> None:
    made = plan({THINGS: live()}, {THINGS: ("id", "name")}, {THINGS: registered()}, ["things"])
    assert made.register == [] and made.rereads == []


def test_a_table_that_was_empty_when_it_was_published_is_only_registered() -> None:
    register = {
        TableName("public", "other"): registered(replace(STRUCTURE, oid=7), TableName("public", "other"))
    }
    made = plan({THINGS: live(is_complete=True)}, {THINGS: ("id", "name")}, register, [])
    assert made.register == [registered()] and made.rereads == []


def test_a_table_with_rows_from_before_is_read() -> None:
    register = {
        TableName("public", "other"): registered(replace(STRUCTURE, oid=7), TableName("public", "other"))
    }
    made = plan({THINGS: live()}, {THINGS: ("id", "name")}, register, ["things"])
    assert [(reread.table, reread.registration) for reread in made.rereads] == [(THINGS, registered())]
    assert made.rereads[0].reason == "it had rows before it was captured"


def test_a_renamed_table_is_read_although_it_was_captured_under_its_old_name() -> None:
    old = TableName("public", "old")
    made = plan(
        {THINGS: live(is_complete=True)}, {THINGS: ("id", "name")}, {old: registered(name=old)}, ["old"]
    )
    assert made.rereads[0].reason == "it was public.old"


def test_what_an_older_version_captured_counts_as_read_but_for_partitioned_tables() -> None:
    sales = TableName("public", "sales")
    partitioned = live(replace(STRUCTURE, oid=20, partitions={21: 210}), sales)
    columns = {THINGS: ("id", "name"), sales: ("id", "name")}
    made = plan({THINGS: live(), sales: partitioned}, columns, {}, ["things"])
    assert made.register == [registered()]
    assert [reread.table for reread in made.rereads] == [sales]


def test_tables_without_a_key_or_without_capture_are_only_registered() -> None:
    keyless = live(replace(STRUCTURE, key=()))
    assert plan({THINGS: keyless}, {THINGS: ("id", "name")}, {}, []).rereads == []
    refused = plan({THINGS: live()}, {}, {}, [])
    assert refused.register == [CapturedTable(THINGS, "", STRUCTURE.text, ())]


def test_of_colliding_tables_the_refused_one_has_no_log() -> None:
    other = TableName("public", "Things")
    register = {other: registered(name=other)}
    made = plan({THINGS: live()}, {THINGS: ("id", "name")}, register, [])
    assert [row.log_name for row in made.register] == [""]


def test_a_pattern_matches_its_table_alone() -> None:
    assert pattern(TableName("public", "user events,a")) == r"(?-i:public[.]user\x{20}events\x{2c}a)"
