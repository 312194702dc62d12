"""The HTTP interface itself: curl, formats, headers, errors, sessions."""

from __future__ import annotations

import json
import subprocess
import uuid
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pytest
import requests
from pyarrow import parquet

from tests.fixtures.warehouse import RunningWarehouse
from tests.integration.warehouse.conftest import Ask
from tests.integration.warehouse.test_stopping import InBackground, runs, wait_until
from tests.require import need_program


def test_curl_sends_queries_and_data(warehouse: RunningWarehouse, table: str) -> None:
    need_program("curl", "curl")
    user = warehouse.users["writer"]

    def curl(*arguments: str, stdin: str = "") -> str:
        command = ["curl", "-sS", "--fail-with-body", "-u", f"{user.name}:{user.password}", *arguments]
        return subprocess.run(
            command, input=stdin, capture_output=True, text=True, timeout=60, check=True
        ).stdout

    address = f"http://{warehouse.host}:{warehouse.port}/"
    assert curl(address, "--data-binary", "SELECT 1, 'a\\tb'") == "1\ta\\tb\n"
    curl(
        f"{address}?query=INSERT%20INTO%20{table}%20FORMAT%20CSV",
        "--data-binary",
        "@-",
        stdin='1,"x"\n2,"y"\n',
    )
    curl(
        address,
        "--data-binary",
        "@-",
        stdin=f"INSERT INTO {table} FORMAT JSONEachRow\n" + '{"id": 3, "name": "z"}\n',
    )
    curl(address, "--data-binary", f"INSERT INTO {table} VALUES (4, concat('v', '4'))")
    assert (
        curl("-G", address, "--data-urlencode", f"query=SELECT arraySort(groupArray(name)) FROM {table}")
        == "['v4','x','y','z']\n"
    )


def test_health_checks_need_no_user(warehouse: RunningWarehouse) -> None:
    for path in ("/", "/ping", "/replicas_status"):
        answer = requests.get(f"http://{warehouse.host}:{warehouse.port}{path}", timeout=10)
        assert (answer.status_code, answer.text) == (200, "Ok.\n")
    assert requests.get(f"http://{warehouse.host}:{warehouse.port}/nowhere", timeout=10).status_code == 404


@pytest.mark.parametrize(
    "output", ["JSON", "JSONCompact", "CSVWithNames", "TabSeparatedWithNamesAndTypes", "XML", "Pretty"]
)
def test_document_formats_are_one_document_however_long(ask: Ask, output: str) -> None:
    text = ask(f"SELECT number AS n, toString(number) AS s FROM numbers(300000) FORMAT {output}").text
    if output.startswith("JSON"):
        document = json.loads(text)
        assert len(document["data"]) == document["rows"] == 300_000
    elif output == "XML":
        assert text.count("<?xml") == text.count("</result>") == 1
    elif output == "Pretty":
        assert text.count("━━ n ") + text.count("Showed first") + text.count("┃") > 0
    else:
        assert text.count("n\ts\n" if "Tab" in output else '"n","s"\n') == 1
        assert text.endswith("299999\t299999\n" if "Tab" in output else '299999,"299999"\n')


def test_get_changes_nothing(warehouse: RunningWarehouse, ask: Ask, table: str) -> None:
    user = warehouse.users["admin"]
    for text in (
        f"TRUNCATE TABLE {table}",
        f"INSERT INTO {table} VALUES (1, 'x')",
        f"WITH 1 AS n INSERT INTO {table} SELECT n, 'x'",
    ):
        answer = requests.get(
            f"http://{warehouse.host}:{warehouse.port}/",
            params={"query": text},
            auth=(user.name, user.password),
            timeout=30,
        )
        assert answer.headers["X-ClickHouse-Exception-Code"] == "164"
    assert ask(f"SELECT count() FROM {table}").text == "0\n"


@pytest.mark.parametrize("rows", [1, 500_000])
def test_an_insert_whose_text_is_not_utf8_is_refused(ask: Ask, table: str, rows: int) -> None:
    text = f"INSERT INTO {table} (id, na\xefve) FORMAT TSV\n".encode("latin-1") + b"1\tx\n" * rows
    assert ask(text).headers["X-ClickHouse-Exception-Code"] == "62"
    assert ask(f"SELECT count() FROM {table}").text == "0\n"


