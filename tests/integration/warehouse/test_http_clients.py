"""What HTTP clients do beside plain requests: forms with files, offered upgrades, scripts of other sites."""

from __future__ import annotations

import json
import socket
import time
import uuid
from base64 import b64encode
from typing import Any

import pytest
import requests

from clickhouse_server.form import MAX_FORM_SIZE
from tests.fixtures.warehouse import RunningWarehouse
from tests.integration.warehouse.conftest import Ask


def post_form(
    warehouse: RunningWarehouse, role: str, fields: dict[str, str], files: dict[str, Any], **params: str
) -> requests.Response:
    user = warehouse.users[role]
    parts = {name: (None, value) for name, value in fields.items()} | {
        name: ("data", data) for name, data in files.items()
    }
    return requests.post(
        f"http://{warehouse.host}:{warehouse.port}/",
        params=params,
        files=parts,
        auth=(user.name, user.password),
        timeout=60,
    )


@pytest.mark.parametrize("role", ["admin", "writer", "bi"])
def test_fields_of_a_form_are_parameters_and_files_are_tables(warehouse: RunningWarehouse, role: str) -> None:
    fields = {
        "query": "SELECT sum(id), any({text:String}) FROM ids FORMAT CSV",
        "param_text": "x" * 100_000,
        "ids_structure": "id UInt64, name LowCardinality(String)",
        "ids_format": "CSV",
    }
    answer = post_form(warehouse, role, fields, {"ids": "1,a\n41,b\n"})
    assert answer.text == f'42,"{"x" * 100_000}"\n', answer.text[:500]


@pytest.mark.parametrize("role", ["admin", "bi"])
def test_an_external_table_may_be_described_by_its_types_in_the_url(
    warehouse: RunningWarehouse, role: str
) -> None:
    answer = post_form(
        warehouse,
        role,
        {},
        {"one": "1\ta\n", "two": '{"_1": 2}'},
        query="SELECT a._1, a._2, b._1 FROM one AS a, two AS b",
        one_types="UInt8,String",
        two_types="Decimal(10, 2)",
        two_format="JSONEachRow",
    )
    assert answer.text == "1\ta\t2\n"


def test_an_external_table_is_its_querys_own(warehouse: RunningWarehouse, ask: Ask) -> None:
    session = str(uuid.uuid4())
    query = {"query": "SELECT count() FROM ids", "ids_types": "UInt8"}
    for _ in range(2):
        assert post_form(warehouse, "admin", query, {"ids": "1\n2\n"}, session_id=session).text == "2\n"
        gone = ask("SELECT count() FROM ids", session_id=session)
        assert gone.headers["X-ClickHouse-Exception-Code"] == "60"
    assert list((warehouse.data / "running").glob("*.upload")) == []


def test_an_insert_reads_an_external_table(warehouse: RunningWarehouse, ask: Ask, table: str) -> None:
    query = {"query": f"INSERT INTO {table} SELECT id, 'x' FROM ids", "ids_structure": "id UInt64"}
    assert post_form(warehouse, "writer", query, {"ids": "1\n2\n"}).status_code == 200
    assert ask(f"SELECT count() FROM {table}").text == "2\n"


@pytest.mark.parametrize("role", ["bi", "writer", "admin"])
@pytest.mark.parametrize(
    ("structure", "code"),
    [
        ("x String DEFAULT file('/etc/passwd')", "497"),
        ("x String MATERIALIZED file('/etc/passwd')", "497"),
        ("x String ALIAS file('/etc/passwd')", "497"),
        ("x String); DROP TABLE t; --", "62"),
        ("x NoSuchType", "50"),
        ("", "36"),
    ],
)
def test_a_structure_holds_names_and_types_only(
    warehouse: RunningWarehouse, role: str, structure: str, code: str
) -> None:
    fields = {"query": "SELECT * FROM t", "t_structure": structure}
    answer = post_form(warehouse, role, fields, {"t": "a\n"})
    assert answer.headers["X-ClickHouse-Exception-Code"] == code, answer.text
    assert "root:" not in answer.text


