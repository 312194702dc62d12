"""A column that was too small: once it is mended, a replay gives the tables that never had the fault."""

from __future__ import annotations

import json
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.dbt import DbtWarehouse, run_started
from tests.integration.dbt.shop import SmallShop
from tests.integration.dbt.test_definitions import COPIED
from tradewind.quality import gate
from tradewind.quality.logs import ChangeLog, change_logs
from tradewind.quality.quarantine import Quarantine
from tradewind.settings import PROJECT_ROOT

pytestmark = pytest.mark.timeout(900)

MODEL = "dbt_project/models/ods/ods_orders"
WIDE, NARROW = "decimal(18,2)", "decimal(4,2)"
COLUMN = "subtotal_amount"


class NarrowProject:
    """A copy of the dbt project in which an amount has two digits, and runs of ods_orders an hour apart."""

    def __init__(self, dbt: DbtWarehouse, folder: Path) -> None:
        for name in COPIED:
            source = PROJECT_ROOT / name
            (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
        self.dbt, self.folder, self.client = dbt, folder, dbt.client()
        self.started = datetime(2026, 3, 1)
        self.give_type(WIDE, NARROW)

    def give_type(self, old: str, new: str) -> None:
        self._edit(f"{MODEL}.sql", f"'{COLUMN}': '{old}'", f"'{COLUMN}': '{new}'")
        yaml = "- name: {}\n        data_type: {}"
        self._edit(f"{MODEL}.yml", yaml.format(COLUMN, old), yaml.format(COLUMN, new))

    def _edit(self, file: str, text: str, instead: str) -> None:
        path = self.folder / file
        assert text in path.read_text()
        path.write_text(path.read_text().replace(text, instead))

    def run(self, *options: str) -> list[tuple[Any, ...]]:
        self.started += timedelta(hours=1)
        place = {"DBT_PROJECT_DIR": str(self.folder), "DBT_PROFILES_DIR": str(self.folder)}
        environment = place | run_started(self.started)
        self.dbt.must("run", "--select", "ods_orders", *options, environment=environment)
        query = f"select order_id, toString({COLUMN}), _position, _op from ods.ods_orders order by 1"
        return [tuple(row) for row in self.client.query(query).result_rows]

    def logs(self) -> list[ChangeLog]:
        return change_logs(json.loads((self.dbt.target / "manifest.json").read_text()))

    def gate(self) -> gate.Outcome:
        return gate.run(self.client, self.dbt.warehouse.writer_url, self.logs())


def test_a_replay_gives_the_tables_that_never_had_the_fault(
    dbt_warehouse: DbtWarehouse, tmp_path: Path
) -> None:
    project = NarrowProject(dbt_warehouse, tmp_path)
    shop = SmallShop(project.client)
    shop.now = project.started
    shop.order(1, "THB", "10.00", "2026-01-05T08:00:00Z")
    shop.order(2, "THB", "100.00", "2026-01-06T08:00:00Z")
    log = project.client.query(
        "select JSONExtractInt(payload, 'after', 'order_id'), JSONExtractString(payload, 'after', "
        f"'{COLUMN}'), _position, _op from bronze.orders order by 1"
    ).result_rows
    assert project.run() == [log[0]]
    assert project.gate().quarantined == {"bronze.orders": 1}
    [event] = Quarantine(project.client, project.logs()).list()
    assert (event.event_key, event.value) == ('{"order_id":"2"}', "200.00")

    project.give_type(NARROW, WIDE)
    project.run("--full-refresh")
    done = Quarantine(project.client, project.logs()).replay([event])
    assert (done.replayed, done.still_invalid) == ([event], [])
    project.started = datetime.now()  # the replay arrives now
    assert project.run() == log
    assert project.gate().quarantined == {}
    assert project.run("--full-refresh") == log