@pytest.mark.parametrize("rows", ["a\n\n\nb\n", "a\n\nSELECT 1;\n\n;\nb\n", "a;\n-- b\n'\n"])
def test_the_data_of_an_insert_is_data_to_its_end(ask: Ask, table: str, rows: str) -> None:
    for text in (
        f"INSERT INTO {table} (name) FORMAT TSV\n",
        f"INSERT INTO {table} (name) FORMAT LineAsString\n",
    ):
        assert ask(text + rows).status_code == 200
        lines = ask(f"SELECT count(), countIf(name = '') FROM {table}").text
        assert lines == f"{rows.count(chr(10))}\t{rows.splitlines().count('')}\n"
        ask(f"TRUNCATE TABLE {table}")


def test_a_column_may_be_called_format(ask: Ask) -> None:
    assert ask("SELECT 1 AS format, 2 AS n ORDER BY format DESC").text == "1\t2\n"


def test_parquet_is_readable_and_empty_results_keep_their_header(ask: Ask) -> None:
    data = ask("SELECT number FROM numbers(200000)", default_format="Parquet").content
    assert parquet.read_table(pa.BufferReader(data)).num_rows == 200_000
    assert ask("SELECT 1 AS n WHERE 0 FORMAT CSVWithNames").text == '"n"\n'
    assert json.loads(ask("SELECT 1 AS n WHERE 0 FORMAT JSON").text)["data"] == []


def test_totals_follow_the_rows(ask: Ask) -> None:
    text = ask("SELECT number % 2 AS k, count() FROM numbers(10) GROUP BY k WITH TOTALS ORDER BY k").text
    assert text == "0\t5\n1\t5\n\n\\N\t10\n" or text == "0\t5\n1\t5\n\n0\t10\n"


def test_text_around_a_statement_does_not_matter(ask: Ask) -> None:
    assert ask("/* a /* nested */ comment */ SELECT 1 -- end\n ; ").text == "1\n"
    assert ask("SELECT 'FORMAT JSON' FORMAT CSV").text == '"FORMAT JSON"\n'
    assert ask("(SELECT 1) UNION ALL (SELECT 2) SETTINGS max_threads = 1 FORMAT TSV").text in {
        "1\n2\n",
        "2\n1\n",
    }
    assert json.loads(ask("SELECT 1 AS x FORMAT JSON SETTINGS max_threads = 1").text)["data"] == [{"x": 1}]
    assert ask("WITH 5 AS five SELECT five").text == "5\n"
    assert ask("SHOW DATABASES LIKE 'ods'").text == "ods\n"
    assert ask("EXISTS ods.nothing").text == "0\n"


def test_headers_describe_the_query(ask: Ask) -> None:
    query_id = str(uuid.uuid4())
    answer = ask("SELECT number FROM numbers(100)", query_id=query_id, default_format="JSONEachRow")
    assert answer.headers["X-ClickHouse-Query-Id"] == query_id
    assert answer.headers["X-ClickHouse-Format"] == "JSONEachRow"
    assert answer.headers["X-ClickHouse-Timezone"]
    assert json.loads(answer.headers["X-ClickHouse-Summary"])["read_rows"] == "100"
    assert answer.headers["Content-Type"].startswith("application/x-ndjson")


def test_an_insert_reports_what_it_wrote(ask: Ask, table: str) -> None:
    answer = ask(f"INSERT INTO {table} FORMAT TSV", data="1\ta\n2\tb\n")
    assert json.loads(answer.headers["X-ClickHouse-Summary"])["written_rows"] == "2"


