"""What BI tools and drivers ask as the BI user, beyond SELECT: settings, sessions, own queries, metadata."""

from __future__ import annotations

import json
import uuid

import pytest

from tests.fixtures.warehouse import RunningWarehouse
from tests.integration.warehouse.conftest import Ask
from tests.integration.warehouse.test_stopping import ENDLESS, InBackground, runs, wait_until

SETTINGS = {
    "async_insert": "0",
    "select_sequential_consistency": "1",
    "wait_for_async_insert": "1",
    "max_threads": "1",
    "use_query_cache": "0",
    "log_queries": "0",
    "final": "1",
    "union_default_mode": "DISTINCT",
    "max_result_rows": "1000",
    "max_memory_usage": "1000000000",
    "date_time_output_format": "iso",
    "database_replicated_enforce_synchronous_settings": "1",
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_that_cannot_affect_a_read_is_accepted_everywhere(ask: Ask, name: str) -> None:
    value, session = SETTINGS[name], {"session_id": str(uuid.uuid4())}
    for answer in (
        ask("SELECT 1", "bi", **{name: value}),
        ask(f"SELECT 1 SETTINGS {name} = '{value}'", "bi"),
        ask(f"SET {name} = '{value}'", "bi", **session),
    ):
        assert answer.status_code == 200, answer.text
    seen = f"SELECT toString(getSetting('{name}'))"
    asked = ask(seen, "bi", **session).text, ask(f"{seen} SETTINGS {name} = '{value}'", "bi").text
    assert asked == (ask(seen, "bi", **{name: value}).text,) * 2


def test_settings_say_what_a_reader_may_change(ask: Ask) -> None:
    query = "SELECT name, readonly, ifNull(max, '') FROM system.settings WHERE name IN ({}) ORDER BY name"
    names = "'async_insert', 'final', 'max_execution_time', 'max_memory_usage', 'readonly'"
    assert ask(query.format(names), "bi").text == (
        "async_insert\t0\t\nfinal\t1\t\nmax_execution_time\t0\t300\n"
        "max_memory_usage\t0\t4294967296\nreadonly\t1\t\n"
    )
    assert ask("SELECT s.readonly FROM system.settings AS s WHERE s.name = 'final'", "bi").text == "1\n"
    assert ask("SELECT readonly FROM system.settings WHERE name = 'final'").text == "0\n"


def test_every_setting_said_to_be_changeable_is_accepted(ask: Ask) -> None:
    rows = ask("SELECT name, value FROM system.settings WHERE NOT readonly FORMAT JSONCompactEachRow", "bi")
    said = [json.loads(line) for line in rows.text.splitlines()]
    assert len(said) > 400
    for start in range(0, len(said), 100):
        params = dict(said[start : start + 100])
        answer = ask("SELECT 1", "bi", **params)
        assert answer.status_code == 200, answer.text


def test_a_reader_kills_its_own_queries_only(ask: Ask) -> None:
    own, other = InBackground(ask, ENDLESS, "bi"), InBackground(ask, ENDLESS, "writer")
    wait_until(lambda: runs(ask, own.query_id) and runs(ask, other.query_id))
    assert other.query_id not in ask("KILL QUERY WHERE 1 TEST", "bi").text
    assert ask(f"KILL QUERY WHERE query_id = '{other.query_id}'", "bi").text == ""
    killed = ask(f"KILL QUERY WHERE query_id = '{own.query_id}' ASYNC", "bi")
    assert killed.text.split("\t")[:3] == ["waiting", own.query_id, "bi"]
    assert own.code() == "394"
    assert runs(ask, other.query_id)
    ask(f"KILL QUERY WHERE query_id = '{other.query_id}'")
    assert other.code() == "394"


@pytest.mark.parametrize("text", ["SHOW PROCESSLIST", "SELECT * FROM system.processes"])
def test_a_reader_sees_its_own_queries_only(ask: Ask, text: str) -> None:
    own, other = InBackground(ask, ENDLESS, "bi"), InBackground(ask, ENDLESS, "writer")
    wait_until(lambda: runs(ask, own.query_id) and runs(ask, other.query_id))
    assert own.query_id in ask(text, "bi").text
    assert other.query_id not in ask(text, "bi").text
    assert other.query_id in ask(text, "writer").text
    ask("KILL QUERY WHERE user IN ('bi', 'writer')")
    assert (own.code(), other.code()) == ("394", "394")


def test_a_readers_session_keeps_its_database_and_settings(ask: Ask) -> None:
    ask("CREATE OR REPLACE TABLE ads.ads_in_use (n UInt8) ENGINE = Memory AS SELECT 7")
    session = {"session_id": str(uuid.uuid4())}
    assert ask("USE ads", "bi", **session).status_code == 200
    assert ask("SET max_block_size = 77, extremes = 0", "bi", **session).status_code == 200
    seen = "SELECT n, currentDatabase(), getSetting('max_block_size') FROM ads_in_use"
    assert ask(seen, "bi", **session).text == "7\tads\t77\n"
    assert ask(seen, "bi", max_block_size="78", **session).text == "7\tads\t78\n"
    assert ask("SET max_execution_time = 0", "bi", **session).status_code == 500
    assert ask("SELECT getSetting('max_execution_time')", "bi", **session).text == "300\n"
    assert ask(seen, "bi").headers["X-ClickHouse-Exception-Code"] in {"60", "497"}
    assert ask(seen, "admin", **session).headers["X-ClickHouse-Exception-Code"] == "60"
    assert ask("SELECT 1", "bi", session_id="unknown", session_check=1).status_code == 500


def test_a_reader_sees_its_own_grants(ask: Ask) -> None:
    grants = ask("SHOW GRANTS", "bi").text.splitlines()
    facts = ("cdm.fact_order_items", "cdm.fact_orders", "cdm.fact_payments", "cdm.fact_returns")
    state = ("ops.alerts", "ops.check_results", "ops.dbt_models")
    forecasts = ("ml.demand_forecasts", "ml.purchase_orders", "ml.reorder_proposals", "ml.customer_scores")
    recommendations = ("ml.product_recommendations", "ml.user_recommendations", "ml.fraud_scores")
    tables = (
        "ads.*",
        "rt.rt_*",
        "rt.mv_*",
        "rt.v_*",
        "cdm.dim_*",
        *state,
        *facts,
        *forecasts,
        *recommendations,
    )
    assert sorted(grants) == sorted(f"GRANT SELECT ON {name} TO bi" for name in tables)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT serverUUID(), revision(), connectionId(), connection_id(), displayName(), uptime()",
        "EXPLAIN PLAN SELECT * FROM ads.ads_in_use",
        "EXPLAIN PLAN indexes = 1, header = 1 SELECT * FROM ads.ads_in_use WHERE n = 1",
        "EXPLAIN json = 1 SELECT 1",
        "EXPLAIN PIPELINE graph = 0 SELECT 1",
        "EXPLAIN SYNTAX oneline = 1 SELECT 1",
        "SHOW ENGINES",
        "SHOW SETTING max_threads",
        "SHOW SETTINGS LIKE 'max_thr%'",
        "SHOW CURRENT ROLES",
        "SHOW DICTIONARIES FROM ads",
        "SHOW FULL TABLES FROM ads",
        "SHOW COLUMNS FROM ads_in_use FROM ads",
        "SHOW CREATE TABLE ads.ads_in_use",
        "USE ads",
        "SET max_threads = 2",
        "SELECT * FROM ads.ads_in_use SETTINGS max_threads = 1, join_use_nulls = 1 FORMAT JSON",
        "SELECT * FROM ads.ads_in_use FORMAT JSON SETTINGS output_format_json_quote_64bit_integers = 1",
    ],
)
def test_what_drivers_ask_at_connect_and_browse_time_is_answered(ask: Ask, text: str) -> None:
    ask("CREATE TABLE IF NOT EXISTS ads.ads_in_use (n UInt8) ENGINE = Memory")
    answer = ask(text, "bi")
    assert answer.status_code == 200, answer.text


