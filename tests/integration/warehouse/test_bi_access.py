"""The BI user reads marts and dimensions, and nothing else, whatever is tried."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError

from clickhouse_server.roles import BI_SYSTEM_TABLES
from tests.fixtures.warehouse import RunningWarehouse
from tests.integration.warehouse.conftest import Ask

SECRET = "the secret of ods"
RAN = "a second statement ran"
TELL = f"SELECT throwIf(1, '{RAN}')"
REFUSALS = {"164", "452", "497"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a file that nobody may read, and where nobody may write."""
    folder = tmp_path_factory.mktemp("outside")
    (folder / "secret.txt").write_text(SECRET + "\n")
    return folder


@pytest.fixture(scope="module", autouse=True)
def marts(warehouse: RunningWarehouse) -> Iterator[None]:
    """Something to read in every layer, and a secret where the BI user has no business."""
    admin = warehouse.client("admin")
    for name in TABLES:
        admin.command(
            f"CREATE OR REPLACE TABLE {name} (id UInt64, text String) ENGINE = MergeTree ORDER BY id"
        )
        admin.command(f"INSERT INTO {name} VALUES (1, '{SECRET if name not in READABLE else 'open'}')")
    admin.command(
        "CREATE OR REPLACE VIEW ads.ads_bi_view AS SELECT id, count() AS rows FROM cdm.fact_bi GROUP BY id"
    )
    admin.command(
        "CREATE OR REPLACE DICTIONARY ods.bi_dictionary (id UInt64, text String) PRIMARY KEY id "
        "SOURCE(CLICKHOUSE(TABLE 'ods_bi' DB 'ods')) LAYOUT(FLAT()) LIFETIME(0)"
    )
    admin.command("CREATE OR REPLACE TABLE ods.bi_join (id UInt64, text String) ENGINE = Join(ANY, LEFT, id)")
    yield
    admin.command("DROP DICTIONARY ods.bi_dictionary")
    admin.command("DROP VIEW ads.ads_bi_view")
    for name in (*TABLES, "ods.bi_join"):
        admin.command(f"DROP TABLE {name} SYNC")


TABLES = (
    "ads.ads_bi_mart",
    "rt.rt_bi_mart",
    "cdm.dim_bi",
    "cdm.fact_bi",
    "ods.ods_bi",
    "bronze.bi",
    "ops.bi",
)
READABLE = ("ads.ads_bi_mart", "rt.rt_bi_mart", "cdm.dim_bi")

