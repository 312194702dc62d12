"""The macros' own unit tests, on ClickHouse; `test_macro_parity` runs them on Spark."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fixtures.dbt import DbtWarehouse
from tests.fixtures.macro_project import PROJECT

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def macros(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DbtWarehouse]:
    """The macro project, built."""
    folder = tmp_path_factory.mktemp("macros")
    running = DbtWarehouse(folder, folder / "parsed", PROJECT)
    running.start()
    running.must("run")
    yield running
    running.stop()


def test_every_case_of_the_merge_contract_holds(macros: DbtWarehouse) -> None:
    done = macros.must("test", "--select", "merged_products,test_type:unit")
    assert len(done.with_status("pass")) >= 22


def test_a_key_without_a_value_stops_the_run_and_names_the_model(macros: DbtWarehouse) -> None:
    done = macros.dbt("run", "--select", "null_key", "--vars", "{with_null_key: true}")
    assert done.code == 1
    assert "null_key: amount_id is null" in done.output
