"""An INSERT whose data the client sends.

The engine's own streaming insert reports rows as written when the disk was full or a constraint was violated
(docs/lessons/0005), and it ends data that follows the statement's text at the first empty line. A statement
that reads a file does neither: it ends with an error or with all rows.
"""

from __future__ import annotations

import os
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from clickhouse_server.engine import Connection, quote
from clickhouse_server.errors import ClickHouseError, from_engine
from clickhouse_server.execution import Counts
from clickhouse_server.statement import Statement

KILL_AGAIN_SECONDS = 0.01


def insert_whole(
    connection: Connection, statement: Statement, params: Mapping[str, str], data: bytes, folder: Path
) -> Counts:
    """Insert data that has been received whole; blocks until the rows are written.

    The engine reads it from a file in `folder` that each thread keeps and overwrites: creating and deleting
    one for every small insert slows down the table's own files (docs/lessons/0009).
    """
    path = folder / f"{threading.get_ident()}.data"
    with path.open("r+b" if path.exists() else "wb") as file:
        file.write(data)
        file.truncate()
    return _counts(connection.run(_from_file(statement, path), "Null", params))


def _from_file(statement: Statement, path: Path) -> str:
    """The statement's text with its data in a file."""
    head, settings = statement.text[: statement.body_end], statement.text[statement.body_end :]
    return f"{head} FROM INFILE {quote(str(path))} COMPRESSION 'none' {settings} FORMAT {statement.format}"


def _counts(done: Any) -> Counts:
    return Counts(
        written_rows=done.rows_written() or done.rows_read(),
        written_bytes=done.bytes_written() or done.bytes_read(),
        elapsed_ns=int(done.elapsed() * 1e9),
    )


class Insert:
    """One running INSERT. Its methods block and are called one at a time, from any thread."""

    def __init__(self, connection: Connection, folder: Path, kill: Callable[[], bool]) -> None:
        """The pipe is made in `folder`; `kill` stops the query and returns whether it was running."""
        self.counts = Counts()
        self._connection = connection
        self._path = folder / f"{uuid.uuid4().hex}.pipe"
        self._kill = kill
        self._error: ClickHouseError | None = None
        self._descriptor: int | None = None
        self._is_open = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self, statement: Statement, params: Mapping[str, str]) -> None:
        """Start the statement; returns when the engine reads the pipe or has failed before."""
        text = _from_file(statement, self._path)
        os.mkfifo(self._path, 0o600)
        self._thread = threading.Thread(target=self._run, args=(text, params), daemon=True)
        self._thread.start()
        self._descriptor = os.open(self._path, os.O_WRONLY)
        self._is_open.set()

    def _run(self, text: str, params: Mapping[str, str]) -> None:
        try:
            self.counts = _counts(self._connection.run(text, "Null", params))
        except Exception as error:  # noqa: BLE001 - raised again by `finish`, in the caller's thread
            self._error = from_engine(error)
        finally:
            # Lets `begin` return if the engine never opened the pipe.
            reader = os.open(self._path, os.O_RDWR | os.O_NONBLOCK)
            self._is_open.wait()
            os.close(reader)

    def write(self, data: bytes) -> None:
        """Write the next chunk of data; raises ClickHouseError if the engine refused an earlier one."""
        assert self._descriptor is not None
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
        except BrokenPipeError:
            self.finish()
            raise ClickHouseError(
                1001, "STD_EXCEPTION", "The engine stopped reading before the end of the data"
            ) from None

    def finish(self) -> None:
        """Commit; only after this returns may the client be told that its rows are safe."""
        self._close_pipe()
        if self._error:
            raise self._error

    def close(self) -> None:
        """Abort unless committed: the engine must not take the data received so far for all of it."""
        while self._descriptor is not None and self._is_running() and not self._kill():
            time.sleep(KILL_AGAIN_SECONDS)
        self._close_pipe()

    def _is_running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _close_pipe(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
        if self._thread is not None:
            self._thread.join()
            self._thread = None
            self._path.unlink()
