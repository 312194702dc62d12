"""Compressed bodies, piece by piece: HTTP encodings and ClickHouse's own block format."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from typing import Any, Protocol

import lz4.block
import lz4.frame
import zstandard
from clickhouse_cityhash.cityhash import CityHash128

from clickhouse_server.errors import WarehouseError

BLOCK_SIZE = 1 << 20
MAX_BLOCK_SIZE = 64 << 20
PACKED_STEP = 512
"""Unpacks to 16 MB at the very most (Zstandard: 128 KiB from each four bytes)."""
CHECKSUM_SIZE = 16
HEADER = struct.Struct("<BII")
LZ4_METHOD = 0x82
ZSTD_METHOD = 0x90
PLAIN_METHOD = 0x02


class Coder(Protocol):
    """Bytes in, bytes out; `finish` gives what is left."""

    def update(self, data: bytes) -> bytes:
        """Take a piece; give what can be given."""

    def finish(self) -> bytes:
        """No more pieces."""


class Decoder(Coder, Protocol):
    """A coder for what a client sent; `step` is how many bytes it should be given at a time."""

    step: int


class Plain:
    """No coding at all."""

    step = BLOCK_SIZE

    def update(self, data: bytes) -> bytes:
        """The same bytes."""
        return data

    def finish(self) -> bytes:
        """Nothing is held back."""
        return b""


def _unreadable(what: str) -> WarehouseError:
    return WarehouseError(271, "CANNOT_DECOMPRESS", f"Cannot decompress the request body: {what}")


class Members:
    """Decompress one or more members (frames) that follow each other."""

    step = PACKED_STEP

    def __init__(self, encoding: str, new_member: Callable[[], Any]) -> None:
        self._encoding = encoding
        self._new_member = new_member
        self._member: Any = None

    def update(self, data: bytes) -> bytes:
        """Decompress a piece."""
        out = []
        try:
            while data:
                self._member = self._member or self._new_member()
                out.append(self._member.decompress(data))
                data = self._member.unused_data or b"" if self._member.eof else b""
                if self._member.eof:
                    self._member = None
        except (zlib.error, RuntimeError, zstandard.ZstdError) as error:
            raise _unreadable(f"not valid {self._encoding} ({error})") from error
        return b"".join(out)

    def finish(self) -> bytes:
        """A member that has not ended is an error: the body was cut."""
        if self._member is not None:
            raise _unreadable(f"{self._encoding} data ends too early")
        return b""


class BlockReader:
    """ClickHouse's own format: blocks of checksum, method, sizes and data."""

    step = PACKED_STEP

    def __init__(self) -> None:
        self._buffer = bytearray()

    def update(self, data: bytes) -> bytes:
        """Decompress every block that is complete."""
        self._buffer += data
        out = []
        while len(self._buffer) >= CHECKSUM_SIZE + HEADER.size:
            method, size, plain_size = HEADER.unpack_from(self._buffer, CHECKSUM_SIZE)
            if not HEADER.size <= size <= MAX_BLOCK_SIZE or plain_size > MAX_BLOCK_SIZE:
                raise _unreadable(f"impossible block size {size}")
            end = CHECKSUM_SIZE + size
            if len(self._buffer) < end:
                break
            out.append(_read_block(bytes(self._buffer[:end]), method, plain_size))
            del self._buffer[:end]
        return b"".join(out)

    def finish(self) -> bytes:
        """A block that is not complete is an error."""
        if self._buffer:
            raise _unreadable("compressed block ends too early")
        return b""


def _checksum(block: bytes) -> bytes:
    value: int = CityHash128(block)
    return struct.pack("<QQ", value >> 64, value & 0xFFFFFFFFFFFFFFFF)