READING = {
    "ods table": "SELECT * FROM ods.ods_bi",
    "bronze table": "SELECT * FROM bronze.bi",
    "fact table": "SELECT * FROM cdm.fact_bi",
    "ops table": "SELECT * FROM ops.bi",
    "quoted names": 'SELECT * FROM `ods`."ods_bi"',
    "escaped names": "SELECT * FROM `\\x6f\\x64\\x73`.`ods_bi`",
    "comment between": "SELECT * FROM/**/ods/* x */./*y*/ods_bi",
    "line comment": "SELECT * FROM ods -- ads.ads_bi_mart\n.ods_bi",
    "from first": "FROM ods.ods_bi SELECT *",
    "subquery": "SELECT (SELECT any(text) FROM ods.ods_bi)",
    "in": "SELECT 1 WHERE 'x' NOT IN (SELECT text FROM ods.ods_bi)",
    "in table": "SELECT 1 IN ods.bi_join",
    "join": "SELECT b.text FROM ads.ads_bi_mart AS a JOIN ods.ods_bi AS b ON a.id = b.id",
    "union": "SELECT text FROM ads.ads_bi_mart UNION ALL SELECT text FROM ods.ods_bi",
    "with": "WITH x AS (SELECT text FROM ods.ods_bi) SELECT * FROM x",
    "count only": "SELECT count() FROM ods.ods_bi",
    "merge function": "SELECT * FROM merge('ods', '.*')",
    "merge in cdm": "SELECT * FROM merge('cdm', 'fact_.*')",
    "loop function": "SELECT * FROM loop(ods.ods_bi) LIMIT 1",
    "view function": "SELECT * FROM view(SELECT * FROM ods.ods_bi)",
    "view if permitted": "SELECT * FROM "
    "viewIfPermitted(SELECT text FROM ods.ods_bi ELSE null('text String'))",
    "index of table": "SELECT * FROM mergeTreeIndex('ods', 'ods_bi')",
    "dictionary function": "SELECT * FROM dictionary('ods.bi_dictionary')",
    "dictGet": "SELECT dictGet('ods.bi_dictionary', 'text', toUInt64(1))",
    "dictGet quoted": "SELECT `dictGet`('ods.bi_dictionary', 'text', toUInt64(1))",
    "dictionary as table": "SELECT * FROM ods.bi_dictionary",
    "joinGet": "SELECT joinGet('ods.bi_join', 'text', toUInt64(1))",
    "explain": "EXPLAIN SELECT * FROM ods.ods_bi",
    "explain estimate": "EXPLAIN ESTIMATE SELECT * FROM ods.ods_bi",
    "explain as table": "SELECT * FROM (EXPLAIN SELECT * FROM ods.ods_bi)",
    "describe": "DESCRIBE TABLE ods.ods_bi",
    "show create": "SHOW CREATE TABLE ods.ods_bi",
    "check": "CHECK TABLE ods.ods_bi",
    "other's processes": "SELECT query FROM system.processes",
    "other's processes quoted": "SELECT query FROM system.`pro\\x63esses`",
    "other's processes by show": "SHOW PROCESSLIST",
    "query log": "SELECT * FROM system.query_log",
    "text log": "SELECT * FROM system.text_log",
    "parts": "SELECT * FROM system.parts",
    "users": "SELECT * FROM system.users",
    "grants": "SELECT * FROM system.grants",
    "server settings": "SELECT * FROM system.server_settings",
    "query cache": "SELECT * FROM system.query_cache",
    "errors with texts": "SELECT * FROM system.errors",
    "merge of system": "SELECT * FROM merge('system', 'proc.*')",
    "eval": "SELECT * FROM eval('SELECT text FROM ods.ods_bi')",
}

