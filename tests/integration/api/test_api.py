"""Answers equal the marts, and nobody reads more than their key allows."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import requests
from clickhouse_connect.driver.client import Client
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from docs import mart_pictures
from tests.integration.api import panels
from tests.integration.api.conftest import CHECK, ORDERS, OTHER_SITE, RunningApi
from tradewind.serving.api.table import Table
from tradewind.serving.api.tables import TABLES
from tradewind.settings import PROJECT_ROOT
from tradewind.stack.api_keys import Keys, Role
from tradewind.stack.login_links import LoginLinks
from tradewind.warehouse.client import connect as connect_warehouse

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


MARTS = [table for table in TABLES if table.prediction is None]
CLOCKS = {"as_of", "newest_commit_at", "complete_until", "seconds_behind", "minutes_pending"}
DOCUMENTED = [
    query
    for page in sorted((PROJECT_ROOT / "docs").glob("*.md"))
    for query in re.findall(r"```sql\n(.*?)```", page.read_text(), re.DOTALL)
]
EMPTY = ("/flash-sales", "/flash-sales/results", "/orders/stuck", "/vouchers")
"""What this shop has no rows for; tests/e2e/test_api.py compares them."""


@pytest.mark.parametrize("table", MARTS, ids=lambda table: table.path)
def test_an_answer_has_the_marts_rows_to_the_digit(api: RunningApi, table: Table) -> None:
    found = api.rows(table.path, **({} if table.is_single else {"limit": 1000}))
    expected = [
        {name: as_json(value) for name, value in row.items() if name not in CLOCKS}
        for row in in_mart(api, table)
    ]
    left_out = {*CLOCKS, *table.added_columns}
    shown = [{name: value for name, value in row.items() if name not in left_out} for row in found]
    key = table.order.columns
    assert shown == sorted(
        expected, key=lambda row: [row[name] for name in key], reverse=table.order.is_descending
    )
    assert bool(shown) != (table.path in EMPTY)


def test_an_answer_says_what_holds_for_its_figures(api: RunningApi) -> None:
    answer = api.get("/gmv/daily").json()
    assert (answer["currency"], answer["time_zone"]) == ("THB", "Asia/Bangkok")
    built = api.warehouse.client().query(
        "select max(loaded_at) from ops.dbt_models where model = 'ads.ads_daily_gmv'"
    )
    assert answer["as_of"] == as_json(built.result_rows[0][0])
    # Nothing captures here, so no commit is ever seen.
    assert answer["is_stale"] is True


def test_checks_are_shown_with_their_latest_result(api: RunningApi) -> None:
    [row] = api.rows("/checks", status="fail")
    assert {name: row[name] for name in asdict(CHECK)} == asdict(CHECK)
    assert row["run_id"] == "a run" and api.rows("/checks", status="pass") == []


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
        found = 404 if table.prediction else 200  # nothing has been predicted
        expected = {
            Role.ADMIN: found,
            Role.ANALYST: found,
            Role.READER: 403 if table.has_people else found,
            Role.SELLER: found if table.seller else 403,
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
        {"order_id": 1},
        {"status": "missing' or seller_id = 2 --"},
        {"from": "2000-01-01", "seller_id": 2},
    ],
    ids=str,
)
@pytest.mark.parametrize("path", ["/products/top", "/sellers/scorecard", "/sellers/settlement"])
def test_a_seller_sees_no_other_sellers_rows(api: RunningApi, path: str, given: dict[str, Any]) -> None:
    """Whatever it asks, and though everybody's answer is in the cache."""
    assert {row["seller_id"] for row in api.rows(path)} == {1, 2}
    answer = api.get(path, Role.SELLER, **given)
    if answer.status_code == 200:
        assert {row["seller_id"] for row in answer.json()["data"]} <= {1}
    else:
        assert answer.status_code in (400, 422), answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/customers/rfm",
        "/customers%2Frfm",
        "/products/../customers/rfm",
        "/products/top/../../customers/rfm",
        "//customers/rfm",
        "/customers/rfm/",
        "/metrics/gmv?by=seller_name",
        "/metrics/gmv?where=seller_name=The+other",
        "/orders/live",
        "/checks",
        "/margins/lines?seller_id=1",
        "/margins/skus?seller_id=1",
        "/stock/health",
        "/customers/cohorts",
        "/fraud/scores",
        "/forecasts/demand",
        "/recommendations/product/1",
        "/recommendations/user/1",
    ],
)
def test_a_seller_reaches_nothing_else(api: RunningApi, path: str) -> None:
    session, headers = requests.Session(), {"Authorization": f"Bearer {api.keys[Role.SELLER]}"}
    asked = requests.Request("GET", api.url, headers=headers).prepare()
    asked.url = f"{api.url}/api/v1{path}"  # as it stands: requests would tidy it up
    answer = session.send(asked, timeout=30)
    assert answer.status_code in (403, 404), answer.text


