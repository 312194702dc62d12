"""A changed definition shows in the marts after the next run; only states that it changes are made anew."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.dbt import DbtWarehouse
from tests.integration.rt.checking import check, order_metrics
from tests.integration.rt.histories import new_shop, play
from tests.integration.rt.marts import Marts
from tests.integration.rt.shop import Shop
from tradewind.rt import states
from tradewind.settings import PROJECT_ROOT

pytestmark = pytest.mark.timeout(900)

COPIED = ("dbt_project", "macros", "seeds", "dbt_project.yml", "profiles.yml")
HISTORY = (
    ("place", 1, 0, 3), ("place", 2, 1, 4), ("pay", 2, 0, 0), ("payment", 2, 0, 2), ("place", 3, 2, 7),
    ("cancel", 3, 0, 0), ("new time", 2, 0, 77), ("refund", 2, 1, 1), ("event", 1, 0, 0), ("event", 2, 1, 5),
)  # fmt: skip


class Project:
    """A copy of the dbt project that a test changes, and the marts that runs of it make."""

    def __init__(self, folder: Path, dbt: DbtWarehouse, shop: Shop) -> None:
        self.folder, self.dbt, self.shop = folder, dbt, shop
        self.marts = Marts(dbt)

    def edit(self, file: str, text: str, instead: str) -> None:
        path = self.folder / file
        assert text in path.read_text()
        path.write_text(path.read_text().replace(text, instead))

    def run(self) -> set[str]:
        """Make the marts; the states that were made anew."""
        before = self.tables()
        self.dbt.must("run", "--select", "rt")
        self.marts.refresh()
        return {state for state, table in self.tables().items() if table != before.get(state)}

    def tables(self) -> dict[str, str]:
        if not self.marts.rows("exists table ops.rt_states")[0][0]:
            return {}
        return states.tables(self.marts.client)


@pytest.fixture(scope="module")
def project(dbt_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A warehouse into which a shop was captured before there were any marts."""
    folder = tmp_path_factory.mktemp("project")
    for name in COPIED:
        source = PROJECT_ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    dbt = DbtWarehouse(tmp_path_factory.mktemp("rt"), dbt_port, folder / "parsed", folder)
    dbt.start()
    try:
        shop = new_shop()
        for action in HISTORY:
            play(shop, *action)
        project = Project(folder, dbt, shop)
        project.marts.arrive(shop.log)
        yield project
    finally:
        dbt.stop()


def test_marts_that_are_made_later_have_what_was_captured_before(project: Project) -> None:
    assert "state_orders" in project.run()
    check(project.marts, project.shop)
    assert len(order_metrics(project.marts)) > 1


def test_nothing_is_made_anew_when_nothing_is_redefined(project: Project) -> None:
    assert project.run() == set()


def test_a_changed_state_is_made_anew_from_the_log_and_those_made_from_it_too(project: Project) -> None:
    former = project.tables()
    project.edit("dbt_project/models/rt/states/state_orders.sql", "'status': 'code'", "'status': 'text'")
    assert project.run() == {"state_orders", "state_order_lines", "state_order_money"}
    check(project.marts, project.shop)
    there = {name for (name,) in project.marts.rows("select name from system.tables where database = 'rt'")}
    assert former["state_orders"] not in there and project.tables()["state_orders"] in there


def test_a_changed_setting_makes_anew_the_states_that_use_it(project: Project) -> None:
    project.edit("dbt_project.yml", "rt_retention_days: 90", "rt_retention_days: 80")
    assert project.run() >= {"state_orders", "state_user_events", "state_order_lines"}
    check(project.marts, project.shop)


def test_a_changed_definition_of_gmv_holds_for_every_minute_and_makes_no_state_anew(project: Project) -> None:
    project.edit(
        "macros/metrics.sql",
        "not ({{ order }}.status = 'cancelled' and {{ order }}.paid_at is null)",
        "{{ order }}.paid_at is not null",
    )
    assert project.run() == set()
    [paid] = [order for order in project.shop.rows["orders"].values() if order["paid_at"]]
    counted = [figures for figures in order_metrics(project.marts).values() if figures[0]]
    assert counted == [(1, project.shop.gmv(paid), 1, 0)]
