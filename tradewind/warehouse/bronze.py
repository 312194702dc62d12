"""The bronze contract: the columns of every change-log table, and the log position of an event.

A writer inserts an event's topic, key and payload; the other columns are computed. Analysing these
expressions costs the engine more than a small insert itself, so a writer may insert their results too
(`HEADER_COLUMNS`).

A position has 38 digits, so that its text, and its number as UInt128 or decimal(38, 0), sort in log
order. Its parts, from the left:

    PostgreSQL   epoch 3 | end of the previous transaction 17 | phase 1 | log sequence number 17
    MySQL        epoch 3 | binlog file 10 | offset in the file 14 | phase 1 | row in the event 10

PostgreSQL writes a transaction's rows to its log as they happen but publishes them when it commits, so
a row's own log sequence number does not order a snapshot read and a change. The end of the previous
transaction does: it grows with every commit. The phase orders events of the same position: 0 start of a
snapshot (everything before is void), 1 row read, 2 change.

Both numbers are in Debezium's `source.sequence`; reads of an incremental snapshot have no `source.lsn`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

DATABASE, FEEDS_DATABASE, PLATFORM_DATABASE = "bronze", "feeds", "ops"
MARKER_TABLE, SIGNAL_TABLE = "heartbeat", "signal"
WRITTEN_COLUMNS = ("_topic", "_partition", "_offset", "_timestamp", "_key", "payload")
HEADER_COLUMNS = ("_op", "_place", "_changed_at")
POSITION_DIGITS = 38
LARGEST_EPOCH = 999

_TABLE_NAME = re.compile(r"[A-Za-z0-9._-]+")

_ENVELOPE_TYPE = (
    "Tuple(op String, source Tuple(ts_ms Int64, ts_us Int64, snapshot String, "
    "lsn UInt64, sequence String, pos UInt64, row UInt64))"
)
_ENVELOPE = f"JSONExtract(ifNull(payload, ''), '{_ENVELOPE_TYPE}')"

# Extracted separately: a tuple type of a written column cannot have a field named `file`.
_BINLOG_FILE = "JSONExtractString(ifNull(payload, ''), 'source', 'file')"

MERGE_SETTINGS = {
    "min_parts_to_merge_at_once": 16,
    "merge_selector_enable_heuristic_to_remove_small_parts_at_right": 0,
    "merge_selector_base": 10,
}
"""Of tables that get many small inserts: 16 small parts are merged at once, and not each with a large one.

By default the engine takes a large part for the first of 16, leaves 14 small ones out again, and so writes a
log's largest part anew for nearly every insert.
"""
_SETTINGS = [f"{name} = {value}" for name, value in MERGE_SETTINGS.items()]


class BronzeError(ValueError):
    """A table name or an epoch that bronze cannot represent."""


class LogTable(NamedTuple):
    """A change log: its database and name. A plain name stands for a log in `bronze`."""

    database: str
    name: str

    def __str__(self) -> str:
        """As SQL writes it. BronzeError for a name that no topic can have."""
        if not _TABLE_NAME.fullmatch(self.name):
            raise BronzeError(f"{self.name!r} is not a name for a change log")
        return f"{self.database}.`{self.name}`"


def create_table(table: LogTable | str, epoch: int = 0) -> str:
    """The statement that creates a change log.

    `epoch` counts how often the source's log was restarted (a restored or replaced database).
    `_envelope` and `_place` are never stored: `_envelope` is parsed once per insert for the columns computed
    from it, `_place` is an event's position within its epoch.
    """
    return f"""\