def test_a_sellers_own_figures_are_those_of_the_mart(api: RunningApi) -> None:
    for path in ("/sellers/scorecard", "/sellers/settlement"):
        [own] = api.get(path, Role.SELLER).json()["data"]
        [shown] = api.rows(path, seller_id=1)
        assert own == shown


def test_rows_of_settlement_and_of_orders_name_sellers_and_products(api: RunningApi) -> None:
    sellers = {row["seller_id"]: row["seller_name"] for row in api.rows("/sellers/scorecard")}
    products = {row["product_id"]: row["product_name"] for row in api.rows("/products/top")}
    entries, lines = api.rows("/sellers/settlement"), api.rows("/margins/lines")
    assert {row["seller_id"] for row in entries} == {row["seller_id"] for row in lines} == {1, 2}
    assert all(row["seller_name"] == sellers[row["seller_id"]] for row in (*entries, *lines))
    assert all(row["product_name"] == products[row["product_id"]] for row in lines)


def test_an_unchanged_answer_is_not_sent_again(api: RunningApi) -> None:
    first = api.get("/gmv/daily")
    headers = {"Authorization": f"Bearer {api.keys[Role.ADMIN]}", "If-None-Match": first.headers["ETag"]}
    again = requests.get(f"{api.url}/api/v1/gmv/daily", headers=headers, timeout=10)
    assert (again.status_code, again.content) == (304, b"")


def test_an_answer_is_the_same_compressed_or_not(api: RunningApi) -> None:
    address, key = f"{api.url}/api/v1/metrics", {"Authorization": f"Bearer {api.keys[Role.ANALYST]}"}
    plain = requests.get(address, headers={**key, "Accept-Encoding": "identity"}, timeout=10)
    packed = requests.get(address, headers={**key, "Accept-Encoding": "gzip"}, timeout=10)
    assert "Content-Encoding" not in plain.headers and packed.headers["Content-Encoding"] == "gzip"
    assert plain.content == packed.content and len(plain.content) > 1024


def test_the_same_question_is_answered_from_the_cache(api: RunningApi) -> None:
    def figures() -> dict[str, float]:
        lines = requests.get(f"{api.url}/metrics", timeout=10).text.splitlines()
        return {
            name: float(value) for name, value in (line.split(" ", 1) for line in lines if line[0] != "#")
        }

    before = figures()
    for _ in range(10):
        api.rows("/products/top", price_tier="budget")
    after = figures()
    new = {name: after[name] - before[name] for name in after if name.startswith("tradewind_api_cache")}
    assert new["tradewind_api_cache_hits_total"] >= 9 and new["tradewind_api_cache_misses_total"] <= 1


def test_too_many_requests_are_told_when_to_come_back(api: RunningApi) -> None:
    answer = api.get("/gmv/daily")
    assert int(answer.headers["RateLimit-Limit"]) > int(answer.headers["RateLimit-Remaining"]) > 0
    with api.another(TRADEWIND_API_REQUESTS_PER_MINUTE="3") as url:
        headers = {"Authorization": f"Bearer {api.keys[Role.READER]}"}
        answers = [requests.get(f"{url}/api/v1/session", headers=headers, timeout=10) for _ in range(4)]
        other = {"Authorization": f"Bearer {api.keys[Role.ANALYST]}"}
        assert requests.get(f"{url}/api/v1/session", headers=other, timeout=10).status_code == 200
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60