@pytest.mark.parametrize(
    ("text", "code", "status", "name"),
    [
        ("SELEC 1", 62, 400, "SYNTAX_ERROR"),
        ("SELECT 1; SELECT 2", 62, 400, "SYNTAX_ERROR"),
        ("", 62, 400, "SYNTAX_ERROR"),
        ("SELECT * FROM ods.nothing", 60, 404, "UNKNOWN_TABLE"),
        ("SELECT nothing", 47, 404, "UNKNOWN_IDENTIFIER"),
        ("SELECT 1 SETTINGS nothing = 1", 115, 404, "UNKNOWN_SETTING"),
        ("SELECT throwIf(1, 'by hand')", 395, 500, "FUNCTION_THROW_IF_VALUE_IS_NON_ZERO"),
        ("SELECT toDate('nonsense')", 38, 400, "CANNOT_PARSE_DATE"),
        ("SELECT sleep(3) SETTINGS max_execution_time = 0.3", 159, 408, "TIMEOUT_EXCEEDED"),
        ("SELECT {x:UInt8}", 456, 400, "UNKNOWN_QUERY_PARAMETER"),
        ("INSERT INTO ods.nothing VALUES (1)", 60, 404, "UNKNOWN_TABLE"),
        ("SELECT 1 INTO OUTFILE '/tmp/warehouse_outfile'", 497, 403, "ACCESS_DENIED"),
    ],
)
def test_errors_carry_code_text_and_status(ask: Ask, text: str, code: int, status: int, name: str) -> None:
    answer = ask(text)
    assert answer.status_code == status
    assert answer.headers["X-ClickHouse-Exception-Code"] == str(code)
    assert answer.text.startswith(f"Code: {code}. DB::Exception: ")
    assert f"({name}) (version " in answer.text
    assert answer.text.count("DB::Exception") == 1


def test_a_malformed_row_names_its_place_and_inserts_nothing(ask: Ask, table: str) -> None:
    answer = ask(f"INSERT INTO {table} FORMAT CSV", data="1,a\nnot a number,b\n")
    assert answer.status_code == 400
    assert "at row 2" in answer.text
    assert ask(f"SELECT count() FROM {table}").text == "0\n"


def test_rows_that_break_a_constraint_are_refused_and_none_is_inserted(ask: Ask, table: str) -> None:
    ask(f"ALTER TABLE {table} ADD CONSTRAINT small CHECK id < 100")
    answer = ask(f"INSERT INTO {table} FORMAT TSV", data="1\ta\n100\tb\n")
    assert answer.headers["X-ClickHouse-Exception-Code"] == "469", answer.text
    assert "is violated at row 2" in answer.text
    assert ask(f"SELECT count() FROM {table}").text == "0\n"


def test_an_error_in_a_view_behind_a_table_is_the_inserts_error(ask: Ask, table: str) -> None:
    ask(f"CREATE MATERIALIZED VIEW {table}_view ENGINE = Memory AS SELECT throwIf(id = 7) FROM {table}")
    try:
        answer = ask(f"INSERT INTO {table} FORMAT TSV", data="7\ta\n")
        assert answer.headers["X-ClickHouse-Exception-Code"] == "395", answer.text
    finally:
        ask(f"DROP TABLE {table}_view")


def test_an_inserts_own_settings_hold(ask: Ask, table: str) -> None:
    strict = f"INSERT INTO {table} SETTINGS input_format_allow_errors_num = {{}} FORMAT CSV"
    data = "1,a\nx,b\n2,c\n"
    assert ask(strict.format(0), data=data).status_code == 400
    assert ask(strict.format(1), data=data).status_code == 200
    assert ask(f"SELECT count() FROM {table}").text == "2\n"


def test_an_error_in_the_middle_breaks_the_body_off(ask: Ask) -> None:
    query = "SELECT throwIf(number = 3000000, 'too far'), toString(number) FROM numbers(4000000) FORMAT CSV"
    answer = ask(query, stream=True)
    assert answer.status_code == 200
    body = b""
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        for piece in answer.iter_content(1 << 20):
            body += piece
    tag = answer.headers["X-ClickHouse-Exception-Tag"]
    assert f"__exception__\r\n{tag}\r\nCode: 395. DB::Exception: too far" in body.decode()