def test_a_setting_in_a_subquery_is_refused_with_the_way_out(ask: Ask) -> None:
    answer = ask("SELECT * FROM (SELECT 1 SETTINGS join_use_nulls = 0)", "bi")
    assert "give it at the end of the statement" in answer.text
    assert ask("SELECT * FROM (SELECT 1 SETTINGS join_use_nulls = 1)", "bi").text == "1\n"


def test_a_role_is_applied(ask: Ask, warehouse: RunningWarehouse) -> None:
    assert ask("SELECT currentRoles()", "admin", url={"role": "bi"}).text == "['bi']\n"
    assert (
        ask("SELECT 1 FROM system.users", "admin", url={"role": "bi"}).headers["X-ClickHouse-Exception-Code"]
        == "497"
    )
    assert ask("SET max_execution_time = 0", "admin", url={"role": "bi"}).status_code == 500
    both = ask("SELECT arraySort(currentRoles())", "admin", url={"role": ["bi", "writer"]})
    assert both.text == "['bi','writer']\n"
    assert ask("SELECT 1", "bi", url={"role": "bi"}).text == "1\n"
    assert ask("SELECT 1", "bi", url={"role": "admin"}).headers["X-ClickHouse-Exception-Code"] == "512"
    assert (
        ask("SELECT 1", "writer", url={"role": ["writer", "admin"]}).headers["X-ClickHouse-Exception-Code"]
        == "512"
    )
    assert ask("SELECT 1", "admin", url={"role": "nobody"}).headers["X-ClickHouse-Exception-Code"] == "511"
