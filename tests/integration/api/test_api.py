"""Answers equal the marts, and nobody reads more than their key allows."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import requests
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.integration.api.conftest import ORDERS, RunningApi
from tradewind.serving.api.tables import TABLES, Table
from tradewind.stack.api_keys import Keys, Role

pytestmark = pytest.mark.timeout(900)


def in_mart(api: RunningApi, table: Table) -> list[dict[str, Any]]:
    answer = api.warehouse.client().query(f"select * from {table.relation}")
    return [dict(zip(answer.column_names, row, strict=True)) for row in answer.result_rows]


def as_json(value: Any) -> Any:
    """A mart's value as the API writes it."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if hasattr(value, "isoformat") else value


CLOCKS = {"newest_commit_at", "complete_until", "seconds_behind"}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.path)
def test_an_answer_has_the_marts_rows_to_the_digit(api: RunningApi, table: Table) -> None:
    found = api.rows(table.path, **({} if table.is_single else {"limit": 1000}))
    expected = [
        {name: as_json(value) for name, value in row.items() if name not in CLOCKS}
        for row in in_mart(api, table)
    ]
    shown = [{name: value for name, value in row.items() if name not in CLOCKS} for row in found]
    key = table.order.columns
    assert shown == sorted(
        expected, key=lambda row: [row[name] for name in key], reverse=table.order.is_descending
    )
    assert shown or table.path in ("/funnel", "/customers/rfm")


def test_an_answer_says_what_holds_for_its_figures(api: RunningApi) -> None:
    answer = api.get("/gmv/daily").json()
    assert (answer["currency"], answer["time_zone"]) == ("THB", "Asia/Bangkok")
    built = api.warehouse.client().query(
        "select max(loaded_at) from ops.dbt_models where model = 'ads.ads_daily_gmv'"
    )
    assert answer["as_of"] == as_json(built.result_rows[0][0])
    # Nothing captures here, so no commit is ever seen.
    assert answer["is_stale"] is True


def test_pages_follow_each_other_without_gap_or_repetition(api: RunningApi) -> None:
    found, cursor = [], None
    while True:
        given = {"limit": 4, "from": "2000-01-01T00:00:00Z"} | ({"cursor": cursor} if cursor else {})
        answer = api.get("/gmv/realtime", **given).json()
        assert len(answer["data"]) <= 4
        found += answer["data"]
        cursor = answer["next_cursor"]
        if cursor is None:
            break
    assert found == api.rows("/gmv/realtime", limit=1000)
    assert len(found) == ORDERS


def test_parameters_restrict_and_unknown_ones_are_refused_by_name(api: RunningApi) -> None:
    assert {row["city"] for row in api.rows("/gmv/realtime", city="Bangkok")} == {"Bangkok"}
    assert api.rows("/gmv/realtime", city="Nowhere' or 1=1 --") == []
    for wrong, named in (
        ({"town": "x"}, "town"),
        ({"limit": 0}, "limit"),
        ({"from": "yesterday"}, "from"),
        ({"cursor": "bm9uc2Vuc2U"}, "cursor"),
    ):
        answer = api.get("/gmv/realtime", **wrong)
        assert answer.status_code == 422, wrong
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert named in answer.json()["detail"]


def test_without_a_known_key_nothing_is_answered(api: RunningApi) -> None:
    for key in (None, "", "tw_000000000000_x", api.keys[Role.ANALYST][:-1], api.keys[Role.ANALYST] + "x"):
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        answer = requests.get(f"{api.url}/api/v1/gmv/daily", headers=headers, timeout=10)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    stored = (api.home / "api-keys.json").read_text()
    assert not any(key.rpartition("_")[2] in stored for key in api.keys.values())
    assert (api.home / "api-keys.json").stat().st_mode & 0o077 == 0


def test_a_revoked_key_is_refused_at_once(api: RunningApi) -> None:
    keys = Keys(api.home)
    text = keys.create("for a moment", Role.READER)
    headers = {"Authorization": f"Bearer {text}"}
    address = f"{api.url}/api/v1/gmv/daily"
    assert requests.get(address, headers=headers, timeout=10).status_code == 200
    keys.revoke(text.split("_")[1])
    assert requests.get(address, headers=headers, timeout=10).status_code == 401


