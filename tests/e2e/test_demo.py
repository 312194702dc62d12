"""The demo, as a person runs it, and what stands in the warehouse after it: exact, and equal to the shop."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import urllib.request
from decimal import Decimal
from pathlib import Path

import pytest
import zstandard

from tests.e2e.recomputation import differences
from tests.fixtures.stack import Stack
from tests.require import need_program

ITEM_PRICES = Decimal("1093264.35")
PAYMENTS = Decimal("1428602.81")
SERVICES = {
    "postgres",
    "warehouse",
    "capture",
    "dagster-code",
    "dagster-webserver",
    "dagster-daemon",
    "alerts",
    "fraud-scoring",
    "api",
}
FILES = {
    "olist_orders_dataset": "ods_orders",
    "olist_order_items_dataset": "ods_order_items",
    "olist_order_payments_dataset": "ods_payments",
    "olist_order_reviews_dataset": "ods_reviews",
    "olist_customers_dataset": "ods_customers",
    "olist_sellers_dataset": "ods_sellers",
    "olist_products_dataset": "ods_products",
    "olist_geolocation_dataset": "ods_geolocations",
}


def rows_of(folder: Path, stem: str) -> int:
    """Data rows of one file, counted by the standard library's reader."""
    compressed = folder / f"{stem}.csv.zst"
    if compressed.exists():
        raw = zstandard.ZstdDecompressor().stream_reader(compressed.open("rb"))
    else:
        raw = (folder / f"{stem}.csv").open("rb")
    return sum(1 for _ in csv.DictReader(io.TextIOWrapper(raw, encoding="utf-8-sig")))


@pytest.mark.parametrize(("file", "table"), FILES.items())
def test_ods_has_as_many_rows_as_the_file(stack: Stack, olist: Path, file: str, table: str) -> None:
    assert stack.summary["rows"]["ods"][table] == rows_of(olist, file)


@pytest.mark.parametrize(
    ("query", "total"),
    [
        ("select sum(toDecimal64(unit_price * quantity, 2)) from ods.ods_order_items", ITEM_PRICES),
        ("select sum(line_amount) from cdm.fact_order_items", ITEM_PRICES),
        ("select sum(amount) from ods.ods_payments", PAYMENTS),
        ("select sum(amount) from cdm.fact_payments", PAYMENTS),
    ],
)
def test_money_is_exact(stack: Stack, query: str, total: Decimal) -> None:
    assert stack.warehouse().query(query).result_rows == [(total,)]


def test_daily_gmv_adds_up_to_what_the_shop_says(stack: Stack) -> None:
    with stack.shop() as shop:
        row = shop.execute(
            """
            select sum(i.unit_price * i.quantity) from orders o join order_items i using (order_id)
            where not o.is_test and not (o.status = 'cancelled' and o.paid_at is null)
            """
        ).fetchone()
    assert stack.warehouse().query("select sum(gmv) from ads.ads_daily_gmv").result_rows == [row]


def test_every_mart_equals_its_recomputation(stack: Stack) -> None:
    with stack.shop() as shop:
        assert differences(shop, stack.warehouse(), stack.urls) == {}


def test_the_summary_says_what_was_built_and_checked(stack: Stack) -> None:
    assert stack.summary["success"]
    assert stack.summary["models"].keys() == {"success"}
    assert stack.summary["tests"]["pass"] > 50
    assert stack.summary["kpis"]["gmv"] == str(ITEM_PRICES)
    assert {"load", "capture", "build", "total"} <= stack.summary["seconds"].keys()


def test_no_password_is_shown(stack: Stack) -> None:
    shown = json.dumps(stack.summary)
    secrets = [url.split("@")[0].rsplit(":", 1)[1] for url in stack.urls.values() if "@" in url]
    secrets.append(stack.urls["API_KEY"])
    assert len(secrets) > 1
    assert not [secret for secret in secrets if secret in shown]


def test_every_service_is_healthy(stack: Stack) -> None:
    services = stack.services()
    assert services.keys() == SERVICES
    assert {service["state"] for service in services.values()} == {"running"}


def test_the_run_stands_in_the_dagster_ui_with_its_job(stack: Stack) -> None:
    query = "{runsOrError{... on Runs{results{jobName status repositoryOrigin{repositoryLocationName}}}}}"
    request = urllib.request.Request(
        f"{stack.urls['DAGSTER_URL']}/graphql",
        data=json.dumps({"query": query}).encode(),
        headers={"Content-Type": "application/json"},
    )
    runs = json.load(urllib.request.urlopen(request, timeout=30))["data"]["runsOrError"]["results"]
    assert {
        "jobName": "batch",
        "status": "SUCCESS",
        "repositoryOrigin": {"repositoryLocationName": "tradewind"},
    } in runs


@pytest.mark.parametrize("output", ["csv", "json", "table"])
def test_sql_answers_in_the_format_asked_for(stack: Stack, output: str) -> None:
    query = "select toDecimal64('12.30', 2) as amount, 'a,b' as text"
    answer = stack.tradewind("sql", query, "--format", output).stdout
    if output == "csv":
        assert list(csv.reader(io.StringIO(answer))) == [["amount", "text"], ["12.3", "a,b"]]
    elif output == "json":
        assert json.loads(answer) == [{"amount": 12.3, "text": "a,b"}]
    else:
        assert answer.split() == ["amount", "text", "12.3", "a,b"]


def test_an_error_is_one_line_and_a_failure(stack: Stack) -> None:
    done = stack.tradewind("sql", "select nothing from nowhere", check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ") and len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""


def test_debug_shows_where_an_error_comes_from(stack: Stack) -> None:
    done = stack.tradewind("--debug", "sql", "select nothing from nowhere", check=False)
    assert "Traceback" in done.stderr


def test_up_on_a_running_stack_only_looks(stack: Stack) -> None:
    before = stack.services()
    stack.tradewind("up")
    assert stack.services() == before


def test_psql_connects_with_what_env_prints(stack: Stack) -> None:
    need_program("psql", "postgresql-client")
    env, query = " ".join(stack.command("env")), "select count(*) from orders"
    script = f'eval "$({env})" && psql "$DATABASE_URL" -Atc "{query}"'
    done = subprocess.run(
        ["bash", "-c", script], env=stack.environment(), capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "8135", done.stderr


def test_a_folder_that_is_not_there_is_named(empty_stack: Stack) -> None:
    done = empty_stack.tradewind("demo", "--data", "no-such-folder", check=False)
    assert done.returncode == 1
    assert "no-such-folder is not a folder" in done.stderr and "Traceback" not in done.stderr
    assert not empty_stack.home.exists()
