"""Statements and settings of BI tools, for which people report errors with read-only users."""

from __future__ import annotations

import pytest

from tests.integration.warehouse.conftest import Ask

Params = dict[str, object]


@pytest.fixture(autouse=True)
def mart(ask: Ask) -> None:
    """A mart with the types that BI tools filter by."""
    ask(
        "CREATE TABLE IF NOT EXISTS ads.ads_tools (id UInt64, name String, day Date, "
        "at DateTime64(3, 'UTC'), seen DateTime('UTC'), gmv Decimal(18, 2)) ORDER BY id"
    )
    ask("TRUNCATE TABLE ads.ads_tools")
    ask("INSERT INTO ads.ads_tools VALUES (1, 'a', '2026-01-02', '2026-01-02 03:04:05', 1767323045, 12.3)")


@pytest.mark.parametrize(
    ("text", "params", "expected"),
    [
        pytest.param(
            "SELECT id FROM ads.ads_tools",
            {"max_result_rows": 200, "result_overflow_mode": "break", "extremes": 0},
            "1\n",
            id="DBeaver and CloudBeaver limit the rows of a page",
        ),
        pytest.param(
            "SELECT id FROM ads.ads_tools",
            {"output_format_binary_write_json_as_string": 1},
            "1\n",
            id="DBeaver 26.2 chooses how JSON is written",
        ),
        pytest.param(
            "SELECT id FROM ads.ads_tools",
            {"join_use_nulls": 1, "session_id": "tableau", "session_timeout": 60, "session_check": 0},
            "1\n",
            id="Tableau sets join_use_nulls in a session",
        ),
        pytest.param(
            "-- Metabase:: userID: 1 queryType: native queryHash: 1f\nSELECT count(*) AS `count` "
            "FROM `ads`.`ads_tools` LIMIT 1048575;",
            {"max_execution_time": 240, "readonly": 2},
            "1\n",
            id="Metabase puts a comment first and asks for readonly",
        ),
        pytest.param(
            "SELECT toStartOfInterval(toDateTime(at), INTERVAL 60 second) AS time, sum(gmv) "
            "FROM ads.ads_tools WHERE (at >= toDateTime(1415792726) AND at <= toDateTime(1999999999)) "
            "GROUP BY time ORDER BY time",
            {"max_execution_time": 60, "client_protocol_version": 54460},
            "2026-01-02 03:04:00\t12.3\n",
            id="Grafana limits the time and uses Go's protocol version",
        ),
        pytest.param(
            "SELECT (intDiv(toUInt32(seen), 20) * 20) * 1000 AS t, count() FROM ads.ads_tools GROUP BY t "
            "ORDER BY t FORMAT TSV",
            {"add_http_cors_header": 1, "log_queries": 1},
            "1767323040000\t1\n",
            id="Altinity's Grafana plugin asks for CORS headers",
        ),
        pytest.param(
            "SELECT count() FROM ads.ads_tools WHERE at >= '2021-01-01 00:00:00.000000' "
            "AND seen >= '2021-01-01 00:00:00.000000'",
            {},
            "1\n",
            id="Superset filters times by text with microseconds",
        ),
        pytest.param(
            "SELECT CAST(database, 'Nullable(String)') AS TABLE_CAT, "
            "CAST(name, 'Nullable(String)') AS TABLE_NAME, "
            "CAST(CASE WHEN engine LIKE '%View' THEN 'VIEW' ELSE 'TABLE' END, 'Nullable(String)') AS KIND "
            "FROM system.tables WHERE (1 == 1) AND isNotNull(TABLE_CAT) "
            "AND coalesce(TABLE_CAT, '') LIKE 'ads' AND TABLE_NAME = 'ads_tools'",
            {"session_id": "odbc"},
            "ads\tads_tools\tTABLE\n",
            id="the ODBC driver of Power BI lists tables",
        ),
        pytest.param(
            "select `_`.`name`, sum(`_`.`gmv`) as `a0` from `ads`.`ads_tools` as `_` "
            "group by `name` limit 1001",
            {},
            "a\t12.3\n",
            id="Power BI folds a query",
        ),
        pytest.param("SELECT currentUser(), user() AS u", {}, "bi\tbi\n", id="tools show who is connected"),
        pytest.param(
            "SELECT ENGINE FROM INFORMATION_SCHEMA.ENGINES WHERE ENGINE = 'MergeTree'",
            {},
            "MergeTree\n",
            id="MySQL-like tools browse the information schema",
        ),
        pytest.param(
            "SELECT count() FROM system.dictionaries WHERE database = 'ads'",
            {},
            "0\n",
            id="DBeaver lists dictionaries",
        ),
        pytest.param(
            "SELECT role_name FROM system.current_roles", {}, "bi\n", id="tools ask for the roles in force"
        ),
        pytest.param(
            "SELECT count() FROM system.data_skipping_indices WHERE table = 'ads_tools'",
            {},
            "0\n",
            id="tools list a table's indices",
        ),
    ],
)
def test_a_bi_tools_statement_is_answered(ask: Ask, text: str, params: Params, expected: str) -> None:
    answer = ask(text, "bi", **params)
    assert answer.text == expected


def test_the_odbc_drivers_own_format_is_written(ask: Ask) -> None:
    answer = ask("SELECT id, name FROM ads.ads_tools", "bi", default_format="ODBCDriver2")
    assert answer.status_code == 200
    assert b"UInt64" in answer.content and answer.headers["X-ClickHouse-Format"] == "ODBCDriver2"


def test_a_syntax_error_is_of_the_users_own_text(ask: Ask) -> None:
    answer = ask("SET NAMES utf8", "bi")
    assert answer.headers["X-ClickHouse-Exception-Code"] == "62"
    assert "utf8" in answer.text and "formatQuery" not in answer.text


@pytest.mark.parametrize("role", ["admin", "writer", "bi"])
def test_the_current_user_is_who_sent_the_request(ask: Ask, role: str) -> None:
    assert ask("SELECT currentUser() FORMAT JSONEachRow", role).text == f'{{"currentUser()":"{role}"}}\n'
    query = "SELECT upper(user()), currentUser() AS me, 'currentUser()' WHERE user() = currentUser()"
    assert ask(query, role).text == f"{role.upper()}\t{role}\tcurrentUser()\n"