FILES_AND_NETWORK = {
    "file": "SELECT * FROM file('{folder}/secret.txt', 'LineAsString')",
    "file in capitals and comments": "SELECT * FROM/*x*/ file/*y*/('{folder}/secret.txt', 'LineAsString')",
    "file function": "SELECT file('{folder}/secret.txt')",
    "file function quoted": "SELECT `file`('{folder}/secret.txt')",
    "file function escaped": "SELECT \"fi\\x6ce\"('{folder}/secret.txt')",
    "file function applied": "SELECT * APPLY(file) FROM (SELECT '{folder}/secret.txt')",
    "file function applied bare": "SELECT * APPLY file FROM (SELECT '{folder}/secret.txt')",
    "file function applied to columns": "SELECT COLUMNS('.*') APPLY(x -> file(x)) "
    "FROM (SELECT '{folder}/secret.txt')",
    "file in a lambda": "SELECT arrayMap(x -> file(x), ['{folder}/secret.txt'])",
    "file by name": "SELECT arrayMap(file, ['{folder}/secret.txt'])",
    "file in explain": "EXPLAIN SYNTAX SELECT file('{folder}/secret.txt')",
    "file in describe": "DESCRIBE file('{folder}/secret.txt')",
    "file in a default": "SELECT ifNull(NULL, file('{folder}/secret.txt'))",
    "file in limit": "SELECT 1 LIMIT length(file('{folder}/secret.txt'))",
    "file in a window": "SELECT count() OVER (ORDER BY file('{folder}/secret.txt'))",
    "file by name in brackets": "SELECT arrayMap((file), ['{folder}/secret.txt'])",
    "file by quoted name": "SELECT arrayMap(`file`, ['{folder}/secret.txt'])",
    "file by alias": "WITH file AS f SELECT arrayMap(f, ['{folder}/secret.txt'])",
    "file by string": "SELECT arrayMap('file', ['{folder}/secret.txt'])",
    "file with heredoc": "SELECT file($x${folder}/secret.txt$x$)",
    "file cluster": "SELECT * FROM fileCluster('default', '{folder}/secret.txt', 'LineAsString')",
    "filesystem": "SELECT * FROM filesystem('{folder}')",
    "url": "SELECT * FROM url('{url}', 'LineAsString')",
    "s3": "SELECT * FROM s3('{url}', 'LineAsString')",
    "remote": "SELECT * FROM remote('127.0.0.1:{port}', 'ods', 'ods_bi')",
    "cluster": "SELECT * FROM cluster('default', 'ods', 'ods_bi')",
    "postgresql": "SELECT * FROM postgresql('127.0.0.1:{port}', 'a', 'b', 'c', 'd')",
    "mysql": "SELECT * FROM mysql('127.0.0.1:{port}', 'a', 'b', 'c', 'd')",
    "sqlite": "SELECT * FROM sqlite('{folder}/new.db', 'x')",
    "mongodb": "SELECT * FROM mongodb('127.0.0.1:{port}', 'a', 'b', 'c', 'd', 'e String')",
    "redis": "SELECT * FROM redis('127.0.0.1:{port}', 'k', 'k String')",
    "iceberg": "SELECT * FROM icebergLocal('{folder}')",
    "delta": "SELECT * FROM deltaLakeLocal('{folder}')",
    "executable": "SELECT * FROM executable('id', 'TSV', 'x String')",
    "python": "SELECT * FROM python('x')",
    "ai function": "SELECT aiGenerate('x', 'y')",
    "outfile": "SELECT 1 INTO OUTFILE '{folder}/new.txt'",
    "outfile with comments": "SELECT 1 INTO/**/OUTFILE/**/'{folder}/new.txt' TRUNCATE FORMAT CSV",
    "outfile after union": "(SELECT 1) UNION ALL (SELECT 2) INTO OUTFILE '{folder}/new.txt'",
    "explain into outfile": "EXPLAIN SELECT 1 INTO OUTFILE '{folder}/new.txt'",
    "infile": "INSERT INTO ads.ads_bi_mart FROM INFILE '{folder}/secret.txt' FORMAT TSV",
    "template format": "SELECT 1 FORMAT Template SETTINGS format_template_row = '{folder}/secret.txt'",
    "schema file": "SELECT 1 FORMAT Protobuf SETTINGS format_schema = '{folder}/new.proto:M'",
    "row formatted by template": "SELECT formatRow('Template', 1)",
    "server side port": "SELECT getServerPort('tcp_port')",
}

