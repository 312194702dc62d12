"""The API of a running stack: its figures are the marts', and follow the shop."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

import pytest
import requests
from clickhouse_connect.driver.client import Client
from websockets.sync.client import connect as open_socket

from tests.e2e.orders import CITY, order_placed
from tests.fixtures.stack import Stack
from tradewind.serving.api.table import Table
from tradewind.serving.api.tables import TABLES
from tradewind.warehouse.client import connect

SECONDS = 60
MOVING = {"as_of", "newest_commit_at", "complete_until", "seconds_behind", "minutes_pending", "hours_left"}
"""Columns that change while one looks."""


class Api:
    """The API as a program with the home's own key asks it."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.url, self.key = stack.urls["API_URL"], stack.urls["API_KEY"]
        self.headers = {"Authorization": f"Bearer {self.key}"}

    @cached_property
    def warehouse(self) -> Client:
        return connect(self.stack.urls["CLICKHOUSE_BI_URL"])

    def get(self, path: str, **parameters: Any) -> dict[str, Any]:
        answer = requests.get(f"{self.url}/api/v1{path}", params=parameters, headers=self.headers, timeout=60)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def rows(self, table: Table) -> list[dict[str, Any]]:
        """All rows, page after page."""
        found: list[dict[str, Any]] = []
        asked = {} if table.is_single else {"limit": 1000}
        while True:
            answer = self.get(table.path, **asked)
            found += answer["data"]
            if answer["next_cursor"] is None:
                return found
            asked["cursor"] = answer["next_cursor"]

    def mart(self, table: Table) -> list[dict[str, Any]]:
        """The relation's rows in the order of the address, as JSON has them."""
        direction = " desc" if table.order.is_descending else ""
        order = ", ".join(f"{column}{direction}" for column in table.order.columns)
        answer = self.warehouse.query(f"select * from {table.relation} order by {order}")
        return [
            {name: as_json(value) for name, value in zip(answer.column_names, row, strict=True)}
            for row in answer.result_rows
        ]


@pytest.fixture(scope="module")
def api(stack: Stack) -> Api:
    return Api(stack)


def as_json(value: Any) -> Any:
    """A value as the API writes it."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else value


def still(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name not in MOVING} for row in rows]


def wait_until(condition: Callable[[], bool], reason: str) -> float:
    """Seconds that it took."""
    started = time.monotonic()
    while not condition():
        assert time.monotonic() < started + SECONDS, reason
        time.sleep(0.1)
    return time.monotonic() - started


@pytest.mark.parametrize(
    "table", [one for one in TABLES if one.prediction is None], ids=lambda table: table.path
)
def test_figures_equal_the_marts_to_the_digit(api: Api, table: Table) -> None:
    names = table.added_columns
    rows = [{name: value for name, value in row.items() if name not in names} for row in api.rows(table)]
    assert still(rows) == still(api.mart(table))


def test_marts_of_a_shop_that_is_over_are_not_empty(api: Api) -> None:
    currency = api.stack.summary["kpis"]["currency"]
    for path in ("/gmv/daily", "/products/top", "/sellers/scorecard", "/customers/rfm", "/categories/trends"):
        answer = api.get(path)
        assert answer["data"] and answer["currency"] == currency, path


def test_a_metric_equals_its_mart(api: Api) -> None:
    [[gmv]] = api.get("/metrics/gmv")["data"]
    [headline] = api.get("/kpi/summary")["data"]
    assert gmv == headline["gmv"] == api.stack.summary["kpis"]["gmv"]


def test_the_builds_checks_are_shown(api: Api) -> None:
    [checks] = [table for table in TABLES if table.path == "/checks"]
    rows = api.rows(checks)
    assert len(rows) >= api.stack.summary["tests"]["pass"]
    assert {row["status"] for row in rows} == {"pass"}
    assert "ads.ads_daily_gmv" in {row["table_name"] for row in rows}


def test_the_link_that_open_prints_logs_a_browser_in(api: Api) -> None:
    link = api.stack.tradewind("open", "--print").stdout.strip()
    browser = requests.Session()
    page = browser.get(link, timeout=30)
    assert page.status_code == 200 and page.url.startswith(api.url) and "token" not in page.url
    assert browser.get(f"{api.url}/api/v1/gmv/daily", timeout=30).status_code == 200


def test_a_new_order_reaches_the_live_feed(api: Api) -> None:
    address = api.url.replace("http", "ws") + "/ws/live-orders"
    with (
        open_socket(address, additional_headers=api.headers) as socket,
        order_placed(api.stack) as order_id,
    ):
        message = json.loads(socket.recv(timeout=SECONDS))
        assert (message["order"]["order_id"], message["order"]["city"]) == (order_id, CITY)
        assert order_id in {row["order_id"] for row in api.get("/orders/live")["data"]}


def test_everything_says_stale_soon_after_the_capture_stops(api: Api) -> None:
    """Within ten seconds on a machine that has nothing else to do."""
    paths = ("/gmv/daily", "/kpi/live", "/metrics/gmv")

    def stale() -> set[bool]:
        return {api.get(path)["is_stale"] for path in paths}

    wait_until(lambda: stale() == {False}, "the figures are stale though the capture runs")
    capture = api.stack.services()["capture"]["pid"]
    os.kill(capture, signal.SIGSTOP)
    try:
        seconds = wait_until(lambda: stale() == {True}, "the figures are not stale")
        assert seconds < 20
    finally:
        os.kill(capture, signal.SIGCONT)
    wait_until(lambda: stale() == {False}, "the figures stay stale")
