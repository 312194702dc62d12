"""Bronze copied into Iceberg: each row once, whatever is repeated, late or interrupted."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from clickhouse_connect.driver.client import Client

from tests.fixtures.warehouse import RunningWarehouse
from tests.integration.lakehouse.comparison import content, differences
from tradewind.lakehouse import java
from tradewind.lakehouse.export import COLUMNS, export_bronze
from tradewind.lakehouse.lake import Lake
from tradewind.lakehouse.window import ARRIVAL, OVERLAP
from tradewind.warehouse import bronze
from tradewind.warehouse.access import prepare_databases

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.timeout(600)

SIDES = ("warehouse", "lake")


class Copy:
    """A warehouse with two bronze tables, and a lake with an open session."""

    def __init__(self, warehouse: RunningWarehouse, lake: Lake, session: SparkSession) -> None:
        self.warehouse, self.lake, self.session = warehouse, lake, session
        self.client: Client = warehouse.client("admin")

    def arrive(
        self,
        table: str,
        keys: range,
        payload: str = '{"op": "c"}',
        seconds_ago: float = 0,
        ahead: timedelta = timedelta(),
    ) -> None:
        """Insert one event per key, arrived then, handed over now by a clock that is ahead."""
        self.client.command(
            f"insert into bronze.{table} ({', '.join(bronze.WRITTEN_COLUMNS)}, {ARRIVAL}) "
            "select 'ecomm.cdc.x', number % 2, number, now64(3) + interval {ahead:UInt32} second, "
            "toString(number), {payload:String}, "
            "now64(3) - interval {ago:UInt32} second from numbers({first:UInt64}, {count:UInt64})",
            parameters={
                "payload": payload,
                "ago": int(seconds_ago),
                "ahead": int(ahead.total_seconds()),
                "first": keys.start,
                "count": len(keys),
            },
        )

    def export(self, overlap: timedelta = OVERLAP) -> dict[str, int]:
        """Wait until what has arrived is before now, and copy."""
        self.client.command("select sleep(0.01)")
        self.sessions = 0
        done = export_bronze(self.lake, self.client, self._open, overlap=overlap)
        return {name.removeprefix("bronze."): rows for name, rows in done.rows.items()}

    @contextmanager
    def _open(self) -> Iterator[SparkSession]:
        self.sessions += 1
        yield self.session

    def difference(self, table: str) -> str:
        """What differs between the warehouse's table and the lake's."""
        there = self.client.query_arrow(f"select {COLUMNS} from bronze.{table}", use_strings=True)
        here = self.session.table(f"bronze.{table}").toArrow()
        return differences(table, content(there), content(here), SIDES)


@pytest.fixture(scope="module")
def copy(spark: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    folder = tmp_path_factory.mktemp("export")
    warehouse = RunningWarehouse(folder / "engine")
    warehouse.start()
    try:
        with closing(warehouse.client("admin")) as client:
            prepare_databases(client)
        lake = Lake(folder / "lake")
        with lake.session() as session:
            yield Copy(warehouse, lake, session)
    finally:
        warehouse.stop()


@pytest.fixture
def table(copy: Copy, request: pytest.FixtureRequest) -> Iterator[str]:
    """A bronze table of the test's own; the next test's copies leave it out."""
    name = request.node.name.removeprefix("test_")[:40]
    copy.client.command(bronze.create_table(name))
    yield str(name)
    copy.client.command(f"drop table bronze.{name}")


def test_every_row_arrives_once_with_its_values(copy: Copy, table: str) -> None:
    copy.arrive(table, range(0, 500), '{"op": "c", "after": {"name": "Ünïcødé 🙂 \\" \\\\ \\n"}}')
    assert copy.export()[table] == 500
    assert copy.difference(table) == ""


def test_copying_again_adds_nothing(copy: Copy, table: str) -> None:
    copy.arrive(table, range(0, 50))
    assert copy.export()[table] == 50
    assert copy.export()[table] == 0
    assert copy.sessions == 0
    assert copy.difference(table) == ""


def test_only_new_rows_are_added(copy: Copy, table: str) -> None:
    copy.arrive(table, range(0, 50))
    copy.export()
    copy.arrive(table, range(50, 80))
    assert copy.export()[table] == 30
    assert copy.difference(table) == ""


def test_a_redelivered_event_is_copied_as_the_row_that_it_is(copy: Copy, table: str) -> None:
    copy.arrive(table, range(0, 5))
    copy.export()
    copy.arrive(table, range(0, 5))
    assert copy.export()[table] == 5
    assert copy.difference(table) == ""


def test_a_row_that_became_visible_late_is_found(copy: Copy, table: str) -> None:
    copy.arrive(table, range(0, 5))
    copy.export()
    copy.arrive(table, range(5, 8), seconds_ago=OVERLAP.total_seconds() - 60)
    assert copy.export()[table] == 3
    assert copy.difference(table) == ""


def test_a_shorter_overlap_would_miss_it(copy: Copy, table: str) -> None:
    copy.arrive(table, range(0, 5))
    copy.export()
    copy.arrive(table, range(5, 8), seconds_ago=300)
    assert copy.export(timedelta(seconds=1))[table] == 0
    assert copy.export()[table] == 3


def test_a_table_without_rows_is_there_and_empty(copy: Copy, table: str) -> None:
    assert copy.export()[table] == 0
    assert copy.difference(table) == ""
    copy.arrive(table, range(0, 5))
    assert copy.export()[table] == 5


def test_a_row_from_a_clock_ahead_waits_for_the_export_that_its_run_follows(copy: Copy, table: str) -> None:
    """dbt would leave it out of the run as of this export, and take the log for merged."""
    copy.arrive(table, range(0, 5))
    copy.arrive(table, range(5, 8), ahead=timedelta(seconds=2))
    assert copy.export()[table] == 5
    copy.client.command("select sleep(2.1)")
    assert copy.export()[table] == 3
    assert copy.difference(table) == ""


def test_a_table_that_was_written_by_another_export_is_read_again(copy: Copy, table: str) -> None:
    """As by one that was killed before it noted what it had copied."""
    copy.arrive(table, range(0, 5))
    copy.export()
    copy.session.sql(f"delete from bronze.{table} where _key = '3'")
    assert copy.export()[table] == 1
    assert copy.difference(table) == ""


def test_an_interrupted_copy_is_completed(copy: Copy, table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    copy.arrive(table, range(0, 5))
    monkeypatch.setattr("tradewind.lakehouse.export._create", interrupt)
    with pytest.raises(KeyboardInterrupt):
        copy.export()
    monkeypatch.undo()
    assert list(copy.lake.landing.iterdir()) == []
    assert copy.export()[table] == 5
    assert copy.difference(table) == ""


def interrupt(*arguments: object) -> int:
    raise KeyboardInterrupt


def test_spark_starts_on_the_java_that_refuses_its_argument(tmp_path: Path) -> None:
    spark_argument = "--add-modules=jdk.incubator.vector"
    plain = java.runtime() / "bin" / "java"
    made = java.spark_java_home(tmp_path / "java") / "bin" / "java"
    assert (
        subprocess.run([plain, spark_argument, "-version"], capture_output=True, check=False).returncode != 0
    )
    heard = subprocess.run(
        [made, "-Dsaid=two words", spark_argument, "-XshowSettings:properties", "-version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "said = two words" in heard.stderr
