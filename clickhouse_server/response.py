"""The response: headers, a body in chunks, errors before and in the middle of it."""

from __future__ import annotations

import asyncio
import json
import secrets
import tempfile
from http import HTTPStatus
from pathlib import Path
from typing import IO

from clickhouse_server.compression import encoder
from clickhouse_server.errors import ClickHouseError
from clickhouse_server.execution import Counts
from clickhouse_server.request import Request, Send

BUFFER_SIZE = 1 << 20
SPOOL_IN_MEMORY = 8 << 20


class Response:
    """One response. BUFFER_SIZE bytes are kept until the end, so that an early error has its own status."""

    def __init__(self, send: Send, request: Request, version: str, timezone: str, display_name: str) -> None:
        self._send = send
        self._request = request
        self._version = version
        self._timezone = timezone
        self._display_name = display_name
        self._encoding = request.response_encoding
        self._blocks = request.flag("compress")
        self._encoder = encoder(self._encoding, blocks=self._blocks)
        self._buffer: list[bytes] = []
        self._buffer_size = 0
        self._spool: IO[bytes] | None = None
        self._tag = secrets.token_hex(8)
        self.started = False

    def spool_into(self, folder: Path) -> None:
        """Keep the whole result until its end (`wait_end_of_query`), on disk if it is large."""
        self._spool = tempfile.SpooledTemporaryFile(SPOOL_IN_MEMORY, dir=str(folder))  # noqa: SIM115

    async def write(self, chunk: bytes, output: str | None, counts: Counts, *, at_once: bool = False) -> None:
        """Add to the body; what exceeds the buffer is sent, or all of it (`at_once`).

        `output` is the format, None if there is no result.
        """
        if self._spool is not None:
            await asyncio.to_thread(self._spool.write, chunk)
            return
        self._buffer.append(chunk)
        self._buffer_size += len(chunk)
        if self._buffer_size >= BUFFER_SIZE or (self._buffer_size and at_once):
            await self._flush(output, counts)

    async def _flush(self, output: str | None, counts: Counts) -> None:
        if not self.started:
            await self._start(HTTPStatus.OK, self._headers(output, counts))
        data = b"".join(self._buffer)
        self._buffer, self._buffer_size = [], 0
        encoded = await asyncio.to_thread(self._encoder.update, data)
        await self._send({"type": "http.response.body", "body": encoded, "more_body": True})

    async def finish(self, output: str | None, counts: Counts) -> None:
        """The result is complete: send what is buffered, and the end."""
        if self._spool is not None:
            await self._send_spool(self._spool, output, counts)
        data = self._encoder.update(b"".join(self._buffer)) + self._encoder.finish()
        if not self.started:
            headers = {**self._headers(output, counts), "Content-Length": str(len(data))}
            await self._start(HTTPStatus.OK, headers)
        await self._send({"type": "http.response.body", "body": data, "more_body": False})

    async def _send_spool(self, spool: IO[bytes], output: str | None, counts: Counts) -> None:
        self._spool = None
        spool.seek(0)
        while chunk := await asyncio.to_thread(spool.read, BUFFER_SIZE):
            await self.write(chunk, output, counts)
        spool.close()

    async def fail(self, error: ClickHouseError) -> None:
        """Send the error: with its status, or as an exception block that ends the body prematurely."""
        text = error.text(self._version).encode()
        if self._spool is not None:
            self._spool.close()
        if self.started:
            await self._abort(text)
            return
        data = self._encode_alone(text + b"\n")
        headers = self._common_headers() | {
            "Content-Type": "text/plain; charset=UTF-8",
            "X-ClickHouse-Exception-Code": str(error.code),
            "Content-Length": str(len(data)),
        }
        if error.code == 516:
            headers["WWW-Authenticate"] = 'Basic realm="ClickHouse server HTTP API"'
        await self._start(error.status, headers)
        await self._send({"type": "http.response.body", "body": data, "more_body": False})

    def _encode_alone(self, data: bytes) -> bytes:
        coder = encoder(self._encoding, blocks=self._blocks)
        return coder.update(data) + coder.finish()

    async def _abort(self, text: bytes) -> None:
        """ClickHouse's exception block. The body stays unfinished, so that no client takes it for whole."""
        tag = self._tag.encode()
        block = b"\r\n__exception__\r\n%b\r\n%b\n%d %b\r\n__exception__\r\n" % (tag, text, len(text) + 1, tag)
        data = self._encoder.update(b"".join(self._buffer) + block) + self._encoder.finish()
        await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def _start(self, status: HTTPStatus, headers: dict[str, str]) -> None:
        self.started = True
        raw = [
            (name.lower().encode("latin-1"), value.encode("latin-1", "replace"))
            for name, value in headers.items()
        ]
        await self._send({"type": "http.response.start", "status": int(status), "headers": raw})

    def _common_headers(self) -> dict[str, str]:
        headers = {
            "X-ClickHouse-Query-Id": self._request.query_id.replace("\r", "").replace("\n", ""),
            "X-ClickHouse-Server-Display-Name": self._display_name,
            "X-ClickHouse-Timezone": self._timezone,
            "X-ClickHouse-Exception-Tag": self._tag,
        }
        if self._encoding and not self._blocks:
            headers["Content-Encoding"] = self._encoding
        if self._request.wants_cors_header:
            headers["Access-Control-Allow-Origin"] = "*"
            headers["Access-Control-Expose-Headers"] = ", ".join(
                (*headers, "X-ClickHouse-Format", "X-ClickHouse-Summary", "X-ClickHouse-Exception-Code")
            )
        return headers

    def _headers(self, output: str | None, counts: Counts) -> dict[str, str]:
        headers = self._common_headers() | {"X-ClickHouse-Summary": summary(counts)}
        if output is None:
            return headers | {"Content-Type": "text/plain; charset=UTF-8"}
        return headers | {"Content-Type": content_type(output), "X-ClickHouse-Format": output}


def summary(counts: Counts) -> str:
    """X-ClickHouse-Summary: counters as strings, as ClickHouse writes them."""
    return json.dumps(
        {
            "read_rows": str(counts.read_rows),
            "read_bytes": str(counts.read_bytes),
            "written_rows": str(counts.written_rows),
            "written_bytes": str(counts.written_bytes),
            "total_rows_to_read": "0",
            "result_rows": str(counts.result_rows or counts.written_rows),
            "result_bytes": str(counts.result_bytes or counts.written_bytes),
            "elapsed_ns": str(counts.elapsed_ns),
        },
        separators=(",", ":"),
    )


def content_type(output: str) -> str:
    """The media type ClickHouse gives a format."""
    name = output.lower()
    if name.startswith("json"):
        by_line = name.endswith("eachrow") or name == "jsonlines"
        return "application/x-ndjson; charset=UTF-8" if by_line else "application/json; charset=UTF-8"
    if name.startswith("csv"):
        return "text/csv; charset=UTF-8"
    if name.startswith(("tabseparated", "tsv")):
        return "text/tab-separated-values; charset=UTF-8"
    if name.startswith(("pretty", "vertical", "values", "markdown")):
        return "text/plain; charset=UTF-8"
    return "application/xml; charset=UTF-8" if name == "xml" else "application/octet-stream"