CHANGING = {
    "insert": "INSERT INTO ads.ads_bi_mart VALUES (9, 'x')",
    "insert select": "INSERT INTO ads.ads_bi_mart SELECT 9, 'x'",
    "insert into function": "INSERT INTO FUNCTION file('{folder}/new.txt', 'CSV', 'x String') SELECT 'x'",
    "insert after with": "WITH 9 AS n INSERT INTO ads.ads_bi_mart SELECT n, 'x'",
    "explained insert": "EXPLAIN PIPELINE INSERT INTO ads.ads_bi_mart SELECT 9, 'x'",
    "second statement": "SELECT 1; INSERT INTO ads.ads_bi_mart VALUES (9, 'x')",
    "second statement that tells": f"SELECT 1; {TELL}",
    "second statement as another role": "SELECT 1; SET ROLE admin; SELECT toUInt64(text) FROM ods.ods_bi",
    "second statement after typographic quotes": f"SELECT \u2018it's\u2019; {TELL}; SELECT ''",
    "second statement in no heredoc": f"SELECT 1 AS x$b$; {TELL}; SELECT 1 AS y$b$",
    "second statement after an unusual blank": f"\u200bSELECT 1; {TELL}",
    "statement in parallel": "SELECT 1 PARALLEL WITH SET ROLE admin",
    "second statement after data": "SELECT 1 FORMAT CSV; DROP TABLE ads.ads_bi_mart",
    "statement behind a comment": "SELECT 1 -- x\n; DROP TABLE ads.ads_bi_mart",
    "comment first": "/* SELECT */ DROP TABLE ads.ads_bi_mart",
    "drop": "DROP TABLE ads.ads_bi_mart",
    "truncate": "TRUNCATE TABLE ads.ads_bi_mart",
    "delete": "DELETE FROM ads.ads_bi_mart WHERE 1",
    "update": "UPDATE ads.ads_bi_mart SET text = 'x' WHERE 1",
    "alter": "ALTER TABLE ads.ads_bi_mart ADD COLUMN c Int8",
    "rename": "RENAME TABLE ads.ads_bi_mart TO ads.gone",
    "exchange": "EXCHANGE TABLES ads.ads_bi_mart AND cdm.dim_bi",
    "detach": "DETACH TABLE ads.ads_bi_mart",
    "optimize": "OPTIMIZE TABLE ads.ads_bi_mart FINAL",
    "create": "CREATE TABLE ads.mine (x Int8) ENGINE = Memory",
    "create view": "CREATE VIEW ads.mine AS SELECT * FROM ods.ods_bi",
    "create temporary": "CREATE TEMPORARY TABLE mine AS SELECT * FROM ods.ods_bi",
    "create function": "CREATE FUNCTION mine AS x -> file(x)",
    "create database": "CREATE DATABASE mine",
    "system": "SYSTEM SHUTDOWN",
    "kill": "KILL QUERY WHERE 1",
    "backup": "BACKUP TABLE ads.ads_bi_mart TO File('{folder}/new')",
    "set role": "SET ROLE admin",
    "set role default": "SET ROLE DEFAULT",
    "grant": "GRANT admin TO default",
    "create user": "CREATE USER mine",
    "execute as": "EXECUTE AS default SELECT 1",
    "set": "SET max_execution_time = 0",
    "use": "USE ods",
    "settings in the text": "SELECT 1 SETTINGS max_memory_usage = 0",
    "settings in a subquery": "SELECT * FROM (SELECT 1 SETTINGS max_execution_time = 0)",
    "readonly off": "SELECT 1 SETTINGS readonly = 0",
    "filter with an expression": "SELECT * FROM ads.ads_bi_mart SETTINGS additional_table_filters = "
    "{{'ads.ads_bi_mart': 'throwIf(file(\\'{folder}/secret.txt\\') != \\'\\')'}}",
    "identifier parameter": "SELECT * FROM system.{{table:Identifier}}",
}

ATTACKS = READING | FILES_AND_NETWORK | CHANGING

SETTINGS = {
    "max_execution_time": "0",
    "max_memory_usage": "0",
    "final": "0",
    "max_result_bytes": "0",
    "readonly": "0",
    "allow_ddl": "1",
    "allow_introspection_functions": "1",
    "additional_table_filters": "{'ads.ads_bi_mart': 'file(\\'/etc/passwd\\') != \\'\\''}",
    "additional_result_filter": "file('/etc/passwd') != ''",
    "dialect": "prql",
    "format_schema": "/etc/passwd:x",
    "output_format_schema": "/tmp/schema",
    "default_format": "Protobuf",
    "format_template_row": "/etc/passwd",
    "log_queries": "0; DROP TABLE ads.ads_bi_mart",
    "metrics_perf_events_list": "x",
    "max_threads": "100000",
    "join_use_nulls` = 1, `readonly": "0",
}