@pytest.mark.parametrize(
    ("fields", "files", "code"),
    [
        ({"query": "SELECT 1", "x`y_types": "UInt8"}, {"x`y": "1"}, "36"),
        ({"query": "SELECT * FROM t", "t_types": "UInt8", "t_format": "CSV; DROP"}, {"t": "1"}, "73"),
        ({"query": "SELECT * FROM t", "t_types": "UInt8", "t_format": "Protobuf"}, {"t": "1"}, "497"),
        ({"query": "SELECT * FROM system.query_log"}, {}, "497"),
        ({"query": "SELECT 1", "final": "0"}, {}, "164"),
        ({"query": "SELECT 1", "role": "admin"}, {}, "115"),
        ({"query": "SELECT 1", "user": "admin", "max_execution_time": "0"}, {}, "452"),
        ({"query": "INSERT INTO ads.t SELECT 1"}, {}, "497"),
    ],
)
def test_a_form_gives_a_reader_no_more_rights(
    warehouse: RunningWarehouse, fields: dict[str, str], files: dict[str, str], code: str
) -> None:
    answer = post_form(warehouse, "bi", fields, files)
    assert answer.headers["X-ClickHouse-Exception-Code"] == code, answer.text


def test_a_parameter_in_the_url_and_in_the_form_is_refused(warehouse: RunningWarehouse) -> None:
    answer = post_form(warehouse, "bi", {"query": "SELECT 2"}, {}, query="SELECT 1")
    assert "Parameter query is given in the URL and in the form" in answer.text
    broken = requests.post(
        f"http://{warehouse.host}:{warehouse.port}/",
        data=b"--x\r\nnonsense",
        headers={"Content-Type": "multipart/form-data; boundary=x"},
        auth=(warehouse.users["bi"].name, warehouse.users["bi"].password),
        timeout=60,
    )
    assert broken.headers["X-ClickHouse-Exception-Code"] in {"36", "62"}


def test_a_form_that_is_too_large_is_refused(warehouse: RunningWarehouse) -> None:
    fields = {"query": "SELECT count() FROM t", "t_types": "String"}
    answer = post_form(warehouse, "bi", fields, {"t": b"x" * (MAX_FORM_SIZE + 1)})
    assert answer.headers["X-ClickHouse-Exception-Code"] == "307"
    assert list((warehouse.data / "running").glob("*.upload")) == []


def raw(warehouse: RunningWarehouse, head: str, body: bytes, pause: float = 0.0) -> bytes:
    """The answers to requests that are sent byte by byte as given; the last one closes the connection."""
    user = warehouse.users["bi"]
    credentials = b64encode(f"{user.name}:{user.password}".encode()).decode()
    with socket.create_connection((warehouse.host, warehouse.port), timeout=20) as connection:
        request = head.replace("AUTH", f"Authorization: Basic {credentials}").replace("\n", "\r\n").encode()
        connection.sendall(request)
        time.sleep(pause)
        connection.sendall(body)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    return answer


H2C = "Connection: Upgrade, HTTP2-Settings\nUpgrade: h2c\nHTTP2-Settings: AAEAAEAAAAIAAAAB\n"
LAST = b"GET /?query=SELECT+8 HTTP/1.1\r\nHost: x\r\nX-ClickHouse-User: nobody\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize("pause", [0.0, 0.2], ids=["at once", "in two parts"])
@pytest.mark.parametrize(
    ("length", "body"),
    [("Content-Length: 8", b"SELECT 7"), ("Transfer-Encoding: chunked", b"8\r\nSELECT 7\r\n0\r\n\r\n")],
    ids=["length", "chunked"],
)
def test_an_offered_http2_upgrade_is_ignored(
    warehouse: RunningWarehouse, length: str, body: bytes, pause: float
) -> None:
    answer = raw(warehouse, f"POST / HTTP/1.1\nHost: x\nAUTH\n{H2C}{length}\n\n", body + LAST, pause)
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\r\n\r\n7\n" in answer
    assert b"516" in answer  # the next request on the connection is answered, too


@pytest.mark.parametrize("path", ["/", "/?query=SELECT+1"])
def test_an_offered_websocket_upgrade_is_ignored(warehouse: RunningWarehouse, path: str) -> None:
    upgrade = "Connection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Key: x\nSec-WebSocket-Version: 13\n"
    answer = raw(warehouse, f"GET {path} HTTP/1.1\nHost: x\n{upgrade}\n", LAST)
    assert answer.startswith(b"HTTP/1.1 200 OK" if path == "/" else b"HTTP/1.1 403 Forbidden")
    assert answer.count(b"HTTP/1.1 ") == 2


