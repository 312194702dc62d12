"""The warehouse's disk fills up in the middle of a load: the capture waits, logs why, and loses nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from clickhouse_server.engine_config import KEEP_FREE_BYTES
from tests.fixtures.postgres import RunningPostgres
from tests.fixtures.warehouse import RunningWarehouse
from tests.integration.capture.conftest import Shop, open_shop
from tests.integration.capture.test_capture_faults import wait_until
from tests.require import lacking

MEGABYTE = 1 << 20
DISK_MEGABYTES = 256
ROWS_PER_LOAD = 20_000
# Text that no codec makes much smaller, about a kilobyte a row.
LOAD = """
insert into things
select n, (select string_agg(md5(n::text || part), '') from generate_series(1, 32) as part)
from generate_series(%s::bigint, %s) as n
"""


class OnSmallDisk(RunningWarehouse):
    """A server whose data lies on a disk of its own, which can be filled."""

    @property
    def command(self) -> list[str]:
        mount = f'mount -t tmpfs -o size={DISK_MEGABYTES}m none "{self.data}" && exec "$@"'
        return [*mount_namespace(), "sh", "-c", mount, "sh", *super().command]

    @property
    def filler(self) -> Path:
        """A file on that disk, seen through the process that has it mounted."""
        return Path(f"/proc/{self.pid}/root{self.data}/filler")

    def fill(self) -> bool:
        """Leave no room, also where the engine has given some back."""
        with self.filler.open("ab", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(MEGABYTE))
            except OSError as error:
                assert "No space left" in str(error)
        return False


def mount_namespace() -> list[str]:
    """The words before a command that let it mount a disk for itself alone."""
    words = (
        ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--mount"]
    )
    if not shutil.which("unshare"):
        lacking("mount_namespace", "the program unshare (util-linux) is needed")
    probe = subprocess.run([*words, "true"], capture_output=True, text=True, check=False)
    if probe.returncode:
        lacking("mount_namespace", probe.stderr.strip())
    return words


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[OnSmallDisk]:
    server = OnSmallDisk(tmp_path / "small")
    server.data.mkdir()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def shop(postgres: RunningPostgres, small_disk: OnSmallDisk, tmp_path: Path) -> Iterator[Shop]:
    with open_shop(postgres, small_disk, tmp_path) as opened:
        yield opened


def test_a_full_disk_stops_the_capture_until_there_is_room_and_loses_nothing(
    shop: Shop, small_disk: OnSmallDisk
) -> None:
    shop.run("create table things (id bigint primary key, name text)")
    shop.capture.start()
    shop.source.execute(LOAD, (1, ROWS_PER_LOAD))
    shop.capture.wait_until_caught_up()
    # A disk that another program fills during a merge corrupts the merged part (docs/lessons/0012).
    shop.warehouse.client().command("system stop merges bronze.things")
    small_disk.fill()
    shop.source.execute(LOAD, (ROWS_PER_LOAD + 1, 3 * ROWS_PER_LOAD))
    wait_until(lambda: small_disk.fill() or "disk is full" in shop.capture.log)
    whole = int(shop.query("select uniqExact(_key) from bronze.things"))
    assert ROWS_PER_LOAD <= whole < 3 * ROWS_PER_LOAD, "reading goes on, and the load did not fit"

    small_disk.filler.unlink()
    shop.capture.wait_until_caught_up()
    assert shop.query("select uniqExact(_key), countIf(payload is null) from bronze.things").split() == [
        str(3 * ROWS_PER_LOAD),
        "0",
    ]


def test_nothing_is_begun_on_the_last_of_the_disk(small_disk: OnSmallDisk) -> None:
    client = small_disk.client()
    client.command("create table default.late (id UInt64) engine = MergeTree order by id")
    small_disk.fill()
    with small_disk.filler.open("r+b") as file:
        file.truncate(small_disk.filler.stat().st_size - KEEP_FREE_BYTES * 3 // 4)
    with pytest.raises(Exception, match="NOT_ENOUGH_SPACE"):
        client.command("insert into default.late values (1)")
    small_disk.filler.unlink()
    client.command("insert into default.late values (1)")
    assert client.query("select count() from default.late").result_rows == [(1,)]


def test_a_client_is_told_that_the_disk_is_full_and_its_rows_are_not_there(small_disk: OnSmallDisk) -> None:
    client = small_disk.client()
    client.command("create table default.notes (id UInt64, text String) engine = MergeTree order by id")
    small_disk.fill()
    with pytest.raises(Exception, match=r"(?i)no space left|NOT_ENOUGH_SPACE|not enough space"):
        client.command(
            "insert into default.notes select number, toString(generateUUIDv4()) from numbers(5000000)"
        )
    assert client.query("select count() from default.notes").result_rows == [(0,)]
    small_disk.filler.unlink()
    client.command("insert into default.notes select number, 'small' from numbers(10)")
    assert client.query("select count() from default.notes").result_rows == [(10,)]
