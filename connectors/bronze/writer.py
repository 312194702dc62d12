"""Batches of change events into their logs in the warehouse.

Rows travel as TabSeparatedRaw: keys and payloads are JSON texts, in which tabs and line breaks are always
escaped, so nothing has to be quoted. It was the fastest format tried.

The headers of a small insert are parsed here (`connectors.bronze.event_header`), since the engine takes
longer to analyse bronze's default expressions than to insert. Large inserts leave that to the engine.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from connectors.bronze.event_header import parse_header
from connectors.bronze.logs import Logs
from connectors.bronze.routing import Route
from connectors.bronze.warehouse_http import (
    UNKNOWN_DATABASE,
    UNKNOWN_TABLE,
    StatementError,
    WarehouseHttp,
)
from tradewind.source.naming import TableName
from tradewind.warehouse import bronze
from tradewind.warehouse.bronze import LogTable

FORMAT = "TabSeparatedRaw"
NULL = b"null"
INSERT_BYTES = 32 * 1024 * 1024
SMALL_INSERT_BYTES = 256 * 1024
# Rows are complete; otherwise the engine evaluates all of the table's defaults to fill gaps.
_COMPLETE_ROWS = {"input_format_defaults_for_omitted_fields": 0}
# A small insert ends before more threads would have started.
_ONE_THREAD = _COMPLETE_ROWS | {
    "max_threads": 1,
    "max_insert_threads": 1,
    "input_format_parallel_parsing": 0,
}
_MARKER = LogTable(bronze.PLATFORM_DATABASE, bronze.MARKER_TABLE)
_ROW = b"%b\t0\t%d\t%b\t%b\t%b\n"
_ROW_WITH_HEADER = b"%b\t%b\n"


@dataclass(frozen=True)
class Batch:
    """Change events in the order of the log, one list per field; the lists are equally long."""

    keys: list[bytes]
    payloads: list[bytes]


class Row(NamedTuple):
    """An event as a line of text that ends with its payload, and the payload."""

    text: bytes
    payload: bytes


class BronzeWriter:
    """Writes batches; when `write` returns, the warehouse has acknowledged every row."""

    def __init__(self, warehouse: WarehouseHttp, rows_written: int = 0) -> None:
        self._warehouse = warehouse
        self.logs = Logs(warehouse)
        self.rows_written = rows_written

    def write(self, batch: Batch) -> bool:
        """Write a batch, without messages that are no events of a captured table.

        Returns whether it had changes of the source's own tables.
        """
        rows_by_route = self._rows_by_route(batch)
        self.logs.create_new()
        for route, rows in rows_by_route:
            for chunk in _chunks(rows):
                self._insert(route.log, chunk)
        return any(route.log.database == bronze.DATABASE for route, _ in rows_by_route)

    def write_snapshot_start(self, first_read: bytes) -> None:
        """Truncate what bronze holds, at the log position where a snapshot starts.

        Rows captured before (by an interrupted snapshot, or with a slot that is lost) may have been deleted
        since, and no event will report the deletion. So every captured table with rows gets a truncate event
        whose position is just below the new snapshot's reads.
        """
        source = json.loads(first_read)["source"]
        filled = self.logs.with_rows()
        for table in self.logs.router.owners:
            if table.log_name in filled:
                self.write(Batch([NULL], [_truncate_event(table, source)]))

    def write_truncate(self, table: TableName, lsn: int) -> None:
        """Void what bronze holds of a table from before a log position; what was read since then stays."""
        source = {
            "sequence": json.dumps([str(lsn), str(lsn)]),
            "lsn": lsn,
            "ts_ms": time.time_ns() // 1_000_000,
        }
        self.write(Batch([NULL], [_truncate_event(table, source)]))

    def _rows_by_route(self, batch: Batch) -> list[tuple[Route, list[Row]]]:
        """The rows of each log; the marker's last, since its arrival means that all before it arrived."""
        written_at = b"%d.%03d" % divmod(time.time_ns() // 1_000_000, 1000)
        by_route: dict[Route, list[Row]] = {}
        for key, payload in zip(batch.keys, batch.payloads, strict=True):
            route = self.logs.router.route(payload)
            if route is None:
                continue
            shown_key = b"\\N" if key == NULL else key
            text = _ROW % (route.topic, self.rows_written, written_at, shown_key, payload)
            by_route.setdefault(route, []).append(Row(text, payload))
            self.rows_written += 1
        return sorted(by_route.items(), key=lambda item: item[0].log == _MARKER)

    def _insert(self, log: LogTable, rows: list[Row]) -> None:
        body = b"".join(row.text for row in rows)
        columns: tuple[str, ...] = bronze.WRITTEN_COLUMNS
        settings = _COMPLETE_ROWS
        if len(body) < SMALL_INSERT_BYTES:
            settings = _ONE_THREAD
            if body_with_headers := _with_headers(rows):
                body, columns = body_with_headers, columns + bronze.HEADER_COLUMNS
        statement = bronze.insert_statement(log, FORMAT, columns)
        try:
            self._warehouse.run(statement, body, settings)
        except StatementError as error:
            if error.code not in (UNKNOWN_TABLE, UNKNOWN_DATABASE):
                raise
            self.logs.create_platform_tables()
            self._warehouse.run(bronze.create_table(log))
            self._warehouse.run(statement, body, settings)


def _truncate_event(table: TableName, source: Mapping[str, object]) -> bytes:
    """A truncate event at the position of `source`, in the order of fields that Debezium writes."""
    own = {"snapshot": "first", "schema": table.schema, "table": table.table, "txId": None}
    event = {
        "before": None,
        "after": None,
        "source": {name: value for name, value in source.items() if name not in own} | own,
        "op": "t",
        "ts_ms": time.time_ns() // 1_000_000,
    }
    return json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode()


def _with_headers(rows: list[Row]) -> bytes | None:
    """The rows with their headers; None if bronze has to compute one of them."""
    lines = []
    for row in rows:
        header = parse_header(row.payload)
        if header is None:
            return None
        lines.append(_ROW_WITH_HEADER % (row.text[:-1], header.columns()))
    return b"".join(lines)


def _chunks(rows: list[Row]) -> Iterator[list[Row]]:
    """Chunks of bounded size; a single large row is a chunk of its own."""
    chunk: list[Row] = []
    size = 0
    for row in rows:
        if chunk and size + len(row.text) > INSERT_BYTES:
            yield chunk
            chunk, size = [], 0
        chunk.append(row)
        size += len(row.text)
    if chunk:
        yield chunk
