"""A data file as lines of text, plain or compressed, read with bounded memory and work.

Compression is recognised by the file's first bytes and by its name. However small a compressed file is, it
may hold any amount of text: lines, rows and the whole text have limits, and what exceeds one is a LoadError.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import zstandard
from typing_extensions import Buffer

from tradewind.source.errors import LoadError

LONGEST_ROW = 16 * 1024 * 1024
"""Characters of one row, which quoted values may spread over many lines."""

LARGEST_TEXT = 8 * 1024**3
"""Characters of one file, decompressed, unless a caller sets another limit."""

# A zstd block of four bytes may hold 128 KiB, so this much input gives at most 32 MiB at once.
_ZSTD_INPUT = 1024
_LARGEST_WINDOW = 2**27

_ZSTD, _GZIP = b"\x28\xb5\x2f\xfd", b"\x1f\x8b"
_OTHER_KINDS = {
    b"PK\x03\x04": "is a zip archive or a spreadsheet; save it as CSV",
    b"\xff\xfe": "is UTF-16 text; save it as UTF-8",
    b"\xfe\xff": "is UTF-16 text; save it as UTF-8",
}

DECOMPRESSION_ERRORS = (zstandard.ZstdError, EOFError, zlib.error, gzip.BadGzipFile)


class Lines:
    """The lines of a text, with their line ends; LoadError for what exceeds a limit.

    The reader sets `row_size` to 0 when a row is complete.
    """

    def __init__(self, stream: io.TextIOBase, file: str, largest_text: int) -> None:
        self._stream, self._file, self._largest_text = stream, file, largest_text
        self.number = 0
        self.row_size = 0
        self._row_start = 1
        self._text_size = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._stream.readline(LONGEST_ROW + 1 - self.row_size)
        if not line:
            raise StopIteration
        self.number += 1
        if not self.row_size:
            self._row_start = self.number
        self.row_size += len(line)
        self._text_size += len(line)
        if self.row_size > LONGEST_ROW:
            raise LoadError(self._file, f"has a row of more than {_size(LONGEST_ROW)}", self._row_start)
        if self._text_size > self._largest_text:
            raise LoadError(
                self._file, f"has more than {_size(self._largest_text)} of text; split it", self.number
            )
        return line


@contextmanager
def open_lines(path: Path, largest_text: int = LARGEST_TEXT) -> Iterator[Lines]:
    """The file's lines; LoadError if it cannot be opened or is no text file."""
    try:
        opened = path.open("rb")
    except OSError as error:
        raise LoadError(path.name, f"cannot be read: {error.strerror}") from error
    with opened as raw:
        head = raw.read(4)
        raw.seek(0)
        for magic, reason in _OTHER_KINDS.items():
            if head.startswith(magic):
                raise LoadError(path.name, reason)
        with io.TextIOWrapper(_plain(raw, path, head), encoding="utf-8-sig", newline="") as text:
            yield Lines(text, path.name, largest_text)


def _plain(raw: io.BufferedReader, path: Path, head: bytes) -> io.BufferedReader:
    """The file's bytes, decompressed."""
    suffix = path.suffix.lower()
    if suffix == ".zst" or head.startswith(_ZSTD):
        return io.BufferedReader(_Zstandard(raw))
    if suffix == ".gz" or head.startswith(_GZIP):
        return io.BufferedReader(gzip.GzipFile(fileobj=raw))
    return raw


def _size(characters: int) -> str:
    for unit, name in ((1024**3, "GiB"), (1024**2, "MiB")):
        if characters >= unit:
            return f"{characters / unit:g} {name}"
    return f"{characters} bytes"


class _Zstandard(io.RawIOBase):
    """A decompressed stream that notices a truncated file, which zstandard's own reader does not."""

    def __init__(self, compressed: BinaryIO) -> None:
        self._compressed = compressed
        self._decompressor = zstandard.ZstdDecompressor(max_window_size=_LARGEST_WINDOW)
        self._frame = self._decompressor.decompressobj()
        self._rest = b""
        self._plain = memoryview(b"")

    def readable(self) -> bool:
        """Always: the file is open for reading."""
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        """Fill the buffer; 0 at the end of a complete file, EOFError at the end of a truncated one."""
        while not self._plain:
            chunk = self._rest or self._compressed.read(_ZSTD_INPUT)
            if not chunk:
                if not self._frame.eof:
                    raise EOFError("the file is truncated")
                return 0
            if self._frame.eof:
                self._frame = self._decompressor.decompressobj()
            self._plain = memoryview(self._frame.decompress(chunk))
            self._rest = self._frame.unused_data
        target = memoryview(buffer).cast("B")
        count = min(len(target), len(self._plain))
        target[:count] = self._plain[:count]
        self._plain = self._plain[count:]
        return count