def test_a_browser_logs_in_by_a_link_once(api: RunningApi) -> None:
    link = LoginLinks(api.home).create(api.url)
    browser = requests.Session()
    answer = browser.get(link, allow_redirects=False, timeout=10)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie
    address = f"{api.url}/api/v1/session"
    assert browser.get(address, timeout=10).json()["role"] == "analyst"
    assert requests.get(link, allow_redirects=False, timeout=10).status_code == 403
    for origin in ("http://127.0.0.1:1", OTHER_SITE, "null"):
        assert browser.get(address, headers={"Origin": origin}, timeout=10).status_code == 401, origin
    assert browser.get(address, headers={"Origin": api.url}, timeout=10).status_code == 200
    held = {**browser.cookies}
    browser.get(f"{api.url}/logout", allow_redirects=False, timeout=10)
    assert requests.get(address, cookies=held, timeout=10).status_code == 401


def test_pages_of_listed_sites_may_ask_and_no_others(api: RunningApi) -> None:
    address, key = f"{api.url}/api/v1/gmv/daily", {"Authorization": f"Bearer {api.keys[Role.ANALYST]}"}
    for origin, allowed in ((OTHER_SITE, OTHER_SITE), ("https://elsewhere.example", None)):
        answer = requests.get(address, headers={**key, "Origin": origin}, timeout=10)
        assert answer.headers.get("Access-Control-Allow-Origin") == allowed
        assert "Access-Control-Allow-Credentials" not in answer.headers


def test_who_asked_what_is_written_down_without_keys(api: RunningApi) -> None:
    link = LoginLinks(api.home).create(api.url)
    requests.get(link, allow_redirects=False, timeout=10)
    api.get("/gmv/daily", Role.READER, **{"from": "2026-01-02"})
    api.get("/customers/rfm", Role.READER)
    file = api.home / "logs" / "api-requests.jsonl"
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    asked, refused = lines[-2:]
    identifier = api.keys[Role.READER].split("_")[1]
    assert (asked["key"], asked["path"], asked["query"]) == (
        identifier,
        "/api/v1/gmv/daily",
        "from=2026-01-02",
    )
    assert (asked["status"], refused["key"], refused["status"]) == (200, identifier, 403)
    secrets = [link.partition("token=")[2], *(key.split("_", 2)[2] for key in api.keys.values())]
    assert not any(secret in file.read_text() for secret in secrets)
    assert file.stat().st_mode & 0o077 == 0


def test_metrics_are_answered_and_wrong_ones_refused_with_the_reason(api: RunningApi) -> None:
    names = {metric["name"] for metric in api.get("/metrics").json()}
    assert {"gmv", "order_count", "avg_order_value"} <= names
    answer = api.get("/metrics/gmv", by="channel").json()
    [[channel, gmv]] = answer["data"]
    assert channel == "website"
    total = sum(Decimal(row["gmv"]) for row in api.rows("/gmv/daily"))
    assert Decimal(gmv) == total > 0
    products = api.get("/metrics/units_sold", by="product_name", top=1).json()["data"]
    assert products == [["tea", 2 * (ORDERS - 1)]]  # the other is of the other seller
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


def test_arrivals_differ_after_an_insert_and_not_after_a_merge(api: RunningApi) -> None:
    client = api.warehouse.client()

    def insert_count() -> int:
        [[count]] = client.query("select insert_count from rt.rt_arrivals").result_rows
        return int(count)

    before = insert_count()
    place_order(api, 103)
    assert insert_count() != before
    deadline, seen = time.monotonic() + 60, [insert_count()]
    while len(seen) < 12 or len(set(seen[-12:])) > 1:  # what follows the orders takes a few refreshes
        assert time.monotonic() < deadline, seen
        time.sleep(0.5)
        seen.append(insert_count())
    client.command("optimize table bronze.orders final")
    assert insert_count() == seen[-1]


