"""Every macro that has a form per engine, over values at the edges, row for row on both engines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from application.lakehouse import dbt_environment
from tests.fixtures import warm_dbt
from tests.fixtures.macro_project import PROJECT
from tests.fixtures.warehouse import RunningWarehouse
from tests.integration.lakehouse.comparison import differences
from tests.integration.lakehouse.tables import clickhouse_tables, spark_tables
from tradewind.lakehouse.lake import Lake, stop_foreign_session
from tradewind.settings import PROJECT_ROOT
from tradewind.warehouse.access import prepare_databases

pytestmark = pytest.mark.timeout(1800)

MACROS = PROJECT_ROOT / "macros"
DATABASE = "cdm"
RUN_SECONDS = 600
FIRST_ROUND = "2026-01-01 00:10:00.000000"
SECOND_ROUND = "2026-01-01 00:20:00.000000"
THIRD_ROUND = "2026-01-01 00:30:00.000000"
# What they do is not a value: they say how a table is declared or made.
ABOUT_TABLES = {
    *("column_type", "column_changes", "forget_increment", "check_run_order"),
    *("create_model_states", "model_states", "record_model_state", "create_arrivals", "record_arrivals"),
    "has_read_every_change",
}


class Engines:
    """The small dbt project on a warehouse and a lake of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lake = Lake(folder / "lake")
        self.warehouse = RunningWarehouse(folder / "engine")
        self.moment = FIRST_ROUND

    def run(self, target: str, *arguments: str) -> None:
        """Run dbt, which must succeed."""
        code, output = self.attempt(target, *arguments)
        assert code == 0, output[-6000:]

    def attempt(self, target: str, *arguments: str) -> tuple[int, str]:
        """Run dbt; its exit code and its output."""
        admin = self.warehouse.users["admin"]
        place = {
            "TRADEWIND_RUN_STARTED": self.moment,
            "DBT_CLICKHOUSE_HOST": self.warehouse.host,
            "DBT_CLICKHOUSE_PORT": str(self.warehouse.port),
            "DBT_CLICKHOUSE_USER": admin.name,
            "DBT_CLICKHOUSE_PASSWORD": admin.password,
            "DBT_PROJECT_DIR": str(PROJECT),
            "DBT_TARGET_PATH": str(self.folder / target / "target"),
            "DBT_LOG_PATH": str(self.folder / target / "logs"),
        }
        environment = {**dbt_environment(self.lake), **self.lake.java(), **place}
        done = warm_dbt.run([*arguments, "--target", target], environment, PROJECT, RUN_SECONDS)
        stop_foreign_session()
        return done

    def snapshots(self) -> dict[str, str]:
        """The snapshot of each table of the lake by its name."""
        with self.lake.session() as session:
            tables = [row.tableName for row in session.sql(f"show tables in {DATABASE}").collect()]
            return {
                name: row.value
                for name in tables
                for row in session.sql(f"show tblproperties {DATABASE}.{name}").collect()
                if row.key == "current-snapshot-id"
            }

    def differences(self) -> str:
        """What differs between the engines' tables."""
        with closing(self.warehouse.client("admin")) as client:
            one = clickhouse_tables(client, DATABASE)
        with self.lake.session() as session:
            other = spark_tables(session, DATABASE)
        assert sorted(one) == sorted(other) != []
        found = [differences(name, one[name], other[name], ("clickhouse", "spark")) for name in one]
        return "\n".join(filter(None, found))


@pytest.fixture(scope="module")
def engines(spark: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    made = Engines(tmp_path_factory.mktemp("macro_parity"))
    with made.lake.session():
        made.warehouse.start()  # and from now on there is a Java that dbt's runs share
    try:
        prepare_databases(made.warehouse.client("admin"))
        for target in ("clickhouse", "spark"):
            made.run(target, "run")
        yield made
    finally:
        made.warehouse.stop()


def test_macros_give_the_same_values_on_both_engines(engines: Engines) -> None:
    assert engines.differences() == ""


def test_a_second_run_after_more_events_gives_the_same_values_on_both_engines(engines: Engines) -> None:
    engines.moment = SECOND_ROUND
    for target in ("clickhouse", "spark"):
        engines.run(target, "run", "--vars", "{round: 2}")
    assert engines.differences() == ""
    query = "select toString(day), count(), max(thing_count) from cdm.versioned group by day"
    with closing(engines.warehouse.client("admin")) as client:
        assert set(client.query(query).result_rows) == {("2024-02-29", 2, 2), ("2026-01-02", 2, 2)}


def test_tables_without_news_are_left_as_they_are_on_spark_too(engines: Engines) -> None:
    before = engines.snapshots()
    engines.moment = THIRD_ROUND
    engines.run("spark", "run", "--vars", "{round: 2}")
    assert engines.snapshots() == before
    assert len(before) > 5


def test_every_case_of_the_merge_contract_holds_on_spark(engines: Engines) -> None:
    engines.run("spark", "test", "--select", "merged_products,test_type:unit")


def test_a_key_without_a_value_stops_the_run_on_spark_too(engines: Engines) -> None:
    options = ("--select", "null_key", "--vars", "{with_null_key: true}")
    code, output = engines.attempt("spark", "run", *options)
    assert code == 1
    assert "null_key: amount_id is null" in output


def test_the_awkward_values_are_there(engines: Engines) -> None:
    with closing(engines.warehouse.client("admin")) as client:
        merged = clickhouse_tables(client, DATABASE)[f"{DATABASE}.merged"]
    names = {row[merged.columns.index("name")] for row in merged.rows}
    assert {"Ünïcødé 🙂", 'quote " back \\ line \n tab \t null', "", "back", None} <= names


def test_every_macro_with_a_form_per_engine_is_compared(engines: Engines) -> None:
    text = "\n".join(path.read_text() for path in MACROS.rglob("*.sql"))
    dispatched = set(re.findall(r"adapter\.dispatch\('(\w+)'", text))
    manifest = json.loads((engines.folder / "spark" / "target" / "manifest.json").read_text())
    used = used_macros(manifest)
    assert dispatched - used - ABOUT_TABLES == set()


def used_macros(manifest: dict[str, dict[str, dict[str, dict[str, list[str]]]]]) -> set[str]:
    """The names of the macros that the models use, and those that these use, without an engine's prefix."""
    found: set[str] = set()
    waiting = [name for node in manifest["nodes"].values() for name in node["depends_on"]["macros"]]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += manifest["macros"][name]["depends_on"]["macros"]
    return {name.split(".")[-1].removeprefix("spark__") for name in found}
