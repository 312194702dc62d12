"""One definition at a time in a table: a change of the project builds what it changes as a whole."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.dbt import BATCH, DbtWarehouse, run_started
from tests.integration.dbt.shop import SmallShop
from tradewind.settings import PROJECT_ROOT

pytestmark = pytest.mark.timeout(900)

COPIED = ("dbt_project", "macros", "seeds", "dbt_project.yml", "profiles.yml")


class Project:
    """A copy of the dbt project that a test changes, and runs of it an hour apart."""

    def __init__(self, dbt: DbtWarehouse, folder: Path) -> None:
        self.dbt = dbt
        self.folder = folder
        self.client = dbt.client()
        self.shop = SmallShop(self.client)
        self.started = datetime(2026, 3, 1)

    def edit(self, file: str, text: str, instead: str) -> None:
        path = self.folder / file
        assert text in path.read_text()
        path.write_text(path.read_text().replace(text, instead))

    def run(self, *options: str) -> set[str]:
        """Run every model below the marts; the incremental ones that were built as a whole."""
        self.shop.now = self.started + timedelta(minutes=30)
        self.started += timedelta(hours=1)
        place = {"DBT_PROJECT_DIR": str(self.folder), "DBT_PROFILES_DIR": str(self.folder)}
        needed = ("--resource-type", "model", "--resource-type", "seed")
        self.dbt.must(
            "build", *BATCH, "ads", *needed, *options, environment=place | run_started(self.started)
        )
        built = "select model from ops.dbt_models where built_at = {moment:String}"
        rows = self.client.query(built, {"moment": self.started.strftime("%Y-%m-%d %H:%M:%S.%f")}).result_rows
        replaced = "select database || '.' || name from system.tables where engine like 'Replacing%'"
        incremental = {name for (name,) in self.client.query(replaced).result_rows}
        return {name for (name,) in rows} & incremental

    def values(self, sql: str) -> list[Any]:
        return [row[0] for row in self.client.query(sql).result_rows]


@pytest.fixture(scope="module")
def project(dbt_warehouse: DbtWarehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Two orders of a seller without a rate of its own, built."""
    folder = tmp_path_factory.mktemp("project")
    for name in COPIED:
        source = PROJECT_ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    project = Project(dbt_warehouse, folder)
    shop = project.shop
    shop.now = project.started
    shop.open()
    shop.put("sellers", seller_id=1, commission_rate=None)
    shop.order(1, "THB", "50.00", "2026-01-05T10:00:00Z", status="paid")
    shop.order(2, "VND", "50000.00", "2026-01-06T10:00:00Z", status="paid")
    project.run()
    return project


COMMISSIONS = "select distinct commission_rate from cdm.fact_order_items"


def test_nothing_is_built_anew_when_nothing_is_redefined(project: Project) -> None:
    project.shop.put("orders", order_id=1, status="delivered", delivered_at="2026-01-09T10:00:00Z")
    assert project.run() == set()
    assert project.values(COMMISSIONS) == [Decimal("0.1")]


def test_a_changed_variable_holds_for_old_rows_and_new_ones(project: Project) -> None:
    project.shop.order(3, "THB", "50.00", "2026-01-07T10:00:00Z", status="paid")
    built = project.run("--vars", "{standard_commission_rate: '0.1200'}")
    assert built == {"cdm.fact_order_items", "cdm.fact_orders"}
    assert project.values(COMMISSIONS) == [Decimal("0.12")]
    assert project.values("select sum(commission_reporting) from cdm.fact_orders") == [Decimal("40.80")]


def test_the_variables_old_value_builds_it_again(project: Project) -> None:
    assert project.run() == {"cdm.fact_order_items", "cdm.fact_orders"}
    assert project.values(COMMISSIONS) == [Decimal("0.1")]


def test_a_changed_macro_builds_what_uses_it(project: Project) -> None:
    project.edit(
        "macros/metrics.sql",
        "{{ payment }}.status in ('captured', 'charged_back')",
        "{{ payment }}.status in ('captured', 'charged_back', 'authorized')",
    )
    assert project.run() == {"cdm.fact_payments", "cdm.fact_orders"}


def test_a_changed_rule_of_a_dimension_builds_what_reads_it(project: Project) -> None:
    """Amounts in other currencies may differ, and which rows are excluded; events are read without these."""
    project.edit(
        "dbt_project/models/cdm/dimensions/dim_fx_rate.sql",
        "source_rates.rate as rate",
        "{{ as_type('source_rates.rate * 2', 'decimal(18,8)') }} as rate",
    )
    of_orders = ("orders", "order_items", "payments", "returns", "shipments", "reviews")
    facts = {f"cdm.fact_{name}" for name in (*of_orders, "campaign_spend", "user_events", "sessions")}
    assert project.run() == {"cdm.int_orders", "cdm.excluded_rows", *facts}
    assert project.values("select fx_rate from cdm.fact_orders where order_id = 2") == [Decimal("0.0028")]


def test_a_changed_merge_builds_the_ods_and_leaves_facts_incremental(project: Project) -> None:
    project.edit(
        "macros/cdc/merge_changes.sql",
        "case when _op = 'd' then 1 else 0 end",
        "case _op when 'd' then 1 else 0 end",
    )
    built = project.run()
    assert {name.split(".")[0] for name in built} == {"ods"}
    assert len(built) > 30


def test_descriptions_and_comments_build_nothing(project: Project) -> None:
    project.edit("macros/metrics.sql", "{% macro is_received", "{#- A comment. -#}\n{% macro is_received")
    project.edit(
        "dbt_project/models/cdm/facts/fact_orders.yml",
        "description: Total that the buyer pays.",
        "description: Total.",
    )
    assert project.run() == set()
    comment = "select comment from system.columns where table = 'fact_orders' and name = 'total_amount'"
    assert project.values(comment) == ["Total."]


def test_a_whole_build_of_a_fact_builds_the_facts_that_read_it(project: Project) -> None:
    """A row that it lost leaves no tombstone."""
    project.shop.delete("order_items", 30)
    project.run("--select", "ods_order_items")
    assert project.run("--select", "fact_order_items", "--full-refresh") == {"cdm.fact_order_items"}
    assert project.run() == {"cdm.fact_orders"}
    assert project.values("select line_count from cdm.fact_orders where order_id = 3") == [0]