def test_live_feeds_are_not_for_sellers(api: RunningApi) -> None:
    with listen(api, role=Role.SELLER) as socket, pytest.raises(ConnectionClosed, match="4403"):
        socket.recv(timeout=20)


def test_a_page_of_another_address_cannot_listen_by_the_cookie(api: RunningApi) -> None:
    browser = requests.Session()
    browser.get(LoginLinks(api.home).create(api.url), allow_redirects=False, timeout=10)
    [cookie] = browser.cookies
    address = api.url.replace("http", "ws") + "/ws/live-kpi"
    headers = {"Cookie": f"{cookie.name}={cookie.value}"}
    with connect(address, additional_headers=headers, origin=Origin(api.url)) as socket:
        assert "kpi" in json.loads(socket.recv(timeout=20))
    with (
        connect(address, additional_headers=headers, origin=Origin("http://127.0.0.1:1")) as socket,
        pytest.raises(ConnectionClosed, match="4401"),
    ):
        socket.recv(timeout=20)


def test_the_process_shows_prometheus_its_figures(api: RunningApi) -> None:
    api.rows("/gmv/daily")
    text = requests.get(f"{api.url}/metrics", timeout=10).text
    assert 'tradewind_api_requests_total{path="/api/v1/gmv/daily",status="200"}' in text
    assert "tradewind_api_cache_hits" in text
    assert 'tradewind_alerts{severity="warning",state="firing"} 1.0' in text
    assert 'tradewind_checks{status="fail"} 1.0' in text
    assert 'tradewind_mart_stale{mart="v_live_kpi"} 1.0' in text  # nothing captures here
    readings = [line for line in text.splitlines() if line.startswith("tradewind_reading_success{")]
    assert len(readings) == 6 and all(line.endswith(" 1.0") for line in readings)


@pytest.fixture(scope="module")
def reader(api: RunningApi) -> Iterator[Client]:
    """The user for BI tools, as whom Grafana logs in."""
    client = connect_warehouse(api.warehouse.warehouse.bi_url)
    yield client
    client.close()


@pytest.mark.parametrize("panel", panels.warehouse_panels(), ids=lambda panel: panel["title"])
def test_grafana_can_draw_what_a_panel_asks_for(reader: Client, panel: dict[str, Any]) -> None:
    """The shop has something of everything since yesterday."""
    since = panel["since"] if panel["since"] == "30d" else "2d"
    period = panels.Period.until(datetime.now(UTC), since)
    for target in panel["targets"]:
        answer = panels.ask(reader, period.replaced(target["rawSql"]))
        assert panels.faults(panel, answer) == []


def test_grafana_knows_the_currency(reader: Client) -> None:
    assert [panels.ask(reader, query).rows for query in panels.variable_queries()] == [[("THB",)]]


@pytest.mark.parametrize("query", DOCUMENTED, ids=lambda query: " ".join(query.split())[:50])
def test_a_query_of_the_docs_is_answered(reader: Client, query: str) -> None:
    assert reader.raw_query(query, fmt="TSVWithNames").splitlines()[0]


def test_each_picture_of_the_marts_has_its_query() -> None:
    page = PROJECT_ROOT / "docs" / "marts.md"
    pictures = re.findall(r"pictures/([\w-]+)\.png", page.read_text())
    assert pictures and [name for _, _, name in mart_pictures.examples()] == pictures


def test_the_reference_has_every_address_and_loads_nothing_from_elsewhere(api: RunningApi) -> None:
    described = requests.get(f"{api.url}/api/openapi.json", timeout=10).json()
    page = requests.get(f"{api.url}/api/docs", timeout=10).text
    for table in TABLES:
        path = f"/api/v1{table.path}"
        operation = described["paths"][path]["get"]
        assert path in page and "application/problem+json" in operation["responses"]["4XX"]["content"]
    assert "median_fulfillment_days" in page
    assert "http://" not in page and "https://" not in page and "<script" not in page


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