def _read_block(block: bytes, method: int, plain_size: int) -> bytes:
    if _checksum(block[CHECKSUM_SIZE:]) != block[:CHECKSUM_SIZE]:
        raise WarehouseError(
            40, "CHECKSUM_DOESNT_MATCH", "Checksum doesn't match: corrupted data in the request body"
        )
    data = block[CHECKSUM_SIZE + HEADER.size :]
    try:
        if method == LZ4_METHOD:
            return bytes(lz4.block.decompress(data, uncompressed_size=plain_size))
        if method == ZSTD_METHOD:
            return bytes(zstandard.ZstdDecompressor().decompress(data, max_output_size=plain_size))
    except (lz4.block.LZ4BlockError, zstandard.ZstdError) as error:
        raise _unreadable(str(error)) from error
    if method == PLAIN_METHOD:
        return data
    raise _unreadable(f"unknown block compression method {method:#x}")


class BlockWriter:
    """Compress into ClickHouse's own format, with LZ4."""

    def update(self, data: bytes) -> bytes:
        """Each piece becomes blocks of at most 1 MiB."""
        return b"".join(
            _write_block(data[place : place + BLOCK_SIZE]) for place in range(0, len(data), BLOCK_SIZE)
        )

    def finish(self) -> bytes:
        """Nothing is held back."""
        return b""


def _write_block(data: bytes) -> bytes:
    packed: bytes = lz4.block.compress(data, store_size=False)
    block = HEADER.pack(LZ4_METHOD, len(packed) + HEADER.size, len(data)) + packed
    return _checksum(block) + block


class Lz4Frames:
    """Compress into one LZ4 frame."""

    def __init__(self) -> None:
        self._compressor = lz4.frame.LZ4FrameCompressor()
        self._begun = False

    def update(self, data: bytes) -> bytes:
        """Compress a piece."""
        head = b"" if self._begun else self._compressor.begin()
        self._begun = True
        return bytes(head + self._compressor.compress(data))

    def finish(self) -> bytes:
        """End the frame."""
        return bytes(self.update(b"") + self._compressor.flush())


class Flushed:
    """Compress with an object that has `compress` and `flush`."""

    def __init__(self, compressor: Any) -> None:
        self._compressor = compressor

    def update(self, data: bytes) -> bytes:
        """Compress a piece."""
        return bytes(self._compressor.compress(data))

    def finish(self) -> bytes:
        """End the stream."""
        return bytes(self._compressor.flush())


DECODERS: dict[str, Callable[[], Decoder]] = {
    "identity": Plain,
    "gzip": lambda: Members("gzip", lambda: zlib.decompressobj(31)),
    "deflate": lambda: Members("deflate", zlib.decompressobj),
    "lz4": lambda: Members("lz4", lz4.frame.LZ4FrameDecompressor),
    "zstd": lambda: Members("zstd", lambda: zstandard.ZstdDecompressor().decompressobj()),
}
ENCODERS: dict[str, Callable[[], Coder]] = {
    "zstd": lambda: Flushed(zstandard.ZstdCompressor(level=1).compressobj()),
    "lz4": Lz4Frames,
    "gzip": lambda: Flushed(zlib.compressobj(3, wbits=31)),
    "deflate": lambda: Flushed(zlib.compressobj(3)),
}


def decoder(encoding: str, *, blocks: bool) -> Decoder:
    """The coder for a request body: its Content-Encoding, or ClickHouse's blocks (`decompress=1`)."""
    if blocks:
        return BlockReader()
    if encoding not in DECODERS:
        raise WarehouseError(
            89,
            "UNKNOWN_COMPRESSION_METHOD",
            f"Unknown Content-Encoding {encoding}; known: {', '.join(DECODERS)}",
        )
    return DECODERS[encoding]()


def choose_encoding(accepted: str) -> str | None:
    """The first encoding of an Accept-Encoding header that we can write; its order is the client's wish."""
    for item in accepted.lower().split(","):
        name, _, weight = item.partition(";")
        if name.strip() in ENCODERS and weight.replace(" ", "") not in {"q=0", "q=0.0"}:
            return name.strip()
    return None


def encoder(encoding: str | None, *, blocks: bool) -> Coder:
    """The coder for a response body."""
    if blocks:
        return BlockWriter()
    return ENCODERS[encoding]() if encoding else Plain()
