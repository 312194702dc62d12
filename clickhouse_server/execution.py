"""Running one statement on a connection; its result in chunks."""

from __future__ import annotations

import os
import select as readiness
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from clickhouse_server.engine import ENGINE_ERRORS, Connection, quote
from clickhouse_server.errors import ClickHouseError, from_engine
from clickhouse_server.statement import BLOCK_FORMATS, Statement, StatementKind

CHUNK_SIZE = 1 << 20
EARLY_SECONDS = 0.1
NATIVE = "native"


@dataclass
class Counts:
    """What a statement did so far, for X-ClickHouse-Summary."""

    read_rows: int = 0
    read_bytes: int = 0
    written_rows: int = 0
    written_bytes: int = 0
    result_rows: int = 0
    result_bytes: int = 0
    elapsed_ns: int = 0


class Result(Protocol):
    """A result read in chunks; an empty chunk is the end."""

    counts: Counts

    def read(self) -> bytes:
        """The next chunk; raises ClickHouseError if the query fails."""

    def close(self) -> None:
        """Stop reading; the query ends. Closing again does nothing."""


class WholeResult:
    """A result that is small by its nature: SHOW, DESCRIBE, DDL, INSERT ... SELECT."""

    def __init__(self, connection: Connection, text: str, output: str, params: Mapping[str, str]) -> None:
        self.counts = Counts()
        self._run: Callable[[], Any] = lambda: connection.run(text, output, params)
        self._done = False

    def read(self) -> bytes:
        """The whole result, then the end."""
        if self._done:
            return b""
        self._done = True
        result = self._run()
        if result is None:
            return b""
        _take_counts(self.counts, result)
        data: bytes = result.bytes()
        return data

    def close(self) -> None:
        """Nothing is open."""


class StreamedResult:
    """A SELECT in a format whose blocks follow each other; the engine hands them out one by one."""

    def __init__(self, connection: Connection, text: str, output: str, params: Mapping[str, str]) -> None:
        self.counts = Counts()
        self._open: Callable[[], Any] = lambda: connection.raw.send_query(text, output, params=dict(params))
        self._stream: Any = None

    def read(self) -> bytes:
        """The next block that is not empty."""
        data = b""
        while not data and (block := self._fetch()) is not None:
            _take_counts(self.counts, block)
            data = block.bytes()
        return data

    def _fetch(self) -> Any:
        try:
            if self._stream is None:
                self._stream = self._open()
            return self._stream.fetch()
        except ENGINE_ERRORS as error:
            raise from_engine(error) from None

    def close(self) -> None:
        """Cancel what has not been read."""
        if self._stream is not None:
            self._stream.cancel()


class PipedResult:
    """A SELECT in a format that is one document (JSON, Parquet...): the engine writes it into a pipe."""

    def __init__(
        self,
        connection: Connection,
        statement: Statement,
        output: str,
        params: Mapping[str, str],
        folder: Path,
    ) -> None:
        self.counts = Counts()
        self._path = folder / f"{uuid.uuid4().hex}.pipe"
        os.mkfifo(self._path, 0o600)
        self._descriptor = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK)
        self._poll = readiness.poll()
        self._poll.register(self._descriptor, readiness.POLLIN | readiness.POLLHUP)
        self._error: ClickHouseError | None = None
        text = statement.with_output(f"INTO OUTFILE {quote(str(self._path))} APPEND FORMAT {output}")
        self._thread = threading.Thread(target=self._query, args=(connection, text, params), daemon=True)
        self._started = False
        self._closed = False

    def _query(self, connection: Connection, text: str, params: Mapping[str, str]) -> None:
        try:
            _take_counts(self.counts, connection.run(text, "Null", params))
        except Exception as error:  # noqa: BLE001 - raised again by `read`, in the caller's thread
            self._error = from_engine(error)
        finally:
            # The reader waits for a writer; if the query failed before its first byte, this is the only one.
            os.close(os.open(self._path, os.O_RDWR | os.O_NONBLOCK))

    def read(self) -> bytes:
        """What the pipe holds, waiting for at least one byte."""
        if not self._started:
            self._started = True
            self._thread.start()
        data = self._wait_and_read()
        if not data:
            self._thread.join()
            if self._error:
                raise self._error
        return data

    def _wait_and_read(self) -> bytes:
        while True:
            self._poll.poll()
            try:
                return os.read(self._descriptor, CHUNK_SIZE)
            except BlockingIOError:
                # The engine has closed its end, and `_query` has opened one that it closes next.
                continue

    def close(self) -> None:
        """Close the pipe, on which the engine's next write fails, and wait for the query's end."""
        if self._closed:
            return
        self._closed = True
        os.close(self._descriptor)
        if self._started:
            self._thread.join()
        self._path.unlink()


def select(
    connection: Connection,
    statement: Statement,
    output: str,
    params: Mapping[str, str],
    folder: Path,
    *,
    extremes: bool,
) -> Result:
    """The result of a statement that is not an insert of data, in format `output`."""
    if statement.kind is not StatementKind.SELECT:
        return WholeResult(connection, statement.text, output, params)
    has_footer = (statement.has_totals or extremes) and output.lower() != NATIVE
    if output.lower() in BLOCK_FORMATS and not has_footer:
        return StreamedResult(connection, statement.text, output, params)
    return PipedResult(connection, statement, output, params, folder)


def read_chunk(result: Result, *, early: bool) -> tuple[bytes, bool]:
    """About CHUNK_SIZE bytes of a result, and whether they are its last; then the result is closed.

    `early`: less if it takes longer than EARLY_SECONDS.
    """
    data = bytearray()
    end = time.monotonic() + EARLY_SECONDS
    while len(data) < CHUNK_SIZE and not (early and data and time.monotonic() > end):
        chunk = result.read()
        if not chunk:
            result.close()
            return bytes(data), True
        data += chunk
    return bytes(data), False


def _take_counts(counts: Counts, result: Any) -> None:
    counts.read_rows += result.storage_rows_read() or result.rows_read()
    counts.read_bytes += result.storage_bytes_read() or result.bytes_read()
    if not result.rows_written():
        counts.result_rows += result.rows_read()
        counts.result_bytes += result.bytes_read()
    counts.written_rows += result.rows_written()
    counts.written_bytes += result.bytes_written()
    counts.elapsed_ns += int(result.elapsed() * 1e9)