create table if not exists {_qualified(table)} (
    _topic LowCardinality(String),
    _partition Int32,
    _offset Int64,
    _timestamp DateTime64(3, 'UTC'),
    _key Nullable(String),
    payload Nullable(String) codec(ZSTD(1)),
    _envelope {_ENVELOPE_TYPE} ephemeral {_ENVELOPE},
    _op LowCardinality(String) default tupleElement(_envelope, 'op'),
    {_place_column()},
    _position String default {position_expression(epoch)},
    _changed_at DateTime64(6, 'UTC') default {_changed_at_expression()},
    _ingested_at DateTime64(3, 'UTC') default now64(3, 'UTC'),
    index arrival _ingested_at type minmax granularity 1
)
engine = MergeTree
order by (_position, ifNull(_key, ''))
settings {", ".join(_SETTINGS)}
"""


def add_place(table: LogTable | str) -> str:
    """The statement that adds the column `_place` to a table created without it."""
    return f"alter table {_qualified(table)} add column if not exists {_place_column()}"


def tables_without_place() -> str:
    """The query for the names of the bronze tables without `_place`, a line each."""
    return (
        f"select table from system.columns where database = '{DATABASE}' group by table "  # noqa: S608
        "having countIf(name = '_envelope') > countIf(name = '_place') order by table format TabSeparatedRaw"
    )


def set_merge_settings(table: LogTable | str) -> str:
    """The statement that gives a table the present settings of merges."""
    return f"alter table {_qualified(table)} modify setting {', '.join(_SETTINGS)}"


def tables_without_merge_settings() -> str:
    """The query for the names of the bronze tables whose merges have other settings, a line each."""
    lacks = " or ".join(f"position(engine_full, '{setting}') = 0" for setting in _SETTINGS)
    return (
        f"select name from system.tables where database = '{DATABASE}' and engine = 'MergeTree' "  # noqa: S608
        f"and ({lacks}) order by name format TabSeparatedRaw"
    )


def logs_with_rows() -> str:
    """The query for the names of the bronze tables with rows, a line each."""
    return (
        "select name from system.tables "  # noqa: S608 - our own name
        f"where database = '{DATABASE}' and total_rows > 0 order by name format TabSeparatedRaw"
    )


def raise_epoch(table: LogTable | str, epoch: int) -> str:
    """The statement after which new events of a table outrank all its present ones."""
    position = f"_position String default {position_expression(epoch)}"
    return f"alter table {_qualified(table)} modify column {position}"


def insert_statement(
    table: LogTable | str, data_format: str, columns: Sequence[str] = WRITTEN_COLUMNS
) -> str:
    """The statement that writes raw events; the remaining columns are computed."""
    return f"insert into {_qualified(table)} ({', '.join(columns)}) format {data_format}"


def position_expression(epoch: int = 0) -> str:
    """The ClickHouse expression for an event's position in the log, over `_place`."""
    if not 0 <= epoch <= LARGEST_EPOCH:
        raise BronzeError(f"position epoch {epoch} is not between 0 and {LARGEST_EPOCH}")
    return f"concat('{epoch:03}', _place)"


def _place_column() -> str:
    return f"_place String ephemeral {_place_expression()}"


def _place_expression() -> str:
    """An event's position within its epoch, over `_envelope`, `payload` and `_op`."""
    previous_commit = f"JSONExtractString({_source('sequence')}, 1)"
    lsn = f"toString(greatest({_source('lsn')}, toUInt64OrZero(JSONExtractString({_source('sequence')}, 2))))"
    postgres = (
        f"leftPad(if({previous_commit} = '', {lsn}, {previous_commit}), 17, '0')",
        _phase_expression(),
        f"leftPad({lsn}, 17, '0')",
    )
    mysql = (
        _digits(f"toUInt64OrZero(extract({_BINLOG_FILE}, '[0-9]+$'))", 10),
        _digits(f"{_source('pos')}", 14),
        _phase_expression(),
        _digits(f"{_source('row')}", 10),
    )
    return f"if({_source('pos')} = 0, concat({', '.join(postgres)}), concat({', '.join(mysql)}))"


def _phase_expression() -> str:
    """0 start of a snapshot, 1 row read by a snapshot, 2 change."""
    begins = f"_op = 't' and {_source('snapshot')} not in ('', 'false')"
    return f"multiIf({begins}, '0', _op = 'r', '1', '2')"


def _changed_at_expression() -> str:
    """The commit time in the source: microseconds where the connector knows them."""
    return f"fromUnixTimestamp64Micro(greatest({_source('ts_us')}, {_source('ts_ms')} * 1000), 'UTC')"


def _source(field: str) -> str:
    return f"tupleElement(tupleElement(_envelope, 'source'), '{field}')"


def _digits(number: str, width: int) -> str:
    return f"leftPad(toString({number}), {width}, '0')"


def header_columns() -> str:
    """The columns of a change log that are computed from an event, for another table that takes raw events.

    `_place` and `_envelope` are ordinary columns there; `_envelope` also names the event's table.
    """
    named = _ENVELOPE_TYPE.replace("source Tuple(", "source Tuple(db String, schema String, `table` String, ")
    return f"""\
    _envelope {named} default JSONExtract(ifNull(payload, ''), '{named}'),
    _op LowCardinality(String) default tupleElement(_envelope, 'op'),
    _place String default {_place_expression()},
    _changed_at DateTime64(6, 'UTC') default {_changed_at_expression()}"""


def _qualified(table: LogTable | str) -> str:
    return str(table if isinstance(table, LogTable) else LogTable(DATABASE, table))
