"""Compressed bodies, chunk by chunk: HTTP content encodings and ClickHouse's own compressed blocks."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from typing import Any, Protocol

import lz4.block
import lz4.frame
import zstandard
from clickhouse_cityhash.cityhash import CityHash128

from clickhouse_server.errors import ClickHouseError

BLOCK_SIZE = 1 << 20
MAX_BLOCK_SIZE = 64 << 20
COMPRESSED_STEP = 512
"""Expands to 16 MB at most (Zstandard: 128 KiB from each four bytes)."""
CHECKSUM_SIZE = 16
HEADER = struct.Struct("<BII")
LZ4_METHOD = 0x82
ZSTD_METHOD = 0x90
UNCOMPRESSED_METHOD = 0x02


class Coder(Protocol):
    """Encodes or decodes a stream of bytes."""

    def update(self, data: bytes) -> bytes:
        """Take a chunk; returns the output that is ready."""

    def finish(self) -> bytes:
        """End the stream; returns the rest of the output."""


class Decoder(Coder, Protocol):
    """A coder for a request body; `step` is how many bytes to give it at a time."""

    step: int


class Identity:
    """Leaves the bytes as they are."""

    step = BLOCK_SIZE

    def update(self, data: bytes) -> bytes:
        """The same bytes."""
        return data

    def finish(self) -> bytes:
        """Nothing is buffered."""
        return b""


def _cannot_decompress(what: str) -> ClickHouseError:
    return ClickHouseError(271, "CANNOT_DECOMPRESS", f"Cannot decompress the request body: {what}")


class FrameDecoder:
    """Decompresses one or more frames (gzip: members) that follow each other."""

    step = COMPRESSED_STEP

    def __init__(self, encoding: str, new_frame: Callable[[], Any]) -> None:
        self._encoding = encoding
        self._new_frame = new_frame
        self._frame: Any = None

    def update(self, data: bytes) -> bytes:
        """Decompress a chunk."""
        out = []
        try:
            while data:
                self._frame = self._frame or self._new_frame()
                out.append(self._frame.decompress(data))
                data = self._frame.unused_data or b"" if self._frame.eof else b""
                if self._frame.eof:
                    self._frame = None
        except (zlib.error, RuntimeError, zstandard.ZstdError) as error:
            raise _cannot_decompress(f"not valid {self._encoding} ({error})") from error
        return b"".join(out)

    def finish(self) -> bytes:
        """Raises for a frame without its end: the body was truncated."""
        if self._frame is not None:
            raise _cannot_decompress(f"{self._encoding} data ends prematurely")
        return b""


class BlockDecoder:
    """Decodes ClickHouse's compressed blocks: checksum, method, sizes, data."""

    step = COMPRESSED_STEP

    def __init__(self) -> None:
        self._buffer = bytearray()

    def update(self, data: bytes) -> bytes:
        """Decompress every block that is complete."""
        self._buffer += data
        out = []
        while len(self._buffer) >= CHECKSUM_SIZE + HEADER.size:
            method, size, uncompressed_size = HEADER.unpack_from(self._buffer, CHECKSUM_SIZE)
            if not HEADER.size <= size <= MAX_BLOCK_SIZE or uncompressed_size > MAX_BLOCK_SIZE:
                raise _cannot_decompress(f"impossible block size {size}")
            end = CHECKSUM_SIZE + size
            if len(self._buffer) < end:
                break
            out.append(_read_block(bytes(self._buffer[:end]), method, uncompressed_size))
            del self._buffer[:end]
        return b"".join(out)

    def finish(self) -> bytes:
        """Raises for an incomplete block."""
        if self._buffer:
            raise _cannot_decompress("compressed block ends prematurely")
        return b""


def _checksum(block: bytes) -> bytes:
    value: int = CityHash128(block)
    return struct.pack("<QQ", value >> 64, value & 0xFFFFFFFFFFFFFFFF)


