"""Bodies stream: what passes through the server does not pile up in its memory."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.warehouse import RunningWarehouse
from tests.integration.warehouse.conftest import asker

MEGABYTE = 1 << 20
LARGE_BODY_SIZE = 2048 * MEGABYTE
BODY_SIZE = 800 * MEGABYTE
BOUND = 600 * MEGABYTE
PIECE = b"".join(b"%d\t%s\n" % (number, b"x" * 90) for number in range(10_000))


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[RunningWarehouse]:
    """A server whose memory nothing else has touched."""
    server = RunningWarehouse(tmp_path)
    server.start()
    yield server
    server.stop()


def resident(server: RunningWarehouse) -> int:
    """The process's resident memory in bytes, now."""
    status = Path(f"/proc/{server.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) * 1024


class Peak:
    """The greatest growth of resident memory while it watches."""

    def __init__(self, server: RunningWarehouse) -> None:
        self._server = server
        self._start = resident(server)
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.growth = 0

    def _watch(self) -> None:
        while not self._done.wait(0.02):
            self.growth = max(self.growth, resident(self._server) - self._start)

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()


def test_a_large_insert_does_not_live_in_memory(fresh: RunningWarehouse) -> None:
    ask = asker(fresh)
    ask("CREATE TABLE big (id UInt64, text String) ENGINE = Null")
    pieces = LARGE_BODY_SIZE // len(PIECE)
    with Peak(fresh) as peak:
        body = itertools.chain([b"INSERT INTO big FORMAT TSV\n"], itertools.repeat(PIECE, pieces))
        answer = ask(body)  # type: ignore[arg-type]
    assert answer.status_code == 200, answer.text
    assert f'"written_rows":"{pieces * 10_000}"' in answer.headers["X-ClickHouse-Summary"]
    assert peak.growth < BOUND


@pytest.mark.parametrize(
    ("output", "waits", "body_size"),
    [
        ("TSV", 0, LARGE_BODY_SIZE),
        ("JSONCompact", 0, BODY_SIZE),
        ("Parquet", 0, BODY_SIZE),
        ("Native", 1, BODY_SIZE),
    ],
)
def test_a_large_result_does_not_live_in_memory(
    fresh: RunningWarehouse, output: str, waits: int, body_size: int
) -> None:
    ask = asker(fresh)
    text = "concat(toString(number), repeat('x', 85))"
    query = f"SELECT number, {text} FROM numbers({body_size // 100}) FORMAT {output}"
    settings = {"max_threads": 1, "output_format_parquet_compression_method": "none"}
    size = 0
    with Peak(fresh) as peak:
        for piece in ask(query, stream=True, wait_end_of_query=waits, **settings).iter_content(MEGABYTE):
            size += len(piece)
    assert size > body_size * 0.8
    assert peak.growth < BOUND
