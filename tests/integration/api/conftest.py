"""The API as the stack starts it, over the marts of a small shop."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.fixtures.dbt import DbtWarehouse
from tests.fixtures.postgres import free_port
from tests.integration.dbt.shop import SmallShop
from tradewind.serving.alerts import published
from tradewind.settings import PROJECT_ROOT
from tradewind.stack.api_keys import Keys, Role
from tradewind.warehouse.check_results import CheckResult, record

START_SECONDS = 60
ORDERS = 25
OTHER_SITE = "https://shop.example"
CHECK = CheckResult("gmv_is_the_same", "ads.ads_daily_gmv", "fail", 2, "Got 2 results")


class RunningApi:
    """The process `python -m application.api`, and a key of each role."""

    def __init__(self, home: Path, warehouse: DbtWarehouse, shop: SmallShop) -> None:
        self.home, self.warehouse, self.shop = home, warehouse, shop
        self.url = f"http://127.0.0.1:{free_port()}"
        self.process: subprocess.Popen[bytes] | None = None
        home.mkdir()
        (home / "dbt").mkdir()
        (home / "logs").mkdir()
        (home / "dbt" / "target").symlink_to(warehouse.target)
        keys = Keys(home)
        self.keys = {role: keys.create(role.value, role) for role in Role if role is not Role.SELLER}
        self.keys[Role.SELLER] = keys.create("seller 1", Role.SELLER, seller_id=1)

    def environment(self) -> dict[str, str]:
        server = self.warehouse.warehouse
        unused = "postgresql://nobody:nothing@127.0.0.1:1/ecomm"
        return {
            **os.environ,
            "TRADEWIND_HOME": str(self.home),
            "DATABASE_URL": unused,
            "DATABASE_APP_URL": unused,
            "DATABASE_REPLICATION_URL": unused,
            "CLICKHOUSE_URL": server.admin_url,
            "CLICKHOUSE_WRITER_URL": server.writer_url,
            "CLICKHOUSE_BI_URL": server.bi_url,
            "DAGSTER_URL": "http://127.0.0.1:1",
            "API_URL": self.url,
            "TRADEWIND_API_ORIGINS": json.dumps([OTHER_SITE]),
        }

    def start(self) -> None:
        with (self.home / "api.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "application.api"],
                cwd=PROJECT_ROOT,
                env=self.environment(),
                stdout=log,
                stderr=log,
            )
        self._wait(f"{self.url}/ready", self.process)

    def _wait(self, url: str, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                if requests.get(url, timeout=5).status_code == 200:
                    return
            except requests.RequestException:
                pass
            assert process.poll() is None and time.monotonic() < deadline, self.log
            time.sleep(0.1)

    @contextlib.contextmanager
    def another(self, **environment: str) -> Iterator[str]:
        """The address of a second process of the same home with other settings."""
        url = f"http://127.0.0.1:{free_port()}"
        with (self.home / "another.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "application.api"],
                cwd=PROJECT_ROOT,
                env={**self.environment(), "API_URL": url, **environment},
                stdout=log,
                stderr=log,
            )
        try:
            self._wait(f"{url}/health", process)
            yield url
        finally:
            process.terminate()
            process.wait(20)

    @property
    def log(self) -> str:
        return (self.home / "api.log").read_text()

    def stop(self) -> None:
        assert self.process is not None
        self.process.terminate()
        self.process.wait(20)

    def get(self, path: str, role: Role = Role.ANALYST, /, **parameters: Any) -> requests.Response:
        return requests.get(
            f"{self.url}/api/v1{path}",
            params=parameters,
            headers={"Authorization": f"Bearer {self.keys[role]}"},
            timeout=30,
        )

    def rows(self, path: str, **parameters: Any) -> list[dict[str, Any]]:
        answer = self.get(path, **parameters)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["data"]
        return found


@pytest.fixture(scope="module")
def api(dbt_warehouse: DbtWarehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApi]:
    """A shop of 25 orders of now, of two sellers, built; and the API over it."""
    shop = SmallShop(dbt_warehouse.client())
    now = datetime.now(UTC).replace(microsecond=0)
    shop.now = now.replace(tzinfo=None)
    shop.open()
    shop.put("sellers", seller_id=2, seller_name="The other")
    shop.put("products", product_id=2, seller_id=2)
    for number in range(1, ORDERS + 1):
        ordered_at = (now - timedelta(minutes=number)).isoformat()
        shop.order(number, "THB", f"{number}.10", ordered_at, status="paid", ship_to_city="Bangkok")
    shop.put("order_items", order_item_id=10, seller_id=2, product_id=2)
    for number in (1, 2):
        shop.put("orders", order_id=number, delivered_at=now.isoformat())
    shop.payment(1, 1, "2.20", now.isoformat())
    shop.delivery(1, "delivered", now.isoformat())
    shop.warehouse(1, 100)
    shop.stock(1)
    shop.cart("abandoned", now.isoformat())
    shop.event(1, "product_view", (now - timedelta(days=1)).isoformat(), user_id=1)
    shop.event(2, "add_to_cart", (now - timedelta(minutes=1)).isoformat())
    dbt_warehouse.must("build", "--exclude-resource-type", "unit_test", "--exclude-resource-type", "test")
    record(dbt_warehouse.client(), "a run", [CHECK])
    dbt_warehouse.client().command(published.create_table())
    alert = ["order_is_stuck", "7", "warning", "firing", 31.5, None, now, now, None, "ada", now]
    dbt_warehouse.client().insert(published.TABLE, [alert], column_names=list(published.COLUMNS))
    running = RunningApi(tmp_path_factory.mktemp("api") / "home", dbt_warehouse, shop)
    running.start()
    yield running
    running.stop()