def _read_block(block: bytes, method: int, uncompressed_size: int) -> bytes:
    if _checksum(block[CHECKSUM_SIZE:]) != block[:CHECKSUM_SIZE]:
        raise ClickHouseError(
            40, "CHECKSUM_DOESNT_MATCH", "Checksum doesn't match: corrupted data in the request body"
        )
    data = block[CHECKSUM_SIZE + HEADER.size :]
    try:
        if method == LZ4_METHOD:
            return bytes(lz4.block.decompress(data, uncompressed_size=uncompressed_size))
        if method == ZSTD_METHOD:
            return bytes(zstandard.ZstdDecompressor().decompress(data, max_output_size=uncompressed_size))
    except (lz4.block.LZ4BlockError, zstandard.ZstdError) as error:
        raise _cannot_decompress(str(error)) from error
    if method == UNCOMPRESSED_METHOD:
        return data
    raise _cannot_decompress(f"unknown block compression method {method:#x}")


class BlockEncoder:
    """Encodes as ClickHouse's compressed blocks, with LZ4."""

    def update(self, data: bytes) -> bytes:
        """Each chunk becomes blocks of at most 1 MiB."""
        return b"".join(
            _write_block(data[place : place + BLOCK_SIZE]) for place in range(0, len(data), BLOCK_SIZE)
        )

    def finish(self) -> bytes:
        """Nothing is buffered."""
        return b""


def _write_block(data: bytes) -> bytes:
    compressed: bytes = lz4.block.compress(data, store_size=False)
    block = HEADER.pack(LZ4_METHOD, len(compressed) + HEADER.size, len(data)) + compressed
    return _checksum(block) + block


class Lz4FrameEncoder:
    """Compresses into one LZ4 frame."""

    def __init__(self) -> None:
        self._compressor = lz4.frame.LZ4FrameCompressor()
        self._started = False

    def update(self, data: bytes) -> bytes:
        """Compress a chunk."""
        head = b"" if self._started else self._compressor.begin()
        self._started = True
        return bytes(head + self._compressor.compress(data))

    def finish(self) -> bytes:
        """End the frame."""
        return bytes(self.update(b"") + self._compressor.flush())


class StreamEncoder:
    """Compresses with an object that has `compress` and `flush`."""

    def __init__(self, compressor: Any) -> None:
        self._compressor = compressor

    def update(self, data: bytes) -> bytes:
        """Compress a chunk."""
        return bytes(self._compressor.compress(data))

    def finish(self) -> bytes:
        """End the stream."""
        return bytes(self._compressor.flush())


DECODERS: dict[str, Callable[[], Decoder]] = {
    "identity": Identity,
    "gzip": lambda: FrameDecoder("gzip", lambda: zlib.decompressobj(31)),
    "deflate": lambda: FrameDecoder("deflate", zlib.decompressobj),
    "lz4": lambda: FrameDecoder("lz4", lz4.frame.LZ4FrameDecompressor),
    "zstd": lambda: FrameDecoder("zstd", lambda: zstandard.ZstdDecompressor().decompressobj()),
}
ENCODERS: dict[str, Callable[[], Coder]] = {
    "zstd": lambda: StreamEncoder(zstandard.ZstdCompressor(level=1).compressobj()),
    "lz4": Lz4FrameEncoder,
    "gzip": lambda: StreamEncoder(zlib.compressobj(3, wbits=31)),
    "deflate": lambda: StreamEncoder(zlib.compressobj(3)),
}


def decoder(encoding: str, *, blocks: bool) -> Decoder:
    """The coder for a request body: its Content-Encoding, or ClickHouse's blocks (`decompress=1`)."""
    if blocks:
        return BlockDecoder()
    if encoding not in DECODERS:
        raise ClickHouseError(
            89,
            "UNKNOWN_COMPRESSION_METHOD",
            f"Unknown Content-Encoding {encoding}; known: {', '.join(DECODERS)}",
        )
    return DECODERS[encoding]()


def choose_encoding(accepted: str) -> str | None:
    """The first encoding in an Accept-Encoding header that is supported; None if none is."""
    for item in accepted.lower().split(","):
        name, _, weight = item.partition(";")
        if name.strip() in ENCODERS and weight.replace(" ", "") not in {"q=0", "q=0.0"}:
            return name.strip()
    return None


def encoder(encoding: str | None, *, blocks: bool) -> Coder:
    """The coder for a response body."""
    if blocks:
        return BlockEncoder()
    return ENCODERS[encoding]() if encoding else Identity()
