"""The format Native in the protocol version that a client asks for (`client_protocol_version`).

The engine writes its blocks as for version 0. Later versions put a description before each block, the time
zone into the type DateTime, and a byte that marks special encodings (there are none) before each column.
LowCardinality columns keep their type in every version, as in version 0.
"""

from __future__ import annotations

from clickhouse_server.engine import Connection
from clickhouse_server.errors import ClickHouseError
from clickhouse_server.execution import Result
from clickhouse_server.native_columns import skip_column, varint
from clickhouse_server.statement import Statement

WITH_TIME_ZONE = 54337
WITH_ENCODING_MARK = 54454
BLOCK_INFO = b"\x01\x00\x02\xff\xff\xff\xff\x00"
"""Field 1: no overflow row; field 2: bucket -1; end."""


class NativeResult:
    """A result in Native, rewritten block by block for a protocol version."""

    def __init__(
        self, result: Result, version: int, time_zones: dict[str, str], *, one_block_a_read: bool
    ) -> None:
        """`time_zones`: the full types of the DateTime columns that have a time zone, by column."""
        self._result = result
        self._one_block_a_read = one_block_a_read
        self._version = version
        self._time_zones = time_zones if version >= WITH_TIME_ZONE else {}
        self.counts = result.counts

    def read(self) -> bytes:
        """The next block; all of them if the engine gives them at once."""
        data = self._result.read()
        if not data or self._one_block_a_read:
            return self._block(data, 0)[0] if data else b""
        blocks, place = [], 0
        while place < len(data):
            block, place = self._block(data, place)
            blocks.append(block)
        return b"".join(blocks)

    def _block(self, data: bytes, start: int) -> tuple[bytes, int]:
        """One rewritten block, and the place after it."""
        if self._one_block_a_read and not self._time_zones and self._version < WITH_ENCODING_MARK:
            return BLOCK_INFO + data, len(data)
        return self._rewrite(data, start)

    def _rewrite(self, block: bytes, start: int) -> tuple[bytes, int]:
        columns, place = varint(block, start)
        rows, place = varint(block, place)
        parts, copied = [BLOCK_INFO], start
        for number in range(columns):
            name, place = _text(block, place)
            type_start = place
            kind, place = _text(block, place)
            parts.append(block[copied:type_start])
            parts.append(_encode(self._time_zones.get(name, kind) if kind == "DateTime" else kind))
            if self._version >= WITH_ENCODING_MARK:
                parts.append(b"\x00")
            copied = place
            is_last = self._one_block_a_read and number + 1 == columns
            place = len(block) if is_last else skip_column(block, place, rows, kind)
        return b"".join([*parts, block[copied:place]]), place

    def close(self) -> None:
        """Stop reading; the query ends."""
        self._result.close()


def _text(block: bytes, place: int) -> tuple[str, int]:
    size, place = varint(block, place)
    return block[place : place + size].decode("utf-8", "surrogateescape"), place + size


def _encode(text: str) -> bytes:
    data = text.encode("utf-8", "surrogateescape")
    size, head = len(data), bytearray()
    while size >= 0x80:
        head.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes(head) + bytes([size]) + data


def read_time_zones(connection: Connection, statement: Statement, params: dict[str, str]) -> dict[str, str]:
    """The types of a SELECT's DateTime columns with a time zone, by column."""
    query = statement.text[: statement.body_end]
    try:
        described = connection.rows(f"DESCRIBE TABLE ({query}\n)", params)
    except ClickHouseError:
        return {}  # the statement itself is about to fail in the same way, and then says why
    return {row[0]: row[1] for row in described if row[1].startswith("DateTime('")}