def test_waiting_for_the_end_turns_a_late_error_into_a_status(ask: Ask) -> None:
    query = "SELECT throwIf(number = 3000000, 'too far'), toString(number) FROM numbers(4000000) FORMAT CSV"
    answer = ask(query, wait_end_of_query=1)
    assert (answer.status_code, answer.headers["X-ClickHouse-Exception-Code"]) == (500, "395")
    assert (
        len(ask("SELECT number FROM numbers(3000000)", wait_end_of_query=1).content.splitlines()) == 3_000_000
    )


@pytest.mark.parametrize("credentials", [("admin", "wrong"), ("nobody", "x"), ("default", ""), ("", "")])
def test_wrong_credentials_are_refused_in_every_place(
    warehouse: RunningWarehouse, credentials: tuple[str, str]
) -> None:
    address = f"http://{warehouse.host}:{warehouse.port}/?query=SELECT+1"
    user, password = credentials
    in_headers = {"X-ClickHouse-User": user, "X-ClickHouse-Key": password}
    in_url = {"user": user, "password": password}
    for answer in (
        requests.get(address, auth=credentials, timeout=10),
        requests.get(address, headers=in_headers, timeout=10),
        requests.get(address, params=in_url, timeout=10),
        requests.get(address, timeout=10),
    ):
        assert (answer.status_code, answer.headers["X-ClickHouse-Exception-Code"]) == (403, "516")


def test_right_credentials_work_in_every_place(warehouse: RunningWarehouse) -> None:
    address = f"http://{warehouse.host}:{warehouse.port}/?query=SELECT+1"
    user = warehouse.users["bi"]
    in_headers = {"X-ClickHouse-User": user.name, "X-ClickHouse-Key": user.password}
    in_url = {"user": user.name, "password": user.password}
    assert requests.get(address, auth=(user.name, user.password), timeout=10).text == "1\n"
    assert requests.get(address, headers=in_headers, timeout=10).text == "1\n"
    assert requests.get(address, params=in_url, timeout=10).text == "1\n"


def test_every_session_starts_with_the_platforms_settings(ask: Ask) -> None:
    names = ("final", "join_use_nulls", "cast_keep_nullable", "aggregate_functions_null_for_empty")
    for role in ("admin", "writer", "bi"):
        values = ask("SELECT " + ", ".join(f"getSetting('{name}')" for name in names), role).text
        assert values == "true\ttrue\ttrue\ttrue\n"
        assert ask("SELECT count() FROM (SELECT 1 UNION SELECT 1)", role).text == "1\n"


def test_tables_are_joined_in_the_order_of_the_query(ask: Ask) -> None:
    """Joined by currency first, each parcel would meet every day of the rates."""
    tables = {
        "orders": "SELECT number AS order_id, toDate('2026-01-01') + number % 50 AS order_date "
        "FROM numbers(1000)",
        "parcels": "SELECT number AS order_id, 'THB' AS currency FROM numbers(100)",
        "rates": "SELECT 'THB' AS currency, toDate('2026-01-01') + number AS rate_date FROM numbers(50)",
    }
    for name, rows in tables.items():
        ask(f"CREATE TABLE default.{name} ENGINE = MergeTree ORDER BY tuple() AS {rows}")
    plan = ask(
        "EXPLAIN SELECT count() FROM parcels INNER JOIN orders ON parcels.order_id = orders.order_id "
        "INNER JOIN rates ON parcels.currency = rates.currency AND orders.order_date = rates.rate_date"
    ).text
    conditions = [line.split("conditions: ")[1] for line in plan.splitlines() if "Join conditions" in line]
    assert conditions == ["currency = currency AND order_date = rate_date", "order_id = order_id"]
    for name in tables:
        ask(f"DROP TABLE default.{name}")


