"""Compression in the ClickHouse server: what other programs wrote is read, however it is cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clickhouse_server.compression import BlockDecoder, BlockEncoder, choose_encoding, decoder, encoder
from clickhouse_server.errors import ClickHouseError

# Recorded from requests of ClickHouse's JDBC driver 0.9.9 (with decompress=true).
JDBC_INSERT = (
    "f0d13e373621284bf7c4253ac7e02f53825500000051000000f01e494e5345525420494e544f2064656661756c"
    "742e77202869642c206e616d65292056414c5545532028302c2027120074203027292c28310e0010310e00c0322c20276e616d6520322729"
)
JDBC_SELECT = (
    "777280ce9544faae9948d59c0fe0e0e582280000001d000000f00e53454c45435420636f756e7428292046524f"
    "4d2064656661756c742e77"
)
# Written by ClickHouse's Go library ch-go (used by clickhouse-go and Grafana), one with each method.
CH_GO_TEXT = b"SELECT 'compressed by ch-go, compressed by ch-go'"
CH_GO = {
    "LZ4": "b88dbc92157e3bc045f72d7c0483f1e6823a00000031000000f00e53454c4543542027636f6d70726573736564"
    "2062792063682d676f2c201500001500c065642062792063682d676f27",
    "ZSTD": "7b00687a86208b4d45c88e569e54f30d903c0000003100000028b52ffd0400350100e40153454c454354202763"
    "6f6d707265737365642062792063682d676f2c2027015415041061cb5f60f7",
    "none": "c5dee5bcff957a44f75c5ecc98a80858023a0000003100000053454c4543542027636f6d707265737365642062"
    "792063682d676f2c20636f6d707265737365642062792063682d676f27",
}


@pytest.mark.parametrize(
    ("recorded", "text"),
    [
        (
            JDBC_INSERT,
            b"INSERT INTO default.w (id, name) VALUES (0, 'name 0'),(1, 'name 1'),(2, 'name 2')",
        ),
        (JDBC_SELECT, b"SELECT count() FROM default.w"),
        *((recorded, CH_GO_TEXT) for recorded in CH_GO.values()),
    ],
    ids=["JDBC insert", "JDBC select", *CH_GO],
)
def test_blocks_of_real_clients_are_read(recorded: str, text: bytes) -> None:
    reader = BlockDecoder()
    assert reader.update(bytes.fromhex(recorded)) + reader.finish() == text


@pytest.mark.parametrize("recorded", [JDBC_INSERT, *CH_GO.values()])
def test_a_changed_byte_of_a_real_clients_block_is_noticed(recorded: str) -> None:
    block = bytearray.fromhex(recorded)
    block[-3] ^= 1
    with pytest.raises(ClickHouseError, match="Checksum doesn't match"):
        BlockDecoder().update(bytes(block))


@given(st.lists(st.binary(max_size=5000), max_size=8), st.integers(1, 4000))
def test_blocks_survive_any_cutting(pieces: list[bytes], cut: int) -> None:
    writer, reader = BlockEncoder(), BlockDecoder()
    packed = b"".join(writer.update(piece) for piece in pieces)
    plain = b"".join(reader.update(packed[place : place + cut]) for place in range(0, len(packed), cut))
    assert plain + reader.finish() == b"".join(pieces)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "lz4", "zstd"])
@given(pieces=st.lists(st.binary(max_size=3000), min_size=1, max_size=5), cut=st.integers(1, 2000))
def test_encodings_survive_any_cutting(encoding: str, pieces: list[bytes], cut: int) -> None:
    pack, unpack = encoder(encoding, blocks=False), decoder(encoding, blocks=False)
    packed = b"".join(pack.update(piece) for piece in pieces) + pack.finish()
    plain = b"".join(unpack.update(packed[place : place + cut]) for place in range(0, len(packed), cut))
    assert plain + unpack.finish() == b"".join(pieces)


def test_the_clients_first_known_encoding_is_chosen() -> None:
    assert choose_encoding("br;q=1, zstd, lz4") == "zstd"
    assert choose_encoding("gzip;q=0, lz4") == "lz4"
    assert choose_encoding("br") is None
    assert choose_encoding("") is None
