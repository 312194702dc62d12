"""From raw records to change logs, inside the warehouse: the same for every way a record comes in.

    Kafka engine ─┐                                 ┌─▶ bronze.<table>         (route_<table>)
                  ├─▶ ops.change_events (engine Null)┤
    sink connector┘                                 └─▶ ops.rejected_events    (set_aside)

The capture's own tables, heartbeat and signals, have their logs in `ops`.

Each record is parsed and judged once, when it enters `ops.change_events`. An event goes to the change log of
its topic's table only if its own `source` names that schema and table (the rule of the embedded capture,
`connectors/bronze/routing.py`); what is no such event is set aside with the reason. A record without a value
(a tombstone) says nothing that the delete before it did not, and is left out.

The first read of a snapshot voids what every change log holds: rows that were deleted while nothing was
captured are in no event. So it is noted in `ops.snapshots_begun`, and the landing truncates every change log
just below the reads. A snapshot that somebody asks for while the connector streams (it knows the transaction
before) voids nothing.

All statements can be repeated. A table is added in an order in which no record can fall between: first its
change log, then its route, then it becomes known to the judgement.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from connectors.kafka.topics import TopicTable
from tradewind.warehouse import bronze

EVENTS = "ops.change_events"
REJECTED = "ops.rejected_events"
SNAPSHOTS = "ops.snapshots_begun"
RECORD_COLUMNS = """\
    _topic LowCardinality(String),
    _partition Int32,
    _offset Int64,
    _timestamp DateTime64(3, 'UTC'),
    _key Nullable(String),
    payload Nullable(String)"""

_RECORD = ", ".join(bronze.WRITTEN_COLUMNS)
_TOMBSTONE = "tombstone"
# PostgreSQL: the first read of a snapshot that was taken before anything was streamed. MySQL has no such
# sequence.
_BEGINS_SNAPSHOT = (
    "_envelope.source.snapshot = 'first' and JSONExtractString(_envelope.source.sequence, 1) = '' "
    "and toString(_op) = 'r'"
)


def statements(tables: Iterable[TopicTable], largest_bytes: int) -> Iterator[str]:
    """Everything that makes records of these tables land, in order."""
    tables = list(tables)
    yield _create_events(tables, largest_bytes)
    yield _create_rejected()
    yield _create_set_aside()
    yield from _create_snapshots()
    for table in tables:
        yield bronze.create_table(table.log)
        yield _create_route(table)
    yield f"alter table {EVENTS} modify column {_judgement_column(tables, largest_bytes)}"


def _create_events(tables: list[TopicTable], largest_bytes: int) -> str:
    return f"""\
create table if not exists {EVENTS} (
{RECORD_COLUMNS},
{bronze.header_columns()},
    {_judgement_column(tables, largest_bytes)}
)
engine = Null
comment 'Where records from Kafka come in; nothing is kept here'"""


def _create_rejected() -> str:
    return f"""\
create table if not exists {REJECTED} (
{RECORD_COLUMNS},
    reason String,
    rejected_at DateTime64(3, 'UTC') default now64(3, 'UTC')
)
engine = MergeTree
order by (_topic, _partition, _offset)
comment 'Records that are no change event of their topic''s table, until they are in the dead-letter topic'"""


def _create_route(table: TopicTable) -> str:
    computed = ", ".join(bronze.HEADER_COLUMNS)
    return (
        f"create materialized view if not exists ops.`route_{table.table.log_name}` "  # noqa: S608
        f"to {table.log} as select {_RECORD}, {computed} from {EVENTS} "
        f"where _topic = {_literal(table.topic)} and _rejected_for = ''"
    )


def _create_snapshots() -> Iterator[str]:
    yield f"""\
create table if not exists {SNAPSHOTS} (
    first_read String,
    begun_at DateTime64(3, 'UTC') default now64(3, 'UTC')
)
engine = MergeTree
order by begun_at
comment 'First reads of snapshots, until the change logs hold the truncates that they imply'"""
    yield (
        f"create materialized view if not exists ops.notice_snapshot to {SNAPSHOTS} "  # noqa: S608
        f"as select assumeNotNull(payload) as first_read from {EVENTS} "
        f"where _rejected_for = '' and {_BEGINS_SNAPSHOT}"
    )


def _create_set_aside() -> str:
    return (
        f"create materialized view if not exists ops.set_aside to {REJECTED} "  # noqa: S608
        f"as select {_RECORD}, _rejected_for as reason from {EVENTS} "
        f"where _rejected_for not in ('', '{_TOMBSTONE}')"
    )


def _judgement_column(tables: list[TopicTable], largest_bytes: int) -> str:
    return f"_rejected_for String default {judgement(tables, largest_bytes)}"


def judgement(tables: list[TopicTable], largest_bytes: int) -> str:
    """The expression for why a record is no change event of its topic's table; empty if it is one."""
    topics = _array(table.topic for table in tables)
    sources = _array(f"{table.event_schema}\0{table.table.table}" for table in tables)
    keyed = _array(table.topic for table in tables if table.key)
    expected = f"transform(toString(_topic), {topics}, {sources}, '')"
    # Schema and table are compared with what neither can hold between them: a dot is in some names.
    found = (
        "concat(if(_envelope.source.schema = '', _envelope.source.db, _envelope.source.schema), "
        "'\\0', _envelope.source.`table`)"
    )
    cases = [
        ("payload is null", f"'{_TOMBSTONE}'"),
        (f"length(payload) > {largest_bytes}", f"'larger than {largest_bytes} bytes'"),
        ("not isValidUTF8(assumeNotNull(payload))", "'value is not UTF-8'"),
        ("not isValidUTF8(ifNull(_key, ''))", "'key is not UTF-8'"),
        ("toString(_op) not in ('c', 'r', 'u', 'd', 't')", "'not a change envelope'"),
        (f"{expected} = ''", "concat('no captured table has the topic ', toString(_topic))"),
        (
            f"{found} != {expected}",
            f"concat('an event of ', {_shown(found)}, ', not of ', {_shown(expected)})",
        ),
        (
            f"_key is null and toString(_op) != 't' and has({keyed}, toString(_topic))",
            "'without a key, although its table has one'",
        ),
        ("replaceRegexpAll(_place, '^0+[12]?0*$', '') = ''", "'without a log position'"),
    ]
    return f"multiIf({', '.join(f'{condition}, {reason}' for condition, reason in cases)}, '')"


def _shown(name: str) -> str:
    """`schema.table`, of an expression with a null character between them."""
    return f"replaceOne({name}, '\\0', '.')"


def _array(values: Iterable[str]) -> str:
    """A literal; typed, since an empty one has no type of its own."""
    return f"cast([{', '.join(_literal(value) for value in values)}] as Array(String))"


def _literal(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\0", "\\0") + "'"