def test_there_are_enough_attacks() -> None:
    assert len(ATTACKS) + len(SETTINGS) > 100


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_is_refused(ask: Ask, warehouse: RunningWarehouse, folder: Path, name: str) -> None:
    url = f"http://127.0.0.1:{warehouse.port}/ping"
    text = ATTACKS[name].format(folder=folder, url=url, port=warehouse.port)
    for params in (
        {},
        {"session_id": str(uuid.uuid4())},
        {"default_format": "JSON", "param_table": "processes"},
    ):
        answer = ask(text, "bi", **params)
        assert answer.status_code >= 400, answer.text
        assert answer.headers["X-ClickHouse-Exception-Code"] in REFUSALS | {"43", "62"}, answer.text
        assert SECRET not in answer.text
        assert RAN not in answer.text
    assert [path.name for path in folder.iterdir()] == ["secret.txt"]
    assert ask("SELECT * FROM ads.ads_bi_mart").text == "1\topen\n"
    assert ask("SELECT name FROM system.tables WHERE name IN ('mine', 'gone')").text == ""


@pytest.mark.parametrize("name", SETTINGS)
def test_setting_is_refused(ask: Ask, name: str) -> None:
    answer = ask("SELECT * FROM ads.ads_bi_mart", "bi", **{name: SETTINGS[name]})
    assert answer.headers.get("X-ClickHouse-Exception-Code") in REFUSALS, answer.text
    assert ask("SELECT count() FROM ads.ads_bi_mart").text == "1\n"


@pytest.mark.parametrize("name", [name for name in ATTACKS if name in READING])
def test_the_same_text_works_for_the_administrator_or_fails_otherwise(
    ask: Ask, folder: Path, name: str
) -> None:
    """An attack that is refused because it is misspelt proves nothing."""
    answer = ask(ATTACKS[name].format(folder=folder, url="", port=1), "admin")
    assert answer.headers.get("X-ClickHouse-Exception-Code") != "62", answer.text


def test_other_ways_to_send_a_text_are_refused_too(ask: Ask) -> None:
    insert = "INSERT INTO ads.ads_bi_mart FORMAT TSV"
    for answer in (
        ask(insert, "bi", data="9\tx\n"),
        ask(f"{insert}\n9\tx\n", "bi"),
        ask("SELECT 1", "bi", data="; DROP TABLE ads.ads_bi_mart"),
        ask("SELECT * FROM ods_bi", "bi", database="ods"),
        ask("SELECT query FROM processes", "bi", database="system"),
        ask(b"SELECT 1 /* \xff\xfe */", "bi"),
        ask("SELECT file('/etc/passwd')".encode("utf-16"), "bi"),
        ask("SELECT 1\0; DROP TABLE ads.ads_bi_mart", "bi"),
    ):
        assert answer.status_code >= 400, answer.text
    assert ask("SELECT * FROM ads.ads_bi_mart").text == "1\topen\n"


def test_system_tables_show_only_what_may_be_read(ask: Ask) -> None:
    allowed = (
        "database IN ('ads', 'rt', 'system', 'INFORMATION_SCHEMA', 'information_schema') OR name LIKE 'dim_%'"
    )
    assert ask(f"SELECT database, name FROM system.tables WHERE NOT ({allowed})", "bi").text == ""
    columns = allowed.replace("name", "table")
    assert ask(f"SELECT database, table FROM system.columns WHERE NOT ({columns})", "bi").text == ""
    assert ask("SHOW TABLES FROM ods", "bi").text == ""
    assert ask("SELECT table_name FROM information_schema.tables WHERE table_schema = 'ods'", "bi").text == ""


def test_every_system_table_is_listed_or_refused(ask: Ask) -> None:
    names = ask("SELECT name FROM system.tables WHERE database = 'system'").text.split()
    readable = {
        name for name in names if ask(f"SELECT * FROM system.{name} LIMIT 0", "bi").status_code == 200
    }
    assert readable <= set(BI_SYSTEM_TABLES)
    assert {"tables", "columns", "settings"} <= readable


