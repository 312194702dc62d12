"""Batches of change events into the bronze tables.

Rows travel as TabSeparatedRaw: keys and payloads are JSON texts, in which tabs and line breaks are always
escaped, so nothing has to be quoted. It was the fastest format tried.

The headers of a small insert are parsed here (`connectors.bronze.event_header`), since the engine takes
longer to analyse bronze's default expressions than to insert. Large inserts leave that to the engine.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

from connectors.bronze.event_header import parse_header
from connectors.bronze.warehouse_http import (
    UNKNOWN_DATABASE,
    UNKNOWN_TABLE,
    StatementError,
    WarehouseHttp,
)
from connectors.errors import CaptureError
from tradewind.warehouse import bronze, feeds

FORMAT = "TabSeparatedRaw"
NULL = b"null"
INSERT_BYTES = 32 * 1024 * 1024
SMALL_INSERT_BYTES = 256 * 1024
# Rows are complete; otherwise the engine evaluates all of the table's defaults to fill gaps.
_COMPLETE_ROWS = {"input_format_defaults_for_omitted_fields": 0}
# A small insert ends before more threads would have started.
_ONE_THREAD = _COMPLETE_ROWS | {"max_threads": 1, "max_insert_threads": 1, "input_format_parallel_parsing": 0}
_TOPIC_PREFIX = bronze.TOPIC_PREFIX.encode()
_MARKER_TOPIC = bronze.TOPIC_PREFIX + bronze.MARKER_TABLE
_ROW = b"%b\t0\t%d\t%b\t%b\t%b\n"
_ROW_WITH_HEADER = b"%b\t%b\n"


@dataclass(frozen=True)
class Batch:
    """Change events in the order of the log, one list per field; all lists are equally long."""

    topics: list[bytes]
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
        self.rows_written = rows_written

    def prepare(self, tables: list[str]) -> None:
        """Create the database and these tables, so that a table without rows can be queried too."""
        self._warehouse.run(bronze.create_database())
        for table in tables:
            with _refusal_as_error(table):
                statement = bronze.create_table(table)
            self._warehouse.run(statement)
        for table in self._warehouse.run(bronze.tables_without_place()).decode().split():
            self._warehouse.run(bronze.add_place(table))

    def write(self, batch: Batch) -> None:
        """Write a batch, without Debezium's own heartbeat events, which belong to no table."""
        for topic, rows in self._rows_by_topic(batch):
            for chunk in _chunks(rows):
                self._insert(topic, chunk)

    def write_snapshot_start(self, first_read: bytes) -> None:
        """Truncate what bronze holds, at the log position where a snapshot starts.

        Rows captured before (by an interrupted snapshot, or with a slot that is lost) may have been deleted
        since, and no event will report the deletion. So every captured table with rows gets a truncate event
        whose position is just below the new snapshot's reads.
        """
        source = json.loads(first_read)["source"]
        for table in self._tables_with_rows():
            event = {
                "before": None,
                "after": None,
                "source": {**source, "snapshot": "first", "schema": None, "table": table},
                "op": "t",
                "ts_ms": time.time_ns() // 1_000_000,
            }
            topic = (bronze.TOPIC_PREFIX + table).encode()
            self.write(Batch([topic], [NULL], [json.dumps(event).encode()]))

    def _tables_with_rows(self) -> list[str]:
        statement = (
            "select name from system.tables "
            "where database = 'bronze' and total_rows > 0 order by name format TabSeparatedRaw"
        )
        found = self._warehouse.run(statement).decode().split()
        return [table for table in found if not table.startswith(feeds.TABLE_PREFIX)]

    def _rows_by_topic(self, batch: Batch) -> list[tuple[str, list[Row]]]:
        """The rows of each topic; the marker's last, since its arrival means that all before it arrived."""
        written_at = b"%d.%03d" % divmod(time.time_ns() // 1_000_000, 1000)
        by_topic: dict[bytes, list[Row]] = {}
        for topic, key, payload in zip(batch.topics, batch.keys, batch.payloads, strict=True):
            if not topic.startswith(_TOPIC_PREFIX):
                continue
            rows = by_topic.setdefault(topic, [])
            shown_key = b"\\N" if key == NULL else key
            text = _ROW % (topic, self.rows_written, written_at, shown_key, payload)
            rows.append(Row(text, payload))
            self.rows_written += 1
        tables = [(topic.decode(), rows) for topic, rows in by_topic.items()]
        return sorted(tables, key=lambda item: item[0] == _MARKER_TOPIC)

    def _insert(self, topic: str, rows: list[Row]) -> None:
        table = bronze.table_name(topic)
        body = b"".join(row.text for row in rows)
        columns: tuple[str, ...] = bronze.WRITTEN_COLUMNS
        settings = _COMPLETE_ROWS
        if len(body) < SMALL_INSERT_BYTES:
            settings = _ONE_THREAD
            if body_with_headers := _with_headers(rows):
                body, columns = body_with_headers, columns + bronze.HEADER_COLUMNS
        with _refusal_as_error(
            table,
            and_then=". To pass over what is logged already: "
            "python -m connectors.embedded.capture --new-snapshot",
        ):
            statement = bronze.insert_statement(table, FORMAT, columns)
        try:
            self._warehouse.run(statement, body, settings)
        except StatementError as error:
            if error.code not in (UNKNOWN_TABLE, UNKNOWN_DATABASE):
                raise
            self.prepare([table])
            self._warehouse.run(statement, body, settings)


def _with_headers(rows: list[Row]) -> bytes | None:
    """The rows with their headers; None if bronze has to compute one of them."""
    lines = []
    for row in rows:
        header = parse_header(row.payload)
        if header is None:
            return None
        lines.append(_ROW_WITH_HEADER % (row.text[:-1], header.columns()))
    return b"".join(lines)


@contextmanager
def _refusal_as_error(table: str, and_then: str = "") -> Iterator[None]:
    """Turn the refusal of a table's name into an error that says what to do."""
    try:
        yield
    except bronze.BronzeError as error:
        raise CaptureError(
            f"{error}: rename it, or move it to a schema that is not captured{and_then}"
        ) from error


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