def test_roles_read_what_they_may(api: RunningApi) -> None:
    for table in TABLES:
        expected = {
            Role.ADMIN: 200,
            Role.ANALYST: 200,
            Role.READER: 403 if table.has_people else 200,
            Role.SELLER: 200 if table.seller else 403,
        }
        assert {role: api.get(table.path, role).status_code for role in expected} == expected, table.path
    assert api.get("/metrics", Role.SELLER).status_code == 403


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"seller_id": 2},
        {"seller_id": "1 or 1=1"},
        {"seller_id": "2) or (1=1"},
        {"own_seller": 2},
        {"seller": 2},
        {"SELLER_ID": 2},
        {"limit": 1000},
        {"category": "' or seller_id = 2 or '1'='1"},
        {"category": "{own_seller:Int64}"},
        {"category": "\\' union all select * from ads.ads_product_performance --"},
        {"cursor": "WzAsMF0"},
        {"cursor": "WzAsMF0", "seller_id": 2},
        {"param_own_seller": 2},
        {"query": "select 1"},
        {"user": "admin"},
        {"role": "admin"},
        {"department": "\x00"},
        {"price_tier": "%' or true #"},
        {"seller_id": "NaN"},
        {"seller_id": "1e0"},
        {"seller_id": ["1", "2"]},
        {"limit": "1000; select 1"},
    ],
    ids=str,
)
@pytest.mark.parametrize("path", ["/products/top", "/sellers/scorecard"])
def test_a_seller_sees_no_other_sellers_rows(api: RunningApi, path: str, given: dict[str, Any]) -> None:
    answer = api.get(path, Role.SELLER, **given)
    if answer.status_code == 200:
        assert {row["seller_id"] for row in answer.json()["data"]} <= {1}
    else:
        assert answer.status_code in (400, 422), answer.text


def test_an_unchanged_answer_is_not_sent_again(api: RunningApi) -> None:
    first = api.get("/gmv/daily")
    headers = {"Authorization": f"Bearer {api.keys[Role.ADMIN]}", "If-None-Match": first.headers["ETag"]}
    again = requests.get(f"{api.url}/api/v1/gmv/daily", headers=headers, timeout=10)
    assert (again.status_code, again.content) == (304, b"")


def test_too_many_requests_are_told_when_to_come_back(api: RunningApi) -> None:
    answer = api.get("/gmv/daily")
    assert int(answer.headers["RateLimit-Limit"]) > int(answer.headers["RateLimit-Remaining"]) > 0


def test_metrics_are_answered_and_wrong_ones_refused_with_the_reason(api: RunningApi) -> None:
    names = {metric["name"] for metric in api.get("/metrics").json()}
    assert {"gmv", "order_count", "avg_order_value"} <= names
    answer = api.get("/metrics/gmv", by="channel").json()
    [[channel, gmv]] = answer["data"]
    assert channel == "website"
    total = sum(Decimal(row["gmv"]) for row in api.rows("/gmv/daily"))
    assert Decimal(gmv) == total > 0
    refused = api.get("/metrics/gmv", by="colour")
    assert refused.status_code == 422 and "no dimension colour" in refused.json()["detail"]
    unknown = api.get("/metrics/gmw")
    assert unknown.status_code == 404 and "gmv" in unknown.json()["detail"]


def listen(api: RunningApi, path: str = "/ws/live-orders", role: Role = Role.ANALYST) -> ClientConnection:
    address = api.url.replace("http", "ws") + path
    return connect(address, additional_headers={"Authorization": f"Bearer {api.keys[role]}"})


def place_order(api: RunningApi, order_id: int) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    api.shop.now = now.replace(tzinfo=None)
    api.shop.order(order_id, "THB", "9.90", now.isoformat(), status="paid")


def test_a_live_order_arrives_and_a_client_goes_on_where_it_was(api: RunningApi) -> None:
    with listen(api) as socket:
        time.sleep(1)
        place_order(api, 101)
        first = json.loads(socket.recv(timeout=20))
        assert first["order"]["order_id"] == 101
    place_order(api, 102)
    with listen(api) as other:  # so that somebody asks for it
        assert json.loads(other.recv(timeout=20))["order"]["order_id"] == 102
    with listen(api, f"/ws/live-orders?after={first['position']}") as socket:
        assert json.loads(socket.recv(timeout=20))["order"]["order_id"] == 102
    with (
        listen(api, "/ws/live-orders?after=1") as socket,
        pytest.raises(ConnectionClosed, match="no longer kept"),
    ):
        socket.recv(timeout=20)


def test_live_feeds_are_not_for_sellers(api: RunningApi) -> None:
    with pytest.raises(Exception, match="403"):
        listen(api, role=Role.SELLER)


def test_the_process_shows_prometheus_its_figures(api: RunningApi) -> None:
    text = requests.get(f"{api.url}/metrics", timeout=10).text
    assert 'tradewind_api_requests_total{path="/api/v1/gmv/daily",status="200"}' in text
    assert "tradewind_api_cache_hits" in text
    described = requests.get(f"{api.url}/api/openapi.json", timeout=10).json()
    assert all(f"/api/v1{table.path}" in described["paths"] for table in TABLES)


def test_a_warehouse_that_is_away_is_a_problem_with_a_way_out(api: RunningApi) -> None:
    server = api.warehouse.warehouse
    server.stop()
    try:
        answer = api.get("/gmv/daily", **{"from": "2001-01-01"})
        assert answer.status_code == 503 and "tradewind status" in answer.json()["detail"]
        assert requests.get(f"{api.url}/health", timeout=10).status_code == 200
        assert requests.get(f"{api.url}/ready", timeout=30).status_code in (200, 503)
    finally:
        server.start()