@pytest.mark.parametrize(
    "text",
    [
        "SELECT id, text FROM ads.ads_bi_mart",
        "SELECT rows FROM ads.ads_bi_view",
        "SELECT a.text FROM ads.ads_bi_mart AS a LEFT JOIN cdm.dim_bi AS d USING (id) "
        "WHERE a.id IN (1, 2) ORDER BY a.id",
        "SELECT toStartOfMonth(today()) AS m, sumIf(id, text = 'open'), quantileTDigest(0.5)(id), "
        "uniqExact(text), count(DISTINCT id), round(avg(id), 2), argMax(text, id) "
        "FROM rt.rt_bi_mart GROUP BY m HAVING count() > 0",
        "WITH x AS (SELECT *, row_number() OVER (PARTITION BY text ORDER BY id) AS n FROM cdm.dim_bi) "
        "SELECT * FROM x",
        "SELECT CASE WHEN id = 1 THEN 'one' ELSE 'more' END, CAST(id AS Decimal(18, 2)), id::String "
        "FROM ads.ads_bi_mart",
        "SELECT arrayMap(x -> x + 1, [1, 2]), map('a', 1), tuple(1, 'x'), (1, 2).1, today() - INTERVAL 1 DAY",
        "SELECT version(), timezone(), currentUser(), currentDatabase()",
        "SELECT name, value, readonly FROM system.settings LIMIT 5",
        "SELECT name FROM system.databases",
        "SELECT name, type, comment FROM system.columns WHERE database = 'ads' AND table = 'ads_bi_mart'",
        "SELECT database, name, engine, total_rows FROM system.tables WHERE database = 'ads'",
        "SELECT name FROM system.functions WHERE name = 'sum'",
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'ads'",
        "SHOW DATABASES",
        "SHOW TABLES FROM ads",
        "DESCRIBE TABLE ads.ads_bi_mart",
        "EXISTS TABLE ads.ads_bi_mart",
        "EXPLAIN SELECT * FROM ads.ads_bi_mart",
        "SELECT * FROM ads.ads_bi_mart FORMAT JSON",
        "SELECT number FROM numbers(3) UNION ALL SELECT 5 LIMIT 2",
        "SELECT id, count() FROM ads.ads_bi_mart GROUP BY GROUPING SETS ((id), ()) ORDER BY id WITH FILL",
        "SELECT extract(YEAR FROM now()), dateDiff('day', today(), today()), formatDateTime(now(), '%Y'), "
        "if(1, 2, 3)",
    ],
)
def test_what_a_dashboard_asks_is_answered(ask: Ask, text: str) -> None:
    answer = ask(text, "bi")
    assert answer.status_code == 200, answer.text


def test_a_bi_tool_may_choose_how_results_look(ask: Ask) -> None:
    answer = ask(
        "SELECT 18446744073709551615 AS n FORMAT JSONEachRow", "bi", output_format_json_quote_64bit_integers=1
    )
    assert answer.text == '{"n":"18446744073709551615"}\n'
    assert (
        ask("SELECT {x:String} FORMAT TSVRaw", "bi", param_x="1'; DROP TABLE x; --").text
        == "1'; DROP TABLE x; --\n"
    )
    assert ask("SELECT 1", "bi", max_execution_time=5, session_timezone="Asia/Tokyo").text == "1\n"


def test_clickhouse_connect_works_for_a_reader(warehouse: RunningWarehouse) -> None:
    client = warehouse.client("bi")
    assert client.query(
        "SELECT text FROM ads.ads_bi_mart WHERE id = {id:UInt64}", parameters={"id": 1}
    ).first_row == ("open",)
    assert client.query_df("SELECT * FROM cdm.dim_bi")["text"].tolist() == ["open"]
    with pytest.raises(DatabaseError, match="497"):
        client.query("SELECT * FROM ods.ods_bi")
    with pytest.raises(DatabaseError):
        client.insert("ads.ads_bi_mart", [[9, "x"]], column_names=["id", "text"])


def test_limits_hold_for_a_reader(ask: Ask) -> None:
    assert ask("SELECT getSetting('max_execution_time'), getSetting('readonly')", "bi").text == "300\t1\n"


