"""The export of the change logs (`bronze`, `feeds`) into the lake: every row, once, in Iceberg.

The warehouse streams Parquet over its HTTP interface into the lake's landing folder and Spark appends it, so
it works the same for the embedded warehouse and for a ClickHouse server elsewhere. The newest arrival in the
Iceberg table is the watermark, so an append and its watermark are one commit. Rows that became visible late
are found by reading an overlap again and leaving out the rows that the lake has already.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

import pyarrow.parquet

from tradewind.warehouse import bronze
from tradewind.warehouse.bronze import LogTable

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client
    from pyspark.sql import DataFrame, SparkSession

DATABASES = (bronze.DATABASE, bronze.FEEDS_DATABASE)
# An insert may become visible this long after its arrival time: retries are given up before.
OVERLAP = timedelta(minutes=10)
OVERLAP_MS = int(OVERLAP.total_seconds() * 1000)
ARRIVAL = "_ingested_at"
HANDED_OVER = "_timestamp"
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


@dataclass(frozen=True)
class Window:
    """Arrival times in milliseconds since 1970, the end excluded; no start means from the beginning.

    The rows are those that belong to a run which starts at the end (macros/cdc/watermark.sql): one that was
    handed over later, by another clock, waits for the next export, which reads the overlap again.
    So a run merges all rows of the lake, and a log without a new row has nothing to merge.
    """

    since: int | None
    until: int

    def condition(self) -> str:
        """The window as a condition on a bronze table of the warehouse."""
        until = _moment(self.until)
        long_ago = _moment(self.until - OVERLAP_MS)
        upper = f"{ARRIVAL} < {until} and ({HANDED_OVER} < {until} or {ARRIVAL} < {long_ago})"
        return upper if self.since is None else f"{ARRIVAL} >= {_moment(self.since)} and {upper}"


def _moment(milliseconds: int) -> str:
    return f"fromUnixTimestamp64Milli({milliseconds}, 'UTC')"


def export_bronze(
    session: SparkSession,
    client: Client,
    landing: Path,
    *,
    overlap: timedelta = OVERLAP,
    on_table: Callable[[str, int], None] = lambda table, rows: None,
) -> Export:
    """Append what is new in every change log to the lake.

    All tables are read up to the same time, the warehouse's current one, so that the copy is one state of the
    shop. `on_table` is called for each finished table. A repeated run after an interruption adds what is
    missing.
    """
    known = _known(session)
    until = int(client.query("select toUnixTimestamp64Milli(now64(3))").result_rows[0][0])
    export = Export(moment=datetime.fromtimestamp(until / 1000, UTC))
    for table in _tables(client):
        since = _newest(session, table, overlap) if table in known else None
        rows = _export_table(session, client, landing, table, Window(since, until), table in known)
        name = ".".join(table)
        export.rows[name] = rows
        on_table(name, rows)
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
    return None if newest is None else newest - int(overlap.total_seconds() * 1000)


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
