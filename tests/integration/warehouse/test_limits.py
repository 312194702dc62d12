"""What one client may cost the others: memory, waiting places, slots."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import zstandard

from clickhouse_server.compression import BlockEncoder
from tests.fixtures.warehouse import RunningWarehouse
from tests.integration.warehouse.conftest import Ask, asker
from tests.integration.warehouse.test_stopping import ENDLESS, InBackground, raw_request, wait_until

MEGABYTE = 1 << 20


@contextmanager
def started(folder: Path, *options: str) -> Iterator[RunningWarehouse]:
    """A server of its own."""
    server = RunningWarehouse(folder, *options)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def largest_memory(server: RunningWarehouse) -> int:
    """The most memory that the process ever held, in bytes."""
    status = Path(f"/proc/{server.pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def zstd_of_zeros(megabytes: int) -> bytes:
    """A small body that unpacks to very much."""
    packer = zstandard.ZstdCompressor().compressobj()
    zeros = bytes(MEGABYTE)
    return b"".join(packer.compress(zeros) for _ in range(megabytes)) + packer.flush()


def test_a_small_body_that_unpacks_to_very_much_takes_little_memory(tmp_path: Path) -> None:
    body = zstd_of_zeros(2000)
    assert len(body) < MEGABYTE
    with started(tmp_path) as server:
        ask = asker(server)
        assert ask("SELECT 1", data=zstd_of_zeros(1), headers={"Content-Encoding": "zstd"}).status_code == 400
        before = largest_memory(server)
        answer = ask("SELECT 1", "bi", data=body, headers={"Content-Encoding": "zstd"})
        assert answer.headers["X-ClickHouse-Exception-Code"] == "223"
        assert largest_memory(server) - before < 300 * MEGABYTE


def test_a_compressed_block_of_impossible_size_is_refused(ask: Ask) -> None:
    block = bytearray(BlockEncoder().update(b"SELECT 1"))
    block[21:25] = (1 << 30).to_bytes(4, "little")
    answer = ask(bytes(block), decompress=1)
    assert answer.headers["X-ClickHouse-Exception-Code"] == "271"


def test_a_client_that_takes_nothing_gives_its_slot_back(tmp_path: Path) -> None:
    with started(tmp_path, "--max-queries", "1", "--client-seconds", "1") as server, ExitStack() as stalled:
        stalled.enter_context(raw_request(server, "SELECT * FROM numbers(100000000000)", "stalled"))
        wait_until(lambda: "stalled" in asker(server)("KILL QUERY WHERE 1 TEST").text)
        assert asker(server)("SELECT 'served'").text == "served\n"


def test_a_client_that_stops_sending_gives_its_slot_back(tmp_path: Path) -> None:
    with started(tmp_path, "--max-queries", "1", "--client-seconds", "1") as server, ExitStack() as stalled:
        ask = asker(server)
        ask("CREATE TABLE default.t (id UInt64) ENGINE = MergeTree ORDER BY id")
        text = "INSERT INTO default.t FORMAT TSV\n" + "1\n" * 1_000_000
        stalled.enter_context(raw_request(server, text, "stalled", missing=1000))
        wait_until(lambda: "stalled" in ask("KILL QUERY WHERE 1 TEST").text)
        assert ask("SELECT count() FROM default.t").text == "0\n"


def test_queries_beyond_the_waiting_places_are_refused_at_once(tmp_path: Path) -> None:
    with started(tmp_path, "--max-queries", "1", "--max-queued", "1", "--queue-seconds", "60") as server:
        ask = asker(server)
        running = InBackground(ask, ENDLESS)
        wait_until(lambda: running.query_id in ask("KILL QUERY WHERE 1 TEST").text)
        both = [InBackground(ask, "SELECT 1"), InBackground(ask, "SELECT 1")]
        wait_until(lambda: any(not query.thread.is_alive() for query in both))
        refused = next(query for query in both if not query.thread.is_alive())
        assert refused.code() == "202"
        assert refused.answer is not None
        assert "1 others are waiting already" in refused.answer.text
        ask(f"KILL QUERY WHERE query_id = '{running.query_id}'")
        assert {query.code() for query in both} == {"202", "none"}
        assert running.code() == "394"
