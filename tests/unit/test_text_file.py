"""Reading data files: any input takes bounded memory and work, and what exceeds a limit is named."""

from __future__ import annotations

import gzip
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from tradewind.source import text_file
from tradewind.source.errors import LoadError
from tradewind.source.files import FileSpec, integer, read, text

pytestmark = pytest.mark.timeout(60)

SPEC = FileSpec("pets", (text("name"), integer("age", 0, 99)))
FLEXIBLE = FileSpec("pets", SPEC.fields, is_flexible=True)
MIB = 1024 * 1024


def rows(path: Path, spec: FileSpec = SPEC) -> list[tuple[int, list[str | None]]]:
    return list(read(path, spec))


def bomb(mebibytes: int) -> bytes:
    """A few bytes of zstd that hold a header and one line of so many mebibytes."""
    compressor = zstandard.ZstdCompressor().compressobj()
    parts = [compressor.compress(b"name,age\n"), *(compressor.compress(b"a" * MIB) for _ in range(mebibytes))]
    return b"".join([*parts, compressor.flush()])


def test_one_huge_line_in_a_few_bytes_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "pets.csv.zst"
    path.write_bytes(bomb(512))
    assert path.stat().st_size < 100_000
    tracemalloc.start()
    started = time.process_time()
    try:
        with pytest.raises(LoadError, match="line 2: has a row of more than 16 MiB"):
            rows(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert time.process_time() - started < 10
    assert peak < 100 * MIB


def test_reading_time_grows_with_the_size_and_not_with_its_square(tmp_path: Path) -> None:
    path, seconds = tmp_path / "pets.csv.zst", []
    for size in (1, 8):
        path.write_bytes(zstandard.compress(b"name,age\n" + b"a" * (size * MIB) + b",1\n"))
        started = time.process_time()
        assert len(rows(path)) == 1
        seconds.append(time.process_time() - started)
    assert seconds[1] < 32 * max(seconds[0], 0.01)


def test_a_row_that_spreads_over_many_lines_is_limited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_file, "LONGEST_ROW", MIB)
    path = tmp_path / "pets.csv"
    path.write_text('name,age\n"' + "a\n" * MIB)
    with pytest.raises(LoadError, match="line 2: has a row of more than 1 MiB"):
        rows(path)


def test_the_limit_is_for_a_row_and_not_for_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_file, "LONGEST_ROW", 20)
    path = tmp_path / "pets.csv"
    path.write_text("name,age\n" + "cat,1\n" * 1_000)
    assert len(rows(path)) == 1_000


def test_a_text_that_is_larger_than_its_limit_is_refused(tmp_path: Path) -> None:
    spec = FileSpec("pets", SPEC.fields, largest_text=6_009)
    path = tmp_path / "pets.csv"
    path.write_bytes(gzip.compress(b"name,age\n" + b"cat,1\n" * 1_000))
    assert len(rows(path, spec)) == 1_000
    path.write_bytes(gzip.compress(b"name,age\n" + b"cat,1\n" * 1_001))
    with pytest.raises(LoadError, match="line 1002: has more than 6009 bytes of text; split it"):
        rows(path, spec)


@pytest.mark.parametrize(
    ("name", "compress"),
    [
        ("pets.csv", gzip.compress),
        ("pets.csv", zstandard.compress),
        ("pets.csv.gz", gzip.compress),
        ("PETS.CSV.GZ", gzip.compress),
        ("pets.csv.zst", zstandard.compress),
        ("pets.csv.ZST", zstandard.compress),
    ],
)
def test_compression_is_recognised_by_the_content_or_the_name(
    tmp_path: Path, name: str, compress: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / name
    path.write_bytes(compress(b"name,age\ncat,1\n"))
    assert rows(path) == [(2, ["cat", "1"])]


@pytest.mark.parametrize("name", ["pets.csv.gz", "pets.csv.zst"])
def test_a_truncated_or_damaged_file_is_named(tmp_path: Path, name: str) -> None:
    content = b"name,age\n" + b"".join(b"cat,%d\n" % (number % 99) for number in range(50_000))
    whole = gzip.compress(content) if name.endswith("gz") else zstandard.compress(content)
    path = tmp_path / name
    for damaged in (whole[:-9], whole[: len(whole) // 2], b"no compression at all"):
        path.write_bytes(damaged)
        with pytest.raises(LoadError, match=rf"{name}, line \d+: cannot be decompressed"):
            rows(path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"PK\x03\x04rest", "is a zip archive or a spreadsheet; save it as CSV"),
        ("name,age\n".encode("utf-16"), "is UTF-16 text; save it as UTF-8"),
        ("name,age\nk\u00e4tzchen,1\n".encode("latin-1"), "line 2: is not valid UTF-8"),
        (b"", "line 1: is empty"),
    ],
)
def test_a_file_of_another_kind_is_named(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "pets.csv"
    path.write_bytes(content)
    with pytest.raises(LoadError, match=reason):
        rows(path)


@pytest.mark.parametrize(
    "content",
    [
        "name,age\ncat,1\n",
        "name;age\ncat;1\n",
        "name\tage\ncat\t1\n",
        "name|age\ncat|1\n",
        "sep=;\nname;age\ncat;1\n",
        '"sep=,"\r\nname,age\r\ncat,1\r\n',
        "Sep=\t\nName\tAge\ncat\t1\n",
        "Name, AGE \ncat,1\n",
        '"Age";"Name"\n1;cat\n',
        "\ufeffname;age\ncat;1\n",
        "name,age\ncat,1\n\n",
        "name,age\ncat,1\n\r\n  \n"[:-3],
        "name;age\ncat;1\n;\n;\n",
    ],
)
def test_a_file_that_a_person_wrote_is_read(tmp_path: Path, content: str) -> None:
    path = tmp_path / "pets.csv"
    path.write_bytes(content.encode())
    assert [row for _, row in rows(path, FLEXIBLE)] == [["cat", "1"]]


def test_lines_are_counted_from_the_first_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "pets.csv"
    path.write_text("sep=;\nname;age\ncat;1\n\ndog;old\n")
    with pytest.raises(LoadError, match=r"pets\.csv, line 5, column age: 'old' is not a whole number"):
        rows(path, FLEXIBLE)


def test_a_header_without_the_columns_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "pets.csv"
    path.write_text("Animal;Years\ncat;1\n")
    with pytest.raises(
        LoadError, match="line 1, column name: column is missing; the header has animal;years"
    ):
        rows(path, FLEXIBLE)
    path.write_text("Name;Years\ncat;1\n")
    with pytest.raises(LoadError, match="line 1, column age: column is missing; the header has name, years"):
        rows(path, FLEXIBLE)


def test_a_data_set_is_read_as_strictly_as_ever(tmp_path: Path) -> None:
    path = tmp_path / "pets.csv"
    for content in ("Name,age\ncat,1\n", "name;age\ncat;1\n", "name,age\ncat,1\n\n"):
        path.write_text(content)
        with pytest.raises(LoadError):
            rows(path)