def test_a_session_keeps_its_state_and_a_query_its_settings(ask: Ask) -> None:
    session = {"session_id": str(uuid.uuid4())}
    ask("CREATE TEMPORARY TABLE kept (x UInt8)", **session)
    ask("INSERT INTO kept VALUES (5)", **session)
    ask("SET max_block_size = 1234", **session)
    assert (
        ask("SELECT x, getSetting('max_block_size') FROM kept", max_block_size=99, **session).text
        == "5\t99\n"
    )
    assert ask("SELECT getSetting('max_block_size'), currentDatabase()", **session).text == "1234\tdefault\n"
    assert ask("SELECT currentDatabase()", database="ods", **session).text == "ods\n"
    assert ask("SELECT currentDatabase()", **session).text == "default\n"
    assert ask("SELECT x FROM kept").headers["X-ClickHouse-Exception-Code"] == "60"
    assert ask("SELECT x FROM kept", "writer", **session).headers["X-ClickHouse-Exception-Code"] in {
        "60",
        "497",
    }


def test_a_session_forgets_the_last_querys_settings_and_keeps_its_own(ask: Ask) -> None:
    session = {"session_id": str(uuid.uuid4())}
    seen = "SELECT getSetting('max_block_size'), currentDatabase()"
    default = ask("SELECT getSetting('max_block_size')").text.strip()
    for _ in range(2):
        assert ask(seen, max_block_size=99, database="ods", **session).text == "99\tods\n"
    assert ask(seen, max_block_size=98, **session).text == "98\tdefault\n"
    refused = ask("SELECT 1", max_block_size=97, no_such_setting=1, **session)
    assert refused.headers["X-ClickHouse-Exception-Code"] == "115"
    failed = ask("SELECT throwIf(1)", max_block_size=96, database="ads", **session)
    assert failed.headers["X-ClickHouse-Exception-Code"] == "395"
    assert ask(seen, **session).text == f"{default}\tdefault\n"
    ask("SET max_block_size = 1234", max_block_size=99, database="ods", **session)
    ask("USE cdm", max_block_size=99, database="ods", **session)
    for _ in range(2):
        assert ask(seen, max_block_size=99, database="ods", **session).text == "99\tods\n"
    assert ask(seen, **session).text == "1234\tcdm\n"


@pytest.mark.parametrize("of_a_session", [True, False])
@pytest.mark.parametrize("readonly", [1, 2])
def test_readonly_is_of_its_query_alone(ask: Ask, readonly: int, of_a_session: bool) -> None:
    session = {"session_id": str(uuid.uuid4())} if of_a_session else {}
    for _ in range(2):
        assert ask("SELECT 1", readonly=readonly, **session).text == "1\n"
        for change in ("CREATE TABLE default.never (x UInt8) ENGINE = Memory", "INSERT INTO t VALUES (1)"):
            answer = ask(change, readonly=readonly, **session)
            assert answer.headers["X-ClickHouse-Exception-Code"] == "164"
        assert ask("SELECT 2", **session).text == "2\n"
    assert ask("EXISTS TABLE default.never").text == "0\n"


def test_a_busy_session_refuses_a_second_query(ask: Ask) -> None:
    session = {"session_id": str(uuid.uuid4())}
    slow = InBackground(ask, "SELECT sleep(2)", **session)
    wait_until(lambda: runs(ask, slow.query_id))
    assert ask("SELECT 1", **session).headers["X-ClickHouse-Exception-Code"] == "373"
    assert slow.code() == "none"


def test_a_session_ends_after_its_timeout(ask: Ask) -> None:
    session = {"session_id": str(uuid.uuid4()), "session_timeout": "0"}
    ask("CREATE TEMPORARY TABLE kept (x UInt8)", **session)
    answer = ask("SELECT 1", session_check=1, **session)
    assert answer.headers["X-ClickHouse-Exception-Code"] == "372"
    assert (
        ask("SELECT 1", session_id="x", session_timeout="999999").headers["X-ClickHouse-Exception-Code"]
        == "374"
    )


def test_document_formats_hold_when_many_clients_read_at_once(ask: Ask) -> None:
    """Such results pass through a pipe, whose two ends close in any order."""

    def bodies(_: int) -> set[str]:
        return {ask("SELECT 1 AS one FORMAT JSONCompactColumns").text.strip() for _ in range(40)}

    with ThreadPoolExecutor(8) as pool:
        seen = set().union(*pool.map(bodies, range(8)))
    assert len(seen) == 1 and json.loads(seen.pop()) == [[1]]