FORMATS_THAT_GO_ON = (
    f"JSON; {TELL}",
    "JSON; SET ROLE admin; SELECT toUInt64(text) FROM ods.ods_bi",
    "JSON; SELECT 1 INTO OUTFILE '{folder}/new.txt' FORMAT CSV",
    "JSON; CREATE DATABASE mine",
    "JSON\r\nX-Other: 1",
    "",
)


@pytest.mark.parametrize("role", ["bi", "writer", "admin"])
@pytest.mark.parametrize("output", FORMATS_THAT_GO_ON)
def test_a_default_format_is_a_name(ask: Ask, folder: Path, output: str, role: str) -> None:
    given = output.format(folder=folder)
    for answer in (
        ask("SELECT 1 AS one", role, default_format=given),
        ask("SELECT 1 AS one", role, headers={"X-ClickHouse-Format": given.replace("\r\n", " ")}),
    ):
        assert SECRET not in answer.text
        assert answer.headers.get("X-ClickHouse-Exception-Code") == ("73" if given else None), answer.text
    assert [path.name for path in folder.iterdir()] == ["secret.txt"]
    assert ask("SELECT count() FROM system.databases WHERE name = 'mine'").text == "0\n"


ESCALATIONS = (
    "SHOW TABLES; SET ROLE admin; CREATE DATABASE mine",
    "DROP TABLE IF EXISTS ods.nothing; SET ROLE admin; CREATE DATABASE mine",
    "DROP TABLE IF EXISTS ods.nothing PARALLEL WITH SET ROLE admin",
    "DROP TABLE IF EXISTS ods.x$b$; SET ROLE admin; CREATE DATABASE mine; DROP TABLE IF EXISTS ods.y$b$",
    "SELECT \u2018it's\u2019 FORMAT JSON; SET ROLE admin; CREATE DATABASE mine; SELECT ''",
    "SET \u200b\u200b\u200bROLE admin",
    "\u200bSET ROLE admin",
    "SELECT 1 FORMAT JSON; SET ROLE admin; CREATE DATABASE mine",
    "INSERT INTO ods.ods_bi (id); SET ROLE admin; INSERT INTO ods.ods_bi FORMAT TSV\n1\tx\n",
    "INSERT INTO ods.ods_bi FROM\u200bINFILE '/etc/passwd' FORMAT LineAsString",
    "KILL QUERY WHERE (SELECT count() FROM file('/etc/passwd', 'LineAsString')) > 0",
)


@pytest.mark.parametrize("text", ESCALATIONS)
@pytest.mark.parametrize("params", [{}, {"default_format": "JSON"}], ids=["TSV", "JSON"])
def test_a_writer_does_not_become_the_administrator(ask: Ask, text: str, params: dict[str, str]) -> None:
    session = str(uuid.uuid4())
    answer = ask(text, "writer", session_id=session, **params)
    assert answer.headers["X-ClickHouse-Exception-Code"] in {"62", "497"}, answer.text
    assert ask("SELECT currentRoles()", "writer", session_id=session).text == "['writer']\n"
    assert ask("SELECT count() FROM system.databases WHERE name = 'mine'").text == "0\n"
    assert ask("SELECT count() FROM ods.ods_bi").text == "1\n"


@pytest.mark.parametrize(
    "text",
    [
        "SET ROLE admin",
        "/* x */ SET ROLE DEFAULT",
        "SELECT 1; SET ROLE admin",
        "GRANT admin TO default",
        "CREATE USER mine",
        "CREATE ROLE mine",
        "DROP USER default",
        "CREATE DATABASE mine",
        "CREATE FUNCTION mine AS x -> file(x)",
        "SELECT * FROM file('/etc/passwd')",
        "SELECT file('/etc/passwd')",
        "SELECT 1 INTO OUTFILE '/tmp/x'",
    ],
)
def test_the_writer_manages_data_and_not_access(ask: Ask, text: str) -> None:
    answer = ask(text, "writer")
    assert answer.status_code >= 400, answer.text
    assert ask("CREATE DATABASE IF NOT EXISTS ods", "writer").status_code == 200