def test_scripts_of_other_sites_may_read_if_they_ask(warehouse: RunningWarehouse, ask: Ask) -> None:
    origin = {"Origin": "https://example.com"}
    allowed = ask("SELECT 1", "bi", headers=origin, add_http_cors_header=1)
    assert allowed.headers["Access-Control-Allow-Origin"] == "*"
    assert "X-ClickHouse-Summary" in allowed.headers["Access-Control-Expose-Headers"]
    failed = ask("SELECT nothing", "bi", headers=origin, add_http_cors_header=1)
    assert failed.headers["Access-Control-Allow-Origin"] == "*"
    for others in (ask("SELECT 1", "bi", headers=origin), ask("SELECT 1", "bi", add_http_cors_header=1)):
        assert "Access-Control-Allow-Origin" not in others.headers
    preflight = requests.options(f"http://{warehouse.host}:{warehouse.port}/", headers=origin, timeout=10)
    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Methods"] == "POST, GET, OPTIONS"
    assert "authorization" in preflight.headers["Access-Control-Allow-Headers"]


@pytest.mark.parametrize(
    "text",
    [
        "SET max_threads = 1",
        "USE ads",
        "CREATE TABLE IF NOT EXISTS ops.no_result (x UInt8) ORDER BY x",
        "INSERT INTO ops.no_result VALUES (1)",
        "INSERT INTO ops.no_result SELECT 1",
        "ALTER TABLE ops.no_result ADD COLUMN IF NOT EXISTS y UInt8",
        "DROP TABLE IF EXISTS ops.no_result SYNC",
    ],
)
def test_a_statement_without_a_result_has_no_format(warehouse: RunningWarehouse, ask: Ask, text: str) -> None:
    ask("CREATE TABLE IF NOT EXISTS ops.no_result (x UInt8) ORDER BY x")
    answer = ask(text, default_format="JSON")
    assert answer.status_code == 200, answer.text
    assert answer.text == ""
    assert "X-ClickHouse-Format" not in answer.headers
    assert "X-ClickHouse-Summary" in answer.headers
    assert answer.headers["Content-Type"] == "text/plain; charset=UTF-8"


def test_a_statement_with_an_empty_result_has_its_format(ask: Ask) -> None:
    for text in ("SELECT 1 WHERE 0", "SHOW TABLES FROM ods LIKE 'none'", "KILL QUERY WHERE 0"):
        assert ask(text).headers["X-ClickHouse-Format"] == "TabSeparated"


@pytest.mark.parametrize("output", ["TSV", "JSONCompact", "Native"])
def test_the_summary_counts_the_rows_of_the_result(ask: Ask, output: str) -> None:
    answer = ask(f"SELECT number FROM numbers(1000) WHERE number % 10 = 0 FORMAT {output}")
    summary = json.loads(answer.headers["X-ClickHouse-Summary"])
    assert (summary["read_rows"], summary["result_rows"]) == ("1000", "100")
    assert int(summary["result_bytes"]) == 800


def test_the_summary_of_an_insert_counts_the_rows_it_wrote(ask: Ask, table: str) -> None:
    for answer in (
        ask(f"INSERT INTO {table} FORMAT TSV", data="1\ta\n2\tb\n"),
        ask(f"INSERT INTO {table} SELECT number, 'x' FROM numbers(2)"),
    ):
        summary = json.loads(answer.headers["X-ClickHouse-Summary"])
        assert (summary["written_rows"], summary["result_rows"]) == ("2", "2")


def test_the_log_of_a_client_that_disconnects_is_one_line_at_most(
    warehouse: RunningWarehouse, ask: Ask
) -> None:
    before = len(warehouse.log.read_text())
    user = warehouse.users["bi"]
    credentials = b64encode(f"{user.name}:{user.password}".encode()).decode()
    query = "SELECT number FROM numbers(100000000000) FORMAT {}"
    for output in ("TSV", "JSON"):
        for received in (0, 10_000_000):
            body = query.format(output).encode()
            head = (
                f"POST / HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {credentials}\r\n"
                f"Content-Length: {len(body)}\r\n\r\n"
            )
            with socket.create_connection((warehouse.host, warehouse.port), timeout=20) as connection:
                connection.sendall(head.encode() + body)
                while received > 0:
                    received -= len(connection.recv(65536))
    for cut in (b"--x\r\n", b""):
        with socket.create_connection((warehouse.host, warehouse.port), timeout=20) as connection:
            connection.sendall(
                f"POST / HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {credentials}\r\nContent-Length: 100\r\n"
                f"Content-Type: multipart/form-data; boundary=x\r\n\r\n".encode()
                + cut
            )
    deadline = time.monotonic() + 30
    while ask("SELECT count() FROM system.processes WHERE user = 'bi'").text != "0\n":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    log = warehouse.log.read_text()[before:]
    assert "Traceback" not in log, log
    assert "ERROR" not in log, log
