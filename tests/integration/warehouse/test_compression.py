"""ClickHouse's own compressed blocks (`compress=1`, `decompress=1`) and HTTP encodings, byte for byte."""

from __future__ import annotations

import gzip
import zlib

import lz4.frame
import pytest
import zstandard

from clickhouse_server.compression import BlockDecoder, BlockEncoder
from tests.integration.warehouse.conftest import Ask

ROWS = b"".join(b"%d\trow number %d\n" % (number, number) for number in range(200_000))


def test_blocks_in_and_out(ask: Ask, table: str) -> None:
    written = BlockEncoder().update(ROWS)
    assert len(written) < len(ROWS)
    assert ask(f"INSERT INTO {table} FORMAT TSV", data=written, decompress=1).status_code == 200
    answer = ask(f"SELECT * FROM {table} ORDER BY id", compress=1)
    assert BlockDecoder().update(answer.content) == ROWS


def test_a_corrupted_block_is_refused(ask: Ask, table: str) -> None:
    written = bytearray(BlockEncoder().update(ROWS))
    written[-1] ^= 1
    answer = ask(f"INSERT INTO {table} FORMAT TSV", data=bytes(written), decompress=1)
    assert answer.headers["X-ClickHouse-Exception-Code"] == "40"
    cut = ask(f"INSERT INTO {table} FORMAT TSV", data=BlockEncoder().update(ROWS)[:-5], decompress=1)
    assert cut.headers["X-ClickHouse-Exception-Code"] == "271"
    assert ask(f"SELECT count() FROM {table}").text == "0\n"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "lz4", "zstd"])
def test_http_encodings_in_and_out(ask: Ask, table: str, encoding: str) -> None:
    pack = {
        "gzip": gzip.compress,
        "deflate": zlib.compress,
        "lz4": lz4.frame.compress,
        "zstd": zstandard.ZstdCompressor().compress,
    }[encoding]
    unpack = {
        "gzip": lambda data: data,  # requests decodes these two by itself
        "deflate": lambda data: data,
        "lz4": lz4.frame.decompress,
        "zstd": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
    }[encoding]
    sent = ask(f"INSERT INTO {table} FORMAT TSV", data=pack(ROWS), headers={"Content-Encoding": encoding})
    assert sent.status_code == 200, sent.text
    wanted = {"Accept-Encoding": encoding}
    answer = ask(f"SELECT * FROM {table} ORDER BY id", enable_http_compression=1, headers=wanted, stream=True)
    assert answer.headers["Content-Encoding"] == encoding
    raw = answer.raw.read()
    assert len(raw) < len(ROWS)
    unpacked = {"gzip": gzip.decompress, "deflate": zlib.decompress}.get(encoding, unpack)(raw)
    assert unpacked == ROWS


def test_a_cut_encoding_is_an_error(ask: Ask, table: str) -> None:
    cut = gzip.compress(ROWS)[:-100]
    answer = ask(f"INSERT INTO {table} FORMAT TSV", data=cut, headers={"Content-Encoding": "gzip"})
    assert answer.headers["X-ClickHouse-Exception-Code"] == "271"
    unknown = ask("SELECT 1", headers={"Content-Encoding": "rot13"})
    assert unknown.headers["X-ClickHouse-Exception-Code"] == "89"
    assert ask(f"SELECT count() FROM {table}").text == "0\n"
