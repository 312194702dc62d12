"""The export of the change logs (`bronze`, `feeds`) into the lake: every row, once, in Iceberg.

The warehouse streams Parquet over its HTTP interface into the lake's landing folder and Spark appends it, so
it works the same for the embedded warehouse and for a ClickHouse server elsewhere. The newest arrival in the
Iceberg table is the watermark, so an append and its watermark are one commit. Rows that became visible late
are found by reading an overlap again and leaving out the rows that the lake has already.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

import pyarrow.parquet

from tradewind.lakehouse import arrivals
from tradewind.lakehouse.arrivals import Note
from tradewind.lakehouse.lake import Lake
from tradewind.lakehouse.tables import table_states
from tradewind.lakehouse.window import ARRIVAL, OVERLAP, Window, in_milliseconds
from tradewind.warehouse import bronze
from tradewind.warehouse.bronze import LogTable

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client
    from pyspark.sql import DataFrame, SparkSession

DATABASES = (bronze.DATABASE, bronze.FEEDS_DATABASE)
# Iceberg reserves the name `_partition` and does not read a table that has such a column.
COLUMNS = "* except (_partition), _partition as _log_partition"
IDENTITY = ("_topic", "_log_partition", "_offset", "_key", "_position", ARRIVAL)
CHUNK_BYTES = 1 << 20
# An export spans one or two days of arrival, so Iceberg need not sort rows by day before it writes them.
WRITE_OPTIONS = {"distribution-mode": "none"}


@dataclass(frozen=True)
class Export:
    """A finished export: the lake has all rows that arrived before `moment`; the rows added per table."""

    moment: datetime
    rows: dict[str, int] = field(default_factory=dict)


def export_bronze(
    lake: Lake,
    client: Client,
    open_session: Callable[[], AbstractContextManager[SparkSession]] | None = None,
    *,
    overlap: timedelta = OVERLAP,
    on_table: Callable[[str, int], None] = lambda table, rows: None,
) -> Export:
    """Append what is new in every change log to the lake.

    All tables are read up to the same time, the warehouse's current one, so that the copy is one state of the
    shop. `on_table` is called for each table that is read. A repeated run after an interruption adds what is
    missing. `open_session`, by default the lake's own, is called if there is anything to copy.
    """
    until = int(client.query("select toUnixTimestamp64Milli(now64(3))").result_rows[0][0])
    logs = {".".join(log): log for log in _tables(client)}
    notes, states = arrivals.read(lake), table_states(lake.warehouse)
    margin = in_milliseconds(overlap)
    to_read = {
        name: log
        for name, log in logs.items()
        if arrivals.has_news(client, log, notes.get(name), states.get(name), until, margin)
    }
    export = Export(datetime.fromtimestamp(until / 1000, UTC), dict.fromkeys(logs, 0))
    if not to_read:
        return export
    counts = {name: arrivals.count(client, log, until, margin) for name, log in to_read.items()}
    with (open_session or lake.session)() as session:
        known = _known(session)
        for name, log in to_read.items():
            since = _newest(session, log, overlap) if log in known else None
            export.rows[name] = _export_table(
                session, client, lake.landing, log, Window(since, until), log in known
            )
            on_table(name, export.rows[name])
    states = table_states(lake.warehouse)
    fresh = {name: Note(states[name].snapshot, count) for name, count in counts.items() if name in states}
    arrivals.write(lake, {name: note for name, note in (notes | fresh).items() if name in logs})
    return export


def _known(session: SparkSession) -> set[LogTable]:
    """The change logs that the lake has."""
    known = set()
    for database in DATABASES:
        session.sql(f"create namespace if not exists {database}")
        found = session.sql(f"show tables in {database}").collect()
        known |= {LogTable(database, row.tableName) for row in found}
    return known


def _tables(client: Client) -> list[LogTable]:
    rows = client.query(
        "select database, name from system.tables where database in {databases:Array(String)} order by all",
        parameters={"databases": list(DATABASES)},
    ).result_rows
    return [LogTable(database, name) for database, name in rows]


def _newest(session: SparkSession, table: LogTable, overlap: timedelta) -> int | None:
    """The start of the next window: the newest arrival in the lake, less the overlap."""
    newest = session.table(str(table)).selectExpr(f"unix_millis(max({ARRIVAL}))").collect()[0][0]
    return None if newest is None else newest - in_milliseconds(overlap)


def _export_table(
    session: SparkSession, client: Client, landing: Path, table: LogTable, window: Window, known: bool
) -> int:
    path = landing / f"{'.'.join(table)}.parquet"
    try:
        _download(client, table, window, path)
        rows = int(pyarrow.parquet.read_metadata(path).num_rows)
        if known and not rows:
            return 0
        landed = session.read.parquet(str(path))
        if known:
            return _append(session, landed, table, window)
        _create(landed, table)
        return rows
    finally:
        path.unlink(missing_ok=True)


def _download(client: Client, table: LogTable, window: Window, path: Path) -> None:
    """Stream a window of a table into a Parquet file; an incomplete one has no footer and cannot be read."""
    query = f"select {COLUMNS} from {table} where {window.condition()}"  # noqa: S608
    with path.open("wb") as file, cast(BinaryIO, client.raw_stream(query, fmt="Parquet")) as response:
        shutil.copyfileobj(response, file, CHUNK_BYTES)


def _create(landed: DataFrame, table: LogTable) -> None:
    """Create the Iceberg table, partitioned by day of arrival, with the landed rows."""
    from pyspark.sql.functions import partitioning

    writer = landed.writeTo(str(table)).using("iceberg").tableProperty("format-version", "2")
    writer.partitionedBy(partitioning.days(ARRIVAL)).options(**WRITE_OPTIONS).create()


def _append(session: SparkSession, landed: DataFrame, table: LogTable, window: Window) -> int:
    """Append the landed rows that the table does not have; returns their number."""
    present = session.table(str(table)).where(f"unix_millis({ARRIVAL}) >= {window.since or 0}")
    same = [landed[column].eqNullSafe(present[column]) for column in IDENTITY]
    fresh = landed.join(present, same, "left_anti").cache()
    try:
        rows = fresh.count()
        if rows:
            fresh.writeTo(str(table)).options(**WRITE_OPTIONS).append()
        return rows
    finally:
        fresh.unpersist()
